"""
What can go wrong with a source. No message has a credential in it.

    SluiceError
    └── SourceError
        ├── NotInstalled        the source's client is not there; the message says how to get it
        ├── SourceDown          it does not answer
        ├── SourceSlow          it answers too late
        ├── CredentialRefused   it does not know us, or does not let us
        ├── NoSuchVersion       it has nothing of that name, version or revision
        ├── NotPinned           what is asked for can come to mean something else
        └── DigestMismatch      what is there is not what was declared
"""

from sluice.errors import SluiceError


class SourceError(SluiceError):
    """The base of every error of a source."""


class NotInstalled(SourceError):
    """The client of a source is an extra that is not installed."""

    def __init__(self, source: str, extra: str) -> None:
        super().__init__(
            f"{source}: its client is not installed; install it with: pip install 'pulumi-sluice[{extra}]'"
        )


class SourceDown(SourceError):
    def __init__(self, source: str, where: str, reason: str) -> None:
        super().__init__(f"{source} at {where} does not answer ({reason}); is the address right, and is it running?")


class SourceSlow(SourceError):
    def __init__(self, source: str, where: str, seconds: float) -> None:
        super().__init__(f"{source} at {where} did not answer within {seconds:g} s; try again, or raise --timeout")


class CredentialRefused(SourceError):
    def __init__(self, source: str, where: str, fix: str) -> None:
        super().__init__(f"{source} at {where} refuses the credential; {fix}")


class NoSuchVersion(SourceError):
    def __init__(self, source: str, where: str, what: str, known: str = "") -> None:
        """`what` is missing; `known` are ones that are there, for a hint."""
        hint = f"; there are: {known}" if known else ""
        super().__init__(f"{source} at {where} has no {what}{hint}")


class NotPinned(SourceError):
    pass


class DigestMismatch(SourceError):
    def __init__(self, source: str, what: str, found: str, expected: str) -> None:
        super().__init__(f"{source}: {what} is {found}, expected {expected}; what is there is not what was declared")
