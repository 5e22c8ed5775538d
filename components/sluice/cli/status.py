"""`sluice status` and `sluice history`: where a rollout is, and how it came there."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sluice.cli.rollout_options import AsJson, Endpoint, Folder, Sandbox, StackName

if TYPE_CHECKING:
    from sluice.cli.deployed import Deployed
    from sluice.provider.endpoint_status import Candidate, EndpointStatus
    from sluice.rollout.movement import Movement

_BAR = 20
_WATCH_SECONDS = 30.0


def status(
    endpoint: Annotated[str | None, typer.Argument(help="Only this one. Omitted: all of the stack.")] = None,
    stack: StackName = None,
    sandbox: Sandbox = None,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again every 30 seconds, until Ctrl+C.")] = False,
    cwd: Folder = Path(),
) -> None:
    """Show each endpoint: versions, traffic, soak, what its gates say of the next step, rollbacks and standby."""
    found = _look(endpoint, stack, sandbox, cwd)
    if as_json:
        typer.echo(json.dumps([_document(it) for it in found], indent=2, ensure_ascii=False))
        return
    console = Console()
    if not watch:
        console.print(_shown(found), soft_wrap=True)
        return
    with Live(_shown(found), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(_WATCH_SECONDS)
            live.update(_shown(_look(endpoint, stack, sandbox, cwd)), refresh=True)


def history(
    endpoint: Endpoint = None,
    stack: StackName = None,
    sandbox: Sandbox = None,
    as_json: AsJson = False,
    last: Annotated[int | None, typer.Option("--last", "-n", min=1, help="Only the newest. Omitted: all.")] = None,
    cwd: Folder = Path(),
) -> None:
    """Show every movement of an endpoint's traffic: when, by whom, from what to what, and why."""
    from sluice.cli.deployed import deployed, journal_of

    one = deployed(cwd, stack, sandbox).one(endpoint)
    movements = journal_of(one).read(one.name).movements[-last if last is not None else 0 :]
    if as_json:
        typer.echo(json.dumps([_entry(it) for it in movements], indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("#", "when (UTC)", "what", "traffic", "by", "why"):
        table.add_column(title, overflow="fold")
    for it in movements:
        why = it.reason if it.forced is None else f"FORCED ({it.forced}): {it.reason}"
        told = [str(it.sequence), f"{it.at:%Y-%m-%d %H:%M}", it.kind.value, _moved(it), it.actor, why]
        table.add_row(*told, style="red" if it.kind == "rollback" else None)
    Console().print(table)


def _look(endpoint: str | None, stack: str | None, sandbox: bool | None, cwd: Path) -> "list[EndpointStatus]":
    from sluice.cli.deployed import deployed
    from sluice.provider.connection import explained
    from sluice.provider.endpoint_status import status_of

    there = deployed(cwd, stack, sandbox)
    wanted = there.endpoints if endpoint is None else (there.one(endpoint),)
    with explained():
        return [status_of(it.work, it.inputs, it.outputs) for it in wanted]


def status_now(one: "Deployed") -> datetime:
    """Returns what time it is where an endpoint is."""
    from sluice.provider.connection import explained
    from sluice.provider.moment import moment

    with explained():
        return moment(one.work, one.inputs["region"])


def live_shares(one: "Deployed") -> dict[str, float]:
    """Returns percent by slot of an endpoint as it is live. Raises SluiceError when there is none."""
    from sluice.errors import SluiceError
    from sluice.provider.connection import explained
    from sluice.provider.endpoint_states import describe
    from sluice.provider.endpoint_traffic import live_weights

    with explained():
        described = describe(one.work.client("sagemaker", one.inputs["region"]), one.name)
    if described is None:
        raise SluiceError(f"there is no endpoint {one.name} any more; run: sluice sandbox refresh, then up")
    return live_weights(described)


def _shown(found: "list[EndpointStatus]") -> Group:
    return Group(*(line for it in found for line in _lines(it))) if found else Group(Text("no endpoints"))


def _lines(it: "EndpointStatus") -> Iterator[Text]:
    yield Text.assemble((it.endpoint, "bold"), f"  {it.state}", (f"  {it.now:%Y-%m-%d %H:%M} UTC", "dim"))
    for slot, version in it.versions.items():
        share = it.live.get(slot, 0.0)
        role = "baseline" if slot == it.baseline else "candidate"
        until = it.standby_until.get(slot)
        standby = f", stands by until {until:%Y-%m-%d %H:%M}" if until is not None and until > it.now else ""
        yield Text(f"  {slot:<8} {_bar(share / 100)} {share:>5.4g} %  {version}  {role}{standby}")
    if it.drifted:
        told = ", ".join(f"{slot} {share:g}" for slot, share in it.declared.items())
        yield Text(f"  declared is {told}: what is live was not declared; run: sluice reconcile", "yellow")
    if it.rollback is not None:
        yield Text(
            f"  latched: {it.rollback.id}, {it.rollback.actor} rolled back at {it.rollback.at:%Y-%m-%d %H:%M} "
            f"({it.rollback.reason})",
            "red",
        )
    if not it.journaled:
        yield Text("  it has no journal: nothing is judged and nothing recorded", "yellow")
    for candidate in it.candidates:
        yield from _candidate_lines(candidate)


def _candidate_lines(it: "Candidate") -> Iterator[Text]:
    if it.soaked_hours is not None and it.soak_hours:
        done = min(1.0, it.soaked_hours / it.soak_hours)
        yield Text(
            f"  {it.slot:<8} {_bar(done)} soaked {it.soaked_hours:.1f} of {it.soak_hours:g} h at {it.percent:g} %"
        )
    sign, style = ("✓", "green") if it.allowed else ("✗", "yellow")
    yield Text.assemble((f"  {sign} ", style), it.message)


def _bar(share: float) -> str:
    full = round(_BAR * min(1.0, max(0.0, share)))
    return "█" * full + "░" * (_BAR - full)


def _moved(it: "Movement") -> str:
    slots = [*it.after, *(slot for slot in it.before if slot not in it.after)]
    shares = {slot: (float(it.was(slot)), float(it.share(slot))) for slot in slots}
    return ", ".join(
        f"{slot} {was:g} → {is_now:g}" if was != is_now else f"{slot} {is_now:g}"
        for slot, (was, is_now) in shares.items()
    )


def _entry(it: "Movement") -> dict[str, Any]:
    return {
        "sequence": it.sequence,
        "at": it.at.isoformat(),
        "actor": it.actor,
        "kind": it.kind.value,
        "versions": {slot: {"label": served.label, "digest": served.digest} for slot, served in it.versions.items()},
        "before": {slot: float(share) for slot, share in it.before.items()},
        "after": {slot: float(share) for slot, share in it.after.items()},
        "baseline": it.baseline,
        "reason": it.reason,
        "forced": it.forced,
        "rollback": it.rollback,
        "acknowledges": it.acknowledges,
        "evidence": {name: str(value) for name, value in it.evidence.items()},
    }


def _document(it: "EndpointStatus") -> dict[str, Any]:
    rollback = it.rollback
    return {
        "endpoint": it.endpoint,
        "region": it.region,
        "state": it.state,
        "now": it.now.isoformat(),
        "versions": dict(it.versions),
        "live": dict(it.live),
        "declared": dict(it.declared),
        "drifted": it.drifted,
        "baseline": it.baseline,
        "rollback": None
        if rollback is None
        else {"id": rollback.id, "at": rollback.at.isoformat(), "by": rollback.actor, "reason": rollback.reason},
        "standby_until": {slot: until.isoformat() for slot, until in it.standby_until.items()},
        "journaled": it.journaled,
        "last": None if it.last is None else _entry(it.last),
        "candidates": [
            {
                "slot": each.slot,
                "percent": each.percent,
                "next": each.next_rung,
                "soaked_hours": each.soaked_hours,
                "soak_hours": each.soak_hours,
                "allowed": each.allowed,
                "message": each.message,
                "gates": {
                    verdict.gate: {"outcome": verdict.outcome, "text": verdict.text} for verdict in each.verdicts
                },
            }
            for each in it.candidates
        ],
    }
