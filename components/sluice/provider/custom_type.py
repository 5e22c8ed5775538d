"""What every custom resource of the plugin has in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sluice.errors import SluiceError
from sluice.provider.work import Work

Values = dict[str, Any]
"""A resource's properties as plain Python, by their names on the wire; what a preview does not know is `UNKNOWN`."""
Failure = tuple[str, str]
"""A property, or nothing for the whole, and what is wrong with it."""


class NotReady(SluiceError):
    """The resource is there, but not as it should be: it is recorded, and the next update continues with it."""

    def __init__(self, identity: str, outputs: Values, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.identity, self.outputs, self.reasons = identity, outputs, reasons


class CustomType(ABC):
    """One type of resource: a table, and what is done for it."""

    token: ClassVar[str]
    required: ClassVar[frozenset[str]]
    optional: ClassVar[frozenset[str]]
    defaults: ClassVar[Mapping[str, Any]] = {}
    """What an input is that is left out."""
    guards: ClassVar[frozenset[str]] = frozenset()
    """Inputs that only say where a resource may be made: a change of them changes nothing."""
    untold: ClassVar[frozenset[str]] = frozenset()
    """Inputs that AWS does not know, and that are kept as they were declared."""
    fixed_name: ClassVar[str | None] = None
    """The input by which AWS knows it: what has the same name must go before a new one can be made."""
    mutable: ClassVar[frozenset[str]]
    """Inputs that change in place; a change of any other makes a new resource."""
    decided: ClassVar[frozenset[str]]
    """Outputs that AWS decides."""
    found_out: ClassVar[frozenset[str]] = frozenset()
    """Those of them that a check finds out, so that a preview knows them and a change of them is a difference."""
    stable: ClassVar[frozenset[str]]
    """Outputs that no change in place alters."""

    def check(self, inputs: Values, old: Values) -> Iterator[Failure]:
        """Yields what is wrong with inputs, as far as they are known; `old` are those of the last deployment."""
        known = self.required | self.optional
        yield from ((key, "is no property of this resource") for key in sorted(inputs.keys() - known))
        yield from ((key, "is missing") for key in sorted(self.required - inputs.keys()))
        yield from self.check_more(inputs, old)

    def check_more(self, inputs: Values, old: Values) -> Iterator[Failure]:
        """Yields what is wrong beyond names."""
        yield from ()

    def find_out(self, work: Work, inputs: Values, old: Values) -> Values:
        """Returns what `found_out` says, of inputs without mistakes; `old` are those of the last deployment."""
        return {}

    def refuse(self, work: Work, old: Values, new: Values) -> Iterator[Failure]:
        """Yields what an update may not do to what is there; asked at preview too. `old` are the last inputs."""
        yield from ()

    def refuse_creation(self, work: Work, inputs: Values) -> Iterator[Failure]:
        """Yields what a creation may not do to what is there already; asked at preview."""
        yield from ()

    def remark(self, work: Work, inputs: Values) -> None:
        """Says what somebody should know of a resource whose declaration did not change."""
        return

    @abstractmethod
    def create(self, work: Work, inputs: Values, timeout: float) -> tuple[str, Values]:
        """Creates the resource, and returns its id and outputs when it is ready; `timeout` is seconds, 0 the usual."""

    @abstractmethod
    def read(self, work: Work, identity: str, inputs: Values) -> Values | None:
        """Returns inputs and outputs as AWS has them, or None when there is nothing; in an import `inputs` is empty."""

    @abstractmethod
    def update(self, work: Work, identity: str, old: Values, new: Values, timeout: float) -> Values:
        """Changes the resource in place, and returns its outputs."""

    @abstractmethod
    def delete(self, work: Work, identity: str, outputs: Values, timeout: float) -> None:
        """Deletes the resource; that there is none any more is as good."""
