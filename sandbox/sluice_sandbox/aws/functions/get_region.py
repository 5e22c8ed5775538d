"""Which region is asked."""

from typing import Any

from sluice_sandbox.aws.clients import Clients

TOKEN = "aws:index/getRegion:getRegion"


def call(aws: Clients, arguments: dict[str, Any]) -> dict[str, Any]:
    region = arguments.get("region") or aws.region
    return {
        "id": region,
        "region": region,
        "name": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
        "description": region,
    }
