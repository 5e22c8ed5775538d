"""
Everything that the sandbox raises on purpose.

    SluiceError
    └── SandboxError
        ├── NotInSandbox       something of Pulumi that only the CLI does
        ├── UnknownStack       no configuration and no state of that name
        ├── StackLocked        another update is running
        ├── StateDamaged       the checkpoint cannot be read
        ├── WrongPassphrase    the state's secrets cannot be read
        ├── NotWritable        the disk refuses
        ├── InvalidResource    a resource may not be deployed as declared; why has been reported
        ├── StepFailed         a step did not succeed; why has been reported
        ├── UpdateFailed       one or more steps failed; the state is valid
        ├── UnexpectedChanges  --expect-no-changes, and there were some
        ├── NotConfirmed       nobody is there to say yes
        ├── Cancelled          a person stopped it
        └── AwsUnavailable     the sandbox's AWS cannot be started or reached
"""

from typing import Any

from sluice.errors import SluiceError


class SandboxError(SluiceError):
    """The base of every error of the sandbox."""


class NotInSandbox(SandboxError):
    """A feature of Pulumi that the sandbox engine does not have."""

    def __init__(self, feature: str, where: str = "") -> None:
        """`feature` as Pulumi's documentation names it; `where` is a resource or command."""
        place = f" ({where})" if where else ""
        super().__init__(
            f"the sandbox engine does not support {feature}{place}; "
            "run this program with the Pulumi CLI: `pulumi up` (https://www.pulumi.com/docs/install/)"
        )


class UnknownStack(SandboxError):
    exit_code = 6


class StackLocked(SandboxError):
    pass


class StateDamaged(SandboxError):
    pass


class WrongPassphrase(SandboxError):
    pass


class NotWritable(SandboxError):
    pass


class InvalidResource(SandboxError):
    pass


class StepFailed(SandboxError):
    pass


class UpdateFailed(SandboxError):
    """Carries the result of the operation, which says what was done before and what went wrong."""

    def __init__(self, message: str, result: Any) -> None:
        super().__init__(message)
        self.result = result


class UnexpectedChanges(SandboxError):
    exit_code = 7


class NotConfirmed(SandboxError):
    exit_code = 2


class Cancelled(SandboxError):
    exit_code = 8


class AwsUnavailable(SandboxError):
    pass
