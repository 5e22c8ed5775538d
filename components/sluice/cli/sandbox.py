"""`sluice sandbox`: the program on an engine of its own, against an AWS on this machine."""

import json
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer
from rich.console import Console

from sluice.cli.pulumi_options import Command
from sluice.cli.sandbox_session import Session, choose, confirm, sandbox_at
from sluice.errors import SluiceError

commands = typer.Typer(
    help="Run the program without cloud, login or the Pulumi CLI, on a sandbox of this project's own.",
    no_args_is_help=True,
)

StackName = Annotated[
    str | None,
    typer.Option(
        "--stack", "-s", envvar="PULUMI_STACK", help="The stack. Omitted: `local`, or the only one that there is."
    ),
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
PolicyConfigs = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy-pack-config",
        help="A JSON file of levels and settings for a policy pack. Given once for each --policy-pack, in their order.",
        exists=True,
        dir_okay=False,
    ),
]
Parallel = Annotated[int, typer.Option("--parallel", "-p", min=1, max=256, help="How many resources at a time.")]
AwsPort = Annotated[int, typer.Option("--aws-port", help="Port of the sandbox's AWS. Omitted: any free one.")]


_SHORTEST_STEP = 1 / 12
"""Hours: traffic is looked at again every five minutes, or a day's part."""


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
    policy_pack_config: PolicyConfigs = None,
    parallel: Parallel = 16,
    aws_port: AwsPort = 0,
    cwd: Folder = Path(),
) -> None:
    """Show what `up` would do."""
    session = Session(
        cwd, stack, policy_pack, parallel, aws_port, diff=diff, as_json=as_json, pack_configs=policy_pack_config
    )
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
    policy_pack_config: PolicyConfigs = None,
    parallel: Parallel = 16,
    aws_port: AwsPort = 0,
    cwd: Folder = Path(),
) -> None:
    """Bring the sandbox to what the program declares."""
    session = Session(
        cwd, stack, policy_pack, parallel, aws_port, diff=diff, as_json=as_json, pack_configs=policy_pack_config
    )
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
    session = Session(cwd, stack, None, parallel, aws_port, diff=diff, as_json=as_json)
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
    session = Session(cwd, stack, None, parallel, aws_port, diff=diff, as_json=as_json)
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

    sandbox = sandbox_at(cwd, 0)
    found = sandbox.stack(choose(sandbox, stack))
    if export:
        typer.echo(json.dumps(found.export(), indent=4))
    else:
        say(Console(), stack_lines(found.name, found.state(), show_secrets=show_secrets))


@commands.command(cls=Command)
def reset(yes: Yes = False, cwd: Folder = Path()) -> None:
    """Forget all: the sandbox's AWS, its content, and the states of all stacks."""
    import shutil

    from sluice_sandbox.aws import supervisor

    sandbox = sandbox_at(cwd, 0)
    confirm(f"delete {sandbox.home} with all that the sandbox holds", yes=yes)
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

    for name, value in exports(sandbox_at(cwd, aws_port)).items():
        typer.echo(f"export {name}={quote(value)}")


@commands.command(cls=Command)
def use(
    endpoint: Annotated[str | None, typer.Argument(help="The endpoint. Omitted: the only one of the stack.")] = None,
    hours: Annotated[float, typer.Option("--hours", min=0.2, max=2400, help="How long; it passes at once.")] = 24.0,
    requests: Annotated[float, typer.Option("--requests", min=0, help="How many an hour, over all slots.")] = 10_000.0,
    errors: Annotated[
        list[str] | None, typer.Option("--errors", help="The share that fails in a slot, `green=0.03`. Omitted: none.")
    ] = None,
    latency_ms: Annotated[
        list[str] | None, typer.Option("--latency-ms", help="What a slot's model takes, `green=31`. Omitted: 20.")
    ] = None,
    stack: StackName = None,
    cwd: Folder = Path(),
) -> None:
    """
    Let people use an endpoint of the sandbox for some hours, which pass at once.

    Their requests are shared out as the live traffic says and counted in CloudWatch's metrics; alarms ring on the way.
    """
    from sluice.cli.deployed import deployed
    from sluice.cli.status import live_shares
    from sluice_sandbox.aws.users import Users

    one = deployed(cwd, stack, sandbox=True).one(endpoint)
    shares = live_shares(one)
    badly = {"errors": _by_slot("--errors", errors, shares), "latency_ms": _by_slot("--latency-ms", latency_ms, shares)}
    people = Users(sandbox_at(cwd, 0).aws(), one.work.client("cloudwatch", one.inputs["region"]), one.name)
    step = max(hours / 24, _SHORTEST_STEP)
    left = hours
    while left > 1e-6:
        # Traffic may be taken from a slot on the way.
        shares = live_shares(one)
        asked = {slot: requests * share / 100 for slot, share in shares.items()}
        people.ask(min(step, left), asked, timedelta(minutes=1), **badly)
        left -= step
    typer.echo(f"{hours:g} hours later: {people.now():%Y-%m-%d %H:%M} UTC")


def _by_slot(option: str, given: list[str] | None, slots: dict[str, float]) -> dict[str, float]:
    found = {}
    for text in given or []:
        slot, _, value = text.partition("=")
        try:
            found[slot] = float(value)
        except ValueError:
            raise SluiceError(f"{option} is {text!r}; allowed: a slot and a number, green=0.03") from None
        if slot not in slots:
            raise SluiceError(f"{option} names {slot!r}, a slot that there is not; slots are: {', '.join(slots)}")
    return found


@commands.command(cls=Command)
def stop(cwd: Folder = Path()) -> None:
    """Stop the sandbox's AWS. What it holds is there again when it next starts."""
    from sluice_sandbox.aws import supervisor

    stopped = supervisor.stop(sandbox_at(cwd, 0).aws_home)
    typer.echo("stopped" if stopped else "it does not run")
