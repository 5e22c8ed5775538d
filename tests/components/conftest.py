"""What tests of components share: stacks in one region of the sandbox's AWS, and clients that look at it."""

from collections.abc import Callable
from typing import Any

import pytest

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox, SandboxStack

REGION = "eu-west-1"
Deploy = Callable[..., SandboxStack]
ClientOf = Callable[[str], Any]


@pytest.fixture
def client(sandbox_aws: Aws) -> ClientOf:
    """Returns a client of a service, to see what is there and not what was declared."""
    return Clients(REGION, sandbox_aws.endpoint).client


@pytest.fixture
def deploy(sandbox: Sandbox, sandbox_aws: Aws) -> Deploy:
    """Returns a stack of a program on the sandbox's AWS, where no endpoint takes its time."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_delete=0)

    def declare(program: Callable[[], None], **config: Any) -> SandboxStack:
        return sandbox.stack(program, {"aws:region": REGION, **config})

    return declare
