"""Which of Amazon's separate clouds is asked; the sandbox's is the ordinary one."""

from typing import Any

from sluice_sandbox.aws.clients import Clients

TOKEN = "aws:index/getPartition:getPartition"


def call(aws: Clients, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
