"""Clients of the sandbox's AWS, to look and to meddle, and the lives of its resources."""

from typing import Any

import boto3
import pytest

from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox

pytest.register_assert_rewrite("tests.sandbox.aws.life_cycle")

from tests.sandbox.aws.alarming import Account  # noqa: E402
from tests.sandbox.aws.life_cycle import MEMBER, REGION, Client, Life, LifeCycle, begin  # noqa: E402


@pytest.fixture
def client(sandbox_aws: Aws) -> Client:
    """Returns a boto3 client of a service, as somebody else in the account has it."""

    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox_aws.endpoint,
            region_name=REGION,
            aws_access_key_id="somebody",
            aws_secret_access_key="else",
        )

    return make


@pytest.fixture
def account(client: Client, sandbox_aws: Aws) -> Account:
    """An account whose clock stands at the beginning of a minute."""
    made = Account(client, sandbox_aws)
    made.stop_at_a_minute()
    return made


@pytest.fixture
def life(request: pytest.FixtureRequest, sandbox: Sandbox, sandbox_aws: Aws) -> Life:
    """The life of a resource that was just made."""
    return begin(request.param, sandbox, sandbox_aws)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test of life cycles for each case of its class that has what the test is about."""
    if metafunc.cls is not None and issubclass(metafunc.cls, LifeCycle) and "life" in metafunc.fixturenames:
        member = getattr(metafunc.function, MEMBER, "token")
        cases = [case for case in metafunc.cls.cases if getattr(case, member) is not None]
        metafunc.parametrize("life", cases, ids=[case.id for case in cases], indirect=True)
