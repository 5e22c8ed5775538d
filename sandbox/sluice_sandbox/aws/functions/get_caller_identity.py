"""Who is asking."""

from typing import Any

from sluice_sandbox.aws.clients import Clients

TOKEN = "aws:index/getCallerIdentity:getCallerIdentity"


def call(aws: Clients, arguments: dict[str, Any]) -> dict[str, Any]:
    answer = aws.call("sts", "GetCallerIdentity")
    return {"id": answer["Account"], "accountId": answer["Account"], "arn": answer["Arn"], "userId": answer["UserId"]}
