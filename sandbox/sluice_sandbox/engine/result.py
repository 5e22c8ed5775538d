"""What an operation did, or would do."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sluice.provider.wire import Json
from sluice_sandbox.engine import values
from sluice_sandbox.engine.checkpoint import Deployment as State
from sluice_sandbox.engine.events import Diagnostic, StepRecord
from sluice_sandbox.engine.steps import Op
from sluice_sandbox.engine.violations import Violation

_HARMLESS = (Op.SAME, Op.READ, Op.READ_DISCARD, Op.READ_REPLACEMENT)


@dataclass(frozen=True)
class Result:
    """A preview, update, refresh or destroy, over."""

    kind: str
    """`update`, `refresh` or `destroy`."""
    preview: bool
    succeeded: bool
    steps: list[StepRecord]
    """Everything that happened, in order, the engine's own doings included."""
    state: State
    outputs: Mapping[str, Json]
    """The stack's outputs, secrets in the clear."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    packs: list[str] = field(default_factory=list)
    """Names of the policy packs that were asked."""
    seconds: float = 0.0

    @property
    def visible(self) -> list[StepRecord]:
        """The steps that a person is shown: one for each resource of the program."""
        return [record for record in self.steps if record.visible]

    @property
    def changes(self) -> dict[str, int]:
        """How many resources each operation concerned: `{"create": 3, "same": 12}`."""
        return dict(Counter(record.op.value for record in self.visible))

    @property
    def changed(self) -> bool:
        """True unless the world is, or would be left, as it was."""
        return any(record.op not in _HARMLESS for record in self.visible)

    @property
    def ops(self) -> dict[str, list[str]]:
        """From a URN to the operations on it, in order: what tests assert."""
        by_urn: dict[str, list[str]] = {}
        for record in self.steps:
            by_urn.setdefault(record.urn, []).append(record.op.value)
        return by_urn

    @property
    def masked_outputs(self) -> dict[str, Json]:
        """The stack's outputs, fit to be shown."""
        return {key: values.masked(value) for key, value in self.outputs.items()}

    def step(self, name: str) -> StepRecord:
        """Returns the visible step on the resource of that name. Raises LookupError unless there is exactly one."""
        found = [record for record in self.visible if record.name == name]
        if len(found) != 1:
            names = ", ".join(sorted({record.name for record in self.visible}))
            raise LookupError(f"{len(found)} steps on a resource {name!r}; there are steps on: {names}")
        return found[0]

    def errors(self) -> str:
        """Returns the error messages, one after the other."""
        return "\n".join(item.message for item in self.diagnostics if item.severity.value == "error")
