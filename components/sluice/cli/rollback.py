"""`sluice rollback` and `sluice reconcile`: traffic goes back at once, and the stack's file says so."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from sluice.cli.rollout_options import Endpoint, Folder, Key, Sandbox, StackName
from sluice.errors import SluiceError

if TYPE_CHECKING:
    from sluice.cli.deployed import Deployed, DeployedStack


def rollback(
    endpoint: Endpoint = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="A version that serves no more, `digits@1`: only prepare the change that brings it."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", "-m", help="Why; the journal keeps it.")] = "rolled back by hand",
    stack: StackName = None,
    sandbox: Sandbox = None,
    key: Key = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    cwd: Folder = Path(),
) -> None:
    """
    Give all traffic back to the baseline at once or, after a promotion, to who served before and still stands by.

    One call to SageMaker. The journal has it first, the versions that lost traffic may not rise again before somebody
    acknowledges it, and the stack's file declares what is live.
    """
    if to is not None:
        _prepare(endpoint, to, stack, sandbox, key, cwd)
        return
    from sluice.cli.deployed import deployed, journal_of
    from sluice.cli.sandbox_session import confirm
    from sluice.provider.connection import explained
    from sluice.rollout.going_back import way_back
    from sluice.rollout.manual import roll_back

    there = deployed(cwd, stack, sandbox)
    one = there.one(endpoint)
    journal = journal_of(one)
    with explained():
        described = _described(one)
        live = {it["VariantName"]: float(it.get("CurrentWeight", 0)) for it in described["ProductionVariants"]}
        try:
            back = way_back(journal.read(one.name), _percent(live), one.inputs.get("versionDigests") or {})
        except ValueError as error:
            raise SluiceError(f"{one.name}: {error}") from None
    confirm(f"give all traffic of {one.name} to {back.slot} ({back.reason})", yes=yes)
    with explained():
        done = roll_back(
            journal,
            one.work.client("sagemaker", one.inputs["region"]),
            described,
            back,
            actor=_actor(one),
            reason=reason,
            token=uuid.uuid4().hex,
        )
    console = Console()
    console.print(Text(f"{back.slot} ({back.reason}) has all traffic of {one.name}: {done.rollback}"), soft_wrap=True)
    _write(console, there, {slot: 100.0 if slot == back.slot else 0.0 for slot in live}, back.slot, key)


def reconcile(
    endpoint: Endpoint = None,
    stack: StackName = None,
    sandbox: Sandbox = None,
    key: Key = None,
    cwd: Folder = Path(),
) -> None:
    """Declare in the stack's file the traffic that is live, for instance after a rollback. Nothing is deployed."""
    from sluice.cli.deployed import deployed
    from sluice.provider.connection import explained
    from sluice.provider.endpoint_status import status_of

    there = deployed(cwd, stack, sandbox)
    one = there.one(endpoint)
    with explained():
        found = status_of(one.work, one.inputs, one.outputs)
    if not found.live:
        raise SluiceError(f"there is no endpoint {one.name} that serves; nothing was written")
    recorded = None if found.last is None else found.last.baseline
    _write(Console(), there, dict(found.live), recorded, key)


def _prepare(
    endpoint: str | None, label: str, stack: str | None, sandbox: bool | None, key: str | None, cwd: Path
) -> None:
    """Puts a version that is kept warm into a slot that is free, in the stack's file; deploys nothing."""
    from sluice.cli.deployed import deployed
    from sluice.cli.stack_file import manifest_of, section_of
    from sluice.provider.connection import explained
    from sluice.provider.endpoint_status import status_of

    there = deployed(cwd, stack, sandbox)
    one = there.one(endpoint)
    with explained():
        found = status_of(one.work, one.inputs, one.outputs)
    manifest_of(there.file, label)
    section = section_of(there.file, set(found.live), key)
    declared = {slot: str(it.get("version")) for slot, it in section.settings["variants"].items()}
    if label in declared.values():
        slot = next(name for name, version in declared.items() if version == label)
        raise SluiceError(f"{label} is in slot {slot} already; give it traffic: sluice rollback, or sluice advance")
    waiting = {slot for slot, until in found.standby_until.items() if until > found.now}
    free = [slot for slot in declared if not found.live.get(slot) and slot not in waiting and slot != found.baseline]
    if not free:
        told = ", ".join(f"{slot} {share:g} %" for slot, share in found.live.items())
        stands = f"; standing by: {', '.join(sorted(waiting))}" if waiting else ""
        raise SluiceError(f"no slot of {one.name} is free ({told}{stands}); declare another one with {label}")
    section.write(section.with_version(free[0], label))
    seconds = one.outputs.get("loadSeconds")
    took = "" if not seconds else f"; the last new configuration took {seconds:g} s to load"
    text = f"{section.path} declares {label} in slot {free[0]}: review and deploy it, then sluice advance{took}"
    Console().print(Text(text), soft_wrap=True)


def _write(
    console: Console, there: "DeployedStack", live: dict[str, float], baseline: str | None, key: str | None
) -> None:
    from sluice.cli.stack_file import section_of

    section = section_of(there.file, set(live), key)
    before = section.path.read_text(encoding="utf-8")
    section.write(section.with_traffic(live))
    if baseline is not None and section.settings.get("baseline") not in (None, baseline):
        section_of(there.file, set(live), key).write(
            section_of(there.file, set(live), key).with_value("baseline", baseline)
        )
    told = ", ".join(f"{slot} {share:g}" for slot, share in live.items())
    if section.path.read_text(encoding="utf-8") == before:
        console.print(Text(f"{section.path} declares what is live already: {told}"), soft_wrap=True)
    else:
        console.print(Text(f"{section.path} declares what is live now: {told}; commit it"), soft_wrap=True)


def _described(one: "Deployed") -> dict[str, Any]:
    from sluice.provider.endpoint_states import describe

    described = describe(one.work.client("sagemaker", one.inputs["region"]), one.name)
    if described is None or described["EndpointStatus"] != "InService":
        state = "gone" if described is None else described["EndpointStatus"]
        raise SluiceError(f"the endpoint {one.name} is {state}; SageMaker shifts traffic only while it is InService")
    return described


def _actor(one: "Deployed") -> str:
    arn: str = one.work.client("sts", one.inputs["region"]).get_caller_identity()["Arn"]
    return arn.split(":", 5)[5]


def _percent(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {slot: 100 * weight / total if total else 0.0 for slot, weight in weights.items()}
