"""`sluice sandbox`: the program on an engine of its own, against an AWS on this machine."""

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from sluice.cli.pulumi_options import Command
from sluice.errors import SluiceError

if TYPE_CHECKING:
    from sluice_sandbox.engine.result import Result
    from sluice_sandbox.engine.stack import Stack
    from sluice_sandbox.local import LocalSandbox

commands = typer.Typer(
    help="Run the program without cloud, login or the Pulumi CLI, on a sandbox of this project's own.",
    no_args_is_help=True,
)

StackName = Annotated[
    str | None,
    typer.Option("--stack", "-s", envvar="PULUMI_STACK", help="The stack. Omitted: the only one that there is."),
]
Folder = Annotated[
    Path, typer.Option("--cwd", "-C", help="The project's folder, or one in it.", file_okay=False, exists=True)
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
SkipPreview = Annotated[bool, typer.Option("--skip-preview", "-f", help="Do it without showing it first.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show every property that changes.")]
AsJson = Annotated[bool, typer.Option("--json", "-j", help="Print a JSON document, as `pulumi preview --json` does.")]
ExpectNoChanges = Annotated[
    bool, typer.Option("--expect-no-changes", help="End with exit code 7 when there are changes.")
]
PolicyPacks = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack", help="A folder of policies that must hold. May be given several times.", exists=True),
]
Parallel = Annotated[int, typer.Option("--parallel", "-p", min=1, max=256, help="How many resources at a time.")]
AwsPort = Annotated[int, typer.Option("--aws-port", help="Port of the sandbox's AWS. Omitted: any free one.")]


@commands.callback()
def _check_installed() -> None:
    if find_spec("sluice_sandbox") is None or find_spec("moto") is None:
        raise SluiceError("the sandbox is not installed; install it with: pip install 'pulumi-sluice[sandbox]'")


@commands.command(cls=Command)
def preview(
    stack: StackName = None,
    diff: Diff = False,
    as_json: AsJson = False,
    expect_no_changes: ExpectNoChanges = False,
    policy_pack: PolicyPacks = None,
    parallel: Parallel = 16,
    aws_port: AwsPort = 0,
    cwd: Folder = Path(),
) -> None:
    """Show what `up` would do."""
    session = _Session(cwd, stack, policy_pack, parallel, aws_port, diff=diff, as_json=as_json)
    result = session.run("update", preview=True)
    session.finish(result, expect_no_changes=expect_no_changes)


@commands.command(cls=Command)
def up(
    stack: StackName = None,
    yes: Yes = False,
    skip_preview: SkipPreview = False,
    diff: Diff = False,
    as_json: AsJson = False,
    expect_no_changes: ExpectNoChanges = False,
    policy_pack: PolicyPacks = None,
    parallel: Parallel = 16,
    aws_port: AwsPort = 0,
    cwd: Folder = Path(),
) -> None:
    """Bring the sandbox to what the program declares."""
    session = _Session(cwd, stack, policy_pack, parallel, aws_port, diff=diff, as_json=as_json)
    result = session.confirmed("update", yes=yes, skip_preview=skip_preview)
    session.finish(result, expect_no_changes=expect_no_changes)


@commands.command(cls=Command)
def refresh(
    stack: StackName = None,
    yes: Yes = False,
    skip_preview: SkipPreview = False,
    diff: Diff = False,
    as_json: AsJson = False,
    expect_no_changes: ExpectNoChanges = False,
    clear_pending_creates: Annotated[
        bool, typer.Option("--clear-pending-creates", help="Forget creations that were interrupted.")
    ] = False,
    parallel: Parallel = 16,
    aws_port: AwsPort = 0,
    cwd: Folder = Path(),
) -> None:
    """Bring the state to what the sandbox holds, and show what changed behind the program's back."""
    session = _Session(cwd, stack, None, parallel, aws_port, diff=diff, as_json=as_json)
    session.clear_pending_creates = clear_pending_creates
    result = session.confirmed("refresh", yes=yes, skip_preview=skip_preview)
    session.finish(result, expect_no_changes=expect_no_changes)


@commands.command(cls=Command)
def destroy(
    stack: StackName = None,
    yes: Yes = False,
    skip_preview: SkipPreview = False,
    diff: Diff = False,
    as_json: AsJson = False,
    parallel: Parallel = 16,
    aws_port: AwsPort = 0,
    cwd: Folder = Path(),
) -> None:
    """Delete everything that the stack has made."""
    session = _Session(cwd, stack, None, parallel, aws_port, diff=diff, as_json=as_json)
    session.finish(session.confirmed("destroy", yes=yes, skip_preview=skip_preview))


@commands.command("stack", cls=Command)
def show_stack(
    stack: StackName = None,
    export: Annotated[bool, typer.Option("--export", help="Print the state for `pulumi stack import`.")] = False,
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Show outputs that are secret.")] = False,
    cwd: Folder = Path(),
) -> None:
    """Show what the stack consists of and its outputs."""
    from sluice_sandbox.engine.display.report import say
    from sluice_sandbox.engine.display.stack_view import stack_lines

    sandbox = _sandbox(cwd, 0)
    found = sandbox.stack(_choose(sandbox, stack))
    if export:
        typer.echo(json.dumps(found.export(), indent=4))
    else:
        say(Console(), stack_lines(found.name, found.state(), show_secrets=show_secrets))


@commands.command(cls=Command)
def reset(yes: Yes = False, cwd: Folder = Path()) -> None:
    """Forget all: the sandbox's AWS, its content, and the states of all stacks."""
    import shutil

    from sluice_sandbox.aws import supervisor

    sandbox = _sandbox(cwd, 0)
    _confirm(f"delete {sandbox.home} with all that the sandbox holds", yes=yes)
    supervisor.erase(sandbox.aws_home)
    shutil.rmtree(sandbox.home, ignore_errors=True)
    typer.echo("the sandbox is empty")


@commands.command(cls=Command)
def serve(aws_port: AwsPort = 0, cwd: Folder = Path()) -> None:
    """
    Serve the sandbox to the Pulumi CLI, and print what to export for it.

    Use it as `eval "$(sluice sandbox serve)"`; `pulumi up` then works on the sandbox and its states.
    """
    from sluice_sandbox.cli_home import exports

    for name, value in exports(_sandbox(cwd, aws_port)).items():
        typer.echo(f"export {name}={quote(value)}")


@commands.command(cls=Command)
def stop(cwd: Folder = Path()) -> None:
    """Stop the sandbox's AWS. What it holds is there again when it next starts."""
    from sluice_sandbox.aws import supervisor

    stopped = supervisor.stop(_sandbox(cwd, 0).aws_home)
    typer.echo("stopped" if stopped else "it does not run")


class _Session:
    """One command on one stack: runs operations and shows them."""

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
    ) -> None:
        sandbox = _sandbox(cwd, aws_port)
        self.clear_pending_creates = False
        self._skipped_preview = False
        self._stack: Stack = sandbox.stack(
            _choose(sandbox, stack), [pack.resolve() for pack in packs or []], parallel=parallel
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
            _confirm(f"{kind} the stack {self._stack.name}", yes=yes)
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


def _sandbox(cwd: Path, aws_port: int) -> "LocalSandbox":
    from sluice_sandbox.local import LocalSandbox

    return LocalSandbox.here(cwd, aws_port)


def _choose(sandbox: "LocalSandbox", name: str | None) -> str:
    from sluice_sandbox.errors import UnknownStack

    if name is not None:
        return name
    known = sandbox.project.stacks()
    if len(known) != 1:
        raise UnknownStack(f"say which stack with --stack; known stacks: {', '.join(known) or 'none'}")
    return known[0]


def _confirm(what: str, *, yes: bool) -> None:
    from sluice_sandbox.errors import Cancelled, NotConfirmed

    if yes:
        return
    if not _somebody_is_there():
        raise NotConfirmed(f"--yes must be passed in to {what} when running in non-interactive mode")
    if not typer.confirm(f"Do you want to {what}?"):
        raise Cancelled("nothing was changed")


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
