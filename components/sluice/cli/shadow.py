"""`sluice shadow report`: what a version in the shadow answered, beside the one that serves."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from sluice.cli.evaluation import needed
from sluice.cli.rollout_options import AsJson, Endpoint, Folder, Sandbox, StackName
from sluice.errors import SluiceError

if TYPE_CHECKING:
    from sluice.cli.deployed import Deployed
    from sluice.evaluation.shadow_report import ShadowReport, ShadowSide

commands = typer.Typer(help="What a version in the shadow did.", no_args_is_help=True)
_SIGNS = {"pass": ("✓", "green"), "fail": ("✗", "red"), "cannot tell": ("?", "yellow")}


@commands.callback()
def _group() -> None:
    """What a version in the shadow did."""


@commands.command()
def report(
    endpoint: Endpoint = None,
    agreement: Annotated[
        float, typer.Option("--agreement", min=0, max=1, help="The share of answers that has to be the same.")
    ] = 0.95,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0, help="By what part numbers in answers may differ.")
    ] = 1e-6,
    days: Annotated[
        float | None, typer.Option("--days", min=0, help="How far back. Omitted: since the shadow is there.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Keep it beside the version's manifest, for the gates.")
    ] = False,
    as_json: AsJson = False,
    stack: StackName = None,
    sandbox: Sandbox = None,
    cwd: Folder = Path(),
) -> None:
    """
    Compare the captured answers of a shadow with those of production, and its errors and latency.

    Ends with 1 unless all of it passes; "cannot tell" is not a pass.
    """
    from sluice.cli.deployed import deployed
    from sluice.cli.stack_file import manifest_of
    from sluice.provider.connection import explained

    there = deployed(cwd, stack, sandbox)
    one = there.one(endpoint)
    with needed():
        from sluice.evaluation.shadow_report import path_for
        from sluice.rollout.rise import Outcome
    with explained():
        found = _report(one, agreement, tolerance, days)
    if write:
        path = path_for(manifest_of(there.file, found.shadow.label))
        path.write_text(found.text(), encoding="utf-8")
    if as_json:
        typer.echo(found.text(), nl=False)
    else:
        _print(found)
        if write:
            Console().print(Text(f"written: {path}"), soft_wrap=True)
    if found.outcome is not Outcome.PASS:
        raise typer.Exit(1)


def _report(one: "Deployed", agreement: float, tolerance: float, days: float | None) -> "ShadowReport":
    from sluice.evaluation.captures import captured
    from sluice.evaluation.shadowing import paired, shadow_report
    from sluice.provider import rollout_inputs
    from sluice.provider.moment import moment
    from sluice.rollout import cloudwatch

    region = one.inputs["region"]
    sagemaker = one.work.client("sagemaker", region)
    configuration = sagemaker.describe_endpoint_config(EndpointConfigName=_configured(sagemaker, one.name))
    production, shadow = _sides(sagemaker, configuration, one.name)
    destination = (configuration.get("DataCaptureConfig") or {}).get("DestinationS3Uri")
    if destination is None:
        raise SluiceError(f"{one.name} captures no answers; give it `capture`, and wait for requests")
    until = moment(one.work, region, configuration)
    since: datetime = configuration["CreationTime"]
    since = since if days is None else max(since, until - timedelta(days=days))
    s3 = one.work.client("s3", region)
    pairs = paired(
        *(list(captured(s3, destination, one.name, it.variant, since, until)) for it in (production, shadow))
    )
    window = cloudwatch.window(since, until)
    measured: dict[str, Any] = {}
    if window is not None:
        ask = cloudwatch.Ask(one.name, {it.variant: it.digest for it in (production, shadow)}, window)
        measured = dict(cloudwatch.measure(one.work.client("cloudwatch", region), [ask])[one.name].cohorts)
    return shadow_report(
        one.name,
        (production, shadow),
        (since, until),
        pairs,
        measured,
        rollout_inputs.terms(one.inputs),
        agreement=agreement,
        tolerance=tolerance,
    )


def _configured(sagemaker: Any, name: str) -> str:
    from sluice.provider.endpoint_states import describe

    described = describe(sagemaker, name)
    if described is None:
        raise SluiceError(f"there is no endpoint {name} any more")
    return str(described["EndpointConfigName"])


def _sides(sagemaker: Any, configuration: dict[str, Any], name: str) -> "tuple[ShadowSide, ShadowSide]":
    from sluice.evaluation.shadow_report import ShadowSide

    shadows = configuration.get("ShadowProductionVariants") or []
    if not shadows:
        raise SluiceError(
            f"{name} has no shadow; declare one, `shadow: {{version: ...}}`, and let it be asked for days"
        )
    tags = sagemaker.list_tags(ResourceArn=configuration["EndpointConfigArn"])["Tags"]
    known = {tag["Key"]: tag["Value"] for tag in tags}

    def side(variant: dict[str, Any], slot: str) -> ShadowSide:
        return ShadowSide(
            variant=variant["VariantName"],
            label=known.get(f"sluice:version:{slot}", "unknown"),
            digest=known.get(f"sluice:version-digest:{slot}", "unknown"),
            instance_type=variant.get("InstanceType"),
            instances=variant.get("InitialInstanceCount"),
        )

    (production,) = configuration["ProductionVariants"]
    return side(production, production["VariantName"]), side(shadows[0], "shadow")


def _print(found: "ShadowReport") -> None:
    console = Console()
    console.print(
        Text(
            f"{found.shadow.label} in the shadow of {found.production.label} on {found.endpoint}, "
            f"{found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC, {found.requests:,} requests"
        ),
        soft_wrap=True,
    )
    for name, it in found.findings.items():
        sign, style = _SIGNS[it.outcome]
        console.print(Text.assemble((f"{sign} ", style), f"{name}: {it.text}"), soft_wrap=True)
    for side in (found.production, found.shadow):
        what = "serverless" if side.instance_type is None else f"{side.instances} x {side.instance_type} at the start"
        console.print(Text(f"  {side.variant}: {side.label}, {what}"))
