"""The sandbox's AWS, as sources find it: by the environment."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from sluice_sandbox.aws.supervisor import Aws

SECRET = "hush-do-not-tell"
ClientOf = Callable[[str], Any]


def environment(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Leads AWS's clients to an address, with credentials that no message may hold."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        patch.delenv(name, raising=False)
    patch.setenv("AWS_ENDPOINT_URL", endpoint)
    patch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODY")
    patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    patch.setenv("AWS_REGION", "eu-west-1")


def client_of(aws: Aws) -> ClientOf:
    """Returns what makes clients of the same AWS for somebody else."""
    return lambda service: boto3.client(
        service,
        endpoint_url=aws.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="somebody",
        aws_secret_access_key="else",
    )
