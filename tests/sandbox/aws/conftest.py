"""Clients of the sandbox's AWS, to look and to meddle."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from sluice_sandbox.aws.supervisor import Aws

Client = Callable[[str], Any]


@pytest.fixture
def client(sandbox_aws: Aws) -> Client:
    """Returns a boto3 client of a service, as somebody else in the account has it."""

    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox_aws.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="somebody",
            aws_secret_access_key="else",
        )

    return make
