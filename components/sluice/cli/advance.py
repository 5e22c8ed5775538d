"""`sluice advance` and `sluice promote`: edits of a stack's file, for a person or a bot that opens a pull request."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from sluice.cli.rollout_options import Endpoint, Folder, Key, Sandbox, Slot, StackName
from sluice.errors import SluiceError

if TYPE_CHECKING:
    from sluice.cli.stack_file import EndpointSection
    from sluice.provider.endpoint_status import Candidate, EndpointStatus

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")]


def advance(
    endpoint: Endpoint = None,
    slot: Slot = None,
    stack: StackName = None,
    sandbox: Sandbox = None,
    key: Key = None,
    dry_run: DryRun = False,
    cwd: Folder = Path(),
) -> None:
    """
    When all gates pass, declare a candidate's next rung in the stack's file, and nothing else.

    Ends with 1, and says why, when a gate does not. Nothing is deployed.
    """
    found, section = _found(endpoint, stack, sandbox, key, cwd)
    candidate = _candidate(found, slot)
    _check_declared(found, section)
    console = Console()
    if not candidate.passes:
        console.print(Text(candidate.message, "yellow"), soft_wrap=True)
        raise typer.Exit(1)
    text = section.with_traffic(candidate.traffic)
    if not dry_run:
        section.write(text)
    console.print(
        Text(f"{candidate.message}; {'would be' if dry_run else 'is'} declared in {section.path}"), soft_wrap=True
    )


def promote(
    endpoint: Endpoint = None,
    slot: Slot = None,
    stack: StackName = None,
    sandbox: Sandbox = None,
    key: Key = None,
    dry_run: DryRun = False,
    cwd: Folder = Path(),
) -> None:
    """Declare a candidate that has all the traffic the baseline: what others are compared with, and go back to."""
    found, section = _found(endpoint, stack, sandbox, key, cwd)
    _check_declared(found, section)
    full = [name for name, share in found.live.items() if share >= 100 and name != found.baseline]
    if slot is not None and slot not in found.live:
        raise SluiceError(f"there is no slot {slot}; slots are: {', '.join(found.live)}")
    if not full or (slot is not None and slot not in full):
        shares = ", ".join(f"{name} {share:g} %" for name, share in found.live.items())
        raise SluiceError(
            f"no candidate of {found.endpoint} has all the traffic ({shares}; the baseline is {found.baseline}); "
            "let it climb first: sluice advance"
        )
    text = section.with_value("baseline", full[0])
    if not dry_run:
        section.write(text)
    told = f"{full[0]} ({found.versions.get(full[0])}) {'would be' if dry_run else 'is'} declared the baseline"
    Console().print(Text(f"{told} in {section.path}"), soft_wrap=True)


def _found(
    endpoint: str | None, stack: str | None, sandbox: bool | None, key: str | None, cwd: Path
) -> "tuple[EndpointStatus, EndpointSection]":
    from sluice.cli.deployed import deployed
    from sluice.cli.stack_file import section_of
    from sluice.provider.connection import explained
    from sluice.provider.endpoint_status import status_of

    there = deployed(cwd, stack, sandbox)
    one = there.one(endpoint)
    with explained():
        found = status_of(one.work, one.inputs, one.outputs)
    if found.state == "missing":
        raise SluiceError(f"there is no endpoint {one.name} any more; bring it back first: pulumi refresh, then up")
    return found, section_of(there.file, set(found.live), key)


def _candidate(found: "EndpointStatus", slot: str | None) -> "Candidate":
    if not found.journaled:
        raise SluiceError(f"{found.endpoint} has no journal, by which a rise is judged; declare a RolloutJournal")
    from sluice.rollout import steps

    try:
        name = steps.candidate(found.live, str(found.baseline), slot)
    except ValueError as error:
        raise SluiceError(f"{found.endpoint}: {error}") from None
    candidate = next((it for it in found.candidates if it.slot == name), None)
    if candidate is None:
        raise SluiceError(
            f"{name} has {found.live[name]:g} %, the top of the ladder; make it the baseline: sluice promote"
        )
    return candidate


def _check_declared(found: "EndpointStatus", section: "EndpointSection") -> None:
    """Raises SluiceError when the file says what is not live: a step is under way, or was rolled back."""
    if any(abs(share - found.live.get(slot, 0.0)) >= 0.5 for slot, share in section.traffic.items()):
        declared = ", ".join(f"{slot} {share:g}" for slot, share in section.traffic.items())
        live = ", ".join(f"{slot} {share:g}" for slot, share in found.live.items())
        raise SluiceError(
            f"{section.path} declares {declared}, and live is {live}: deploy it first, or take over what is live with "
            "sluice reconcile"
        )
