"""What is shown while a deployment runs: a tree that moves on a terminal, a line for each event anywhere else."""

from types import TracebackType

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.display.palette import STYLES, short_type
from sluice_sandbox.engine.display.tree_view import status_of, tree_lines
from sluice_sandbox.engine.events import Diagnostic, Severity, Status, StepRecord
from sluice_sandbox.engine.steps import Op
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.engine.violations import Violation


class Progress:
    """Shows steps as they begin and end. Use as a context manager around the operation."""

    def __init__(self, console: Console, *, preview: bool) -> None:
        self._console = console
        self._preview = preview
        self._records: list[StepRecord] = []
        self._live = Live(self, console=console, refresh_per_second=8, transient=True) if console.is_terminal else None

    def __enter__(self) -> "Progress":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # The newest steps are what is waited for, and a terminal has an end.
        lines = tree_lines(self._records, preview=self._preview)
        room = max(options.max_height - 2, 1)
        yield from lines if len(lines) <= room else [lines[0], *lines[1 - room :]]

    def begun(self, record: StepRecord) -> None:
        self._records = [*self._records, record]
        if record.op is not Op.SAME:
            self._say(record)

    def ended(self, record: StepRecord) -> None:
        if record.op is not Op.SAME:
            self._say(record)

    def outputs(self, urn: str, outputs: Inputs) -> None:
        return

    def diagnosed(self, diagnostic: Diagnostic) -> None:
        # Everything is said once more at the end; what a person should know now is said now.
        if diagnostic.severity is not Severity.INFO and self._live is None:
            about = f" {short_type(diagnostic.urn)} {urns.name_of(diagnostic.urn)}" if diagnostic.urn else ""
            self._print(f"   {about} {diagnostic.severity.value}: {diagnostic.message.splitlines()[0]}")

    def violated(self, violation: Violation) -> None:
        return

    def told(self, urn: str, message: str) -> None:
        self._print(f"    {short_type(urn)} {urns.name_of(urn)}: {message}")

    def _say(self, record: StepRecord) -> None:
        # A preview is over before anybody has read its first line.
        if self._live is not None or not record.visible or self._preview:
            return
        status = status_of(record, preview=self._preview)
        style = "red" if record.status is Status.FAILED else STYLES[record.op]
        self._print(f" {record.op.prefix} {short_type(record.urn)} {urns.name_of(record.urn)} {status}", style)

    def _print(self, line: str, style: str = "") -> None:
        self._console.print(line, style=style or None, markup=False, highlight=False, soft_wrap=True)
