"""One `sluice sandbox` command on one stack: runs operations and shows them."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from sluice_sandbox.engine.result import Result
    from sluice_sandbox.engine.stack import Stack
    from sluice_sandbox.local import LocalSandbox


class Session:
    """One command on one stack."""

    def __init__(
        self,
        cwd: Path,
        stack: str | None,
        packs: list[Path] | None,
        parallel: int,
        aws_port: int,
        *,
        diff: bool,
        as_json: bool,
        pack_configs: list[Path] | None = None,
    ) -> None:
        sandbox = sandbox_at(cwd, aws_port)
        self.clear_pending_creates = False
        self._skipped_preview = False
        self._stack: Stack = sandbox.stack(
            choose(sandbox, stack),
            [pack.resolve() for pack in packs or []],
            parallel,
            [config.resolve() for config in pack_configs or []],
        )
        self._diff = diff
        self._as_json = as_json
        self._console = Console(stderr=as_json)

    def run(self, kind: str, *, preview: bool) -> "Result":
        """Runs one operation and shows it."""
        from sluice_sandbox.engine.display.progress import Progress
        from sluice_sandbox.engine.display.report import report, title

        if self._as_json:
            return self._operate(kind, preview)
        before = self._outputs()
        self._console.print(title(kind, self._stack.name, preview=preview))
        with Progress(self._console, preview=preview) as progress:
            result = self._operate(kind, preview, progress)
        # What was shown before it was done need not be shown twice.
        report(self._console, result, before, diff=self._diff and (preview or self._skipped_preview))
        return result

    def confirmed(self, kind: str, *, yes: bool, skip_preview: bool) -> "Result":
        """Shows an operation, asks, and runs it. A preview that fails is the result."""
        from sluice_sandbox.errors import NotConfirmed

        if not (yes or skip_preview) and (self._as_json or not _somebody_is_there()):
            raise NotConfirmed(
                "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode"
            )
        self._skipped_preview = skip_preview
        if not skip_preview and not self._as_json:
            shown = self.run(kind, preview=True)
            if not shown.succeeded:
                return shown
            confirm(f"{kind} the stack {self._stack.name}", yes=yes)
            self._console.print()
        return self.run(kind, preview=False)

    def finish(self, result: "Result", *, expect_no_changes: bool = False) -> None:
        """Ends the command as the result deserves."""
        from sluice_sandbox.engine.display.json_view import digest
        from sluice_sandbox.errors import UnexpectedChanges

        if self._as_json:
            shown = {key: self._shown(key, value) for key, value in self._stack.config.values.items()}
            typer.echo(json.dumps(digest(result, shown), indent=4))
        if not result.succeeded:
            raise typer.Exit(1)
        if expect_no_changes and result.changed:
            said = "were proposed" if result.preview else "occurred"
            raise UnexpectedChanges(f"no changes were expected but changes {said}")
        if not result.changed and not self._as_json:
            self._console.print("no changes")

    def _operate(self, kind: str, preview: bool, *listeners: Any) -> "Result":
        stack = self._stack
        match kind:
            case "refresh":
                return stack.refresh(*listeners, preview=preview, clear_pending_creates=self.clear_pending_creates)
            case "destroy":
                return stack.destroy(*listeners, preview=preview)
        return stack.preview(*listeners) if preview else stack.up(*listeners)

    def _outputs(self) -> Mapping[str, Any]:
        stacks = [item for item in self._stack.state().resources if item.type == "pulumi:pulumi:Stack"]
        return stacks[0].outputs if stacks else {}

    def _shown(self, key: str, value: str) -> str:
        return "[secret]" if key in self._stack.config.secrets else value


def sandbox_at(cwd: Path, aws_port: int) -> "LocalSandbox":
    from sluice_sandbox.local import LocalSandbox

    return LocalSandbox.here(cwd, aws_port)


_LOCAL = "local"
"""The stack that the sandbox is for, where a project has one of that name."""


def choose(sandbox: "LocalSandbox", name: str | None) -> str:
    from sluice_sandbox.errors import UnknownStack

    if name is not None:
        return name
    known = sandbox.project.stacks()
    if _LOCAL in known:
        return _LOCAL
    if len(known) != 1:
        raise UnknownStack(f"say which stack with --stack; known stacks: {', '.join(known) or 'none'}")
    return known[0]


def confirm(what: str, *, yes: bool) -> None:
    from sluice_sandbox.errors import Cancelled, NotConfirmed

    if yes:
        return
    if not _somebody_is_there():
        raise NotConfirmed(f"--yes must be passed in to {what} when running in non-interactive mode")
    if not typer.confirm(f"Do you want to {what}?"):
        raise Cancelled("nothing was changed")


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
