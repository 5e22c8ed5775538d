"""The component `EndpointDashboard`: the one page on which an endpoint is looked at."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from sluice import traffic
from sluice.args import ArgsModel
from sluice.dashboard_body import Board, board_problems, body, name_problems
from sluice.endpoint_role import physical_name
from sluice.errors import InvalidInput, Problem
from sluice.guard_alarms import Tolerance
from sluice.guard_args import QualityTriggerArgs, figure_problems, or_else, triggers
from sluice.instance_types import instance_type_problem
from sluice.model_version import PinnedVersionArgs
from sluice.rollout.movement import Served
from sluice.variant_config import SHADOW

_CONSOLES = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}


class EndpointDashboardArgs(ArgsModel):
    """Whose dashboard it is, what is on it, and what figures are held against."""

    endpoint: str
    """The name of the component ModelEndpoint."""
    versions: dict[str, PinnedVersionArgs]
    """From a slot to the version in it, as the endpoint has them."""
    baseline: str
    """The slot that the others are compared with."""
    owner: str
    """Who answers for the endpoint, and how to reach them: `ml-platform, #ml-oncall`."""
    runbook: str | None = None
    """The https:// address of what to do. Omitted: there is none."""
    traffic: dict[str, int] | None = None
    """Percent of the requests for each slot, as declared: each shift then changes the text. Omitted: not said."""
    shadow: PinnedVersionArgs | None = None
    """The version that gets copies of requests. Omitted: none."""
    instance_types: dict[str, str] | None = None
    """By slot, or `shadow`, what instances it has, `ml.m5.large`; one left out is serverless. Omitted: all are."""
    alarms: pulumi.Input[list[pulumi.Input[str]]] | None = None
    """Names or ARNs of alarms whose states are shown: `RollbackGuard.alarm_names`. Omitted: none."""
    error_rate_floor: float | None = None
    """The share of failed requests that is always tolerated, as the guard has it. Omitted: no line tells it."""
    error_rate_ratio: float | None = None
    """How many times the baseline's error rate a candidate's may be, as the guard has it. Omitted: 2."""
    recorded_error_rate: pulumi.Input[float] | None = None
    """The baseline's, 0 to 1, where it has too few requests: `RollbackGuard.baseline_error_rate`. Omitted: 0."""
    min_requests: int | None = None
    """How many requests a period must have for the guard to count it. Omitted: 20."""
    p95_seconds: float | None = None
    """What the 95th percentile of the model latency may be, as the guard has it. Omitted: no line tells it."""
    hallucination_rate: float | None = None
    """What the mean of HallucinationRate may be, as the guard has it. Omitted: it is shown without a line."""
    quality: dict[str, QualityTriggerArgs] | None = None
    """Further metrics of the namespace `Sluice/Quality`, by name, as the guard has them. Omitted: none."""
    period_seconds: int | None = None
    """Over how long each figure is taken, as the guard has it. Omitted: 60."""
    dashboard_name: str | None = None
    """What it is called; an account has one of a name in all regions. Omitted: as SageMaker calls the endpoint."""


class EndpointDashboard(pulumi.ComponentResource):
    """
    A CloudWatch dashboard of one endpoint: owner, versions, alarms, and every figure that gates and alarms judge by.

    What candidates may be is drawn as the guard has it. Another version in a slot changes it in place.
    """

    dashboard_name: pulumi.Output[str]
    """What it is called."""
    dashboard_url: pulumi.Output[str]
    """Where people look at it."""

    def __init__(self, name: str, args: EndpointDashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"EndpointDashboard {name!r}"
        args = EndpointDashboardArgs.parse(subject, args)
        called = or_else(args.dashboard_name, physical_name(args.endpoint))
        problems = [*_problems(args), *name_problems(called)]
        if problems:
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:EndpointDashboard", name, {}, opts)

        invoke = pulumi.InvokeOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke).partition
        account = aws.get_caller_identity_output(opts=invoke).account_id
        region = aws.get_region_output(opts=invoke).region
        board = _board(args)
        dashboard = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=called,
            dashboard_body=pulumi.Output.all(
                partition, region, account, args.alarms or [], args.recorded_error_rate
            ).apply(lambda it: body(_with_rate(board, it[4]), it[1], [_arn(alarm, *it[:3]) for alarm in it[3]])),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.dashboard_name = dashboard.dashboard_name
        self.dashboard_url = pulumi.Output.all(partition, region, dashboard.dashboard_name).apply(lambda it: _url(*it))
        self.register_outputs({"dashboardName": self.dashboard_name, "dashboardUrl": self.dashboard_url})


def _board(args: EndpointDashboardArgs) -> Board:
    shown = dict(args.versions) if args.shadow is None else {**args.versions, SHADOW: args.shadow}
    return Board(
        endpoint=physical_name(args.endpoint),
        stack=pulumi.get_stack(),
        owner=args.owner,
        runbook=args.runbook,
        versions={slot: Served(it.version_digest, it.label) for slot, it in shown.items()},
        baseline=args.baseline,
        traffic=args.traffic,
        shadow=None if args.shadow is None else SHADOW,
        instance_types=args.instance_types or {},
        tolerance=_tolerance(args),
        p95_seconds=args.p95_seconds,
        quality=triggers(args),
        period_seconds=or_else(args.period_seconds, 60),
    )


def _tolerance(args: EndpointDashboardArgs) -> Tolerance | None:
    if args.error_rate_floor is None:
        return None
    return Tolerance(
        or_else(args.error_rate_ratio, 2.0),
        args.error_rate_floor,
        # It may be another resource's, and is put in once it is known.
        0.0,
        or_else(args.min_requests, 20),
    )


def _with_rate(board: Board, rate: float | None) -> Board:
    if board.tolerance is None or rate is None:
        return board
    return replace(board, tolerance=replace(board.tolerance, recorded=rate))


def _problems(args: EndpointDashboardArgs) -> Iterator[Problem]:
    yield from traffic.endpoint_problems(physical_name(args.endpoint))
    yield from traffic.baseline_problems(args.baseline, {}, list(args.versions))
    if args.traffic is not None:
        yield from traffic.problems(args.traffic, list(args.versions))
    yield from figure_problems(args)
    if not args.owner.strip() or "\n" in args.owner:
        yield Problem("owner", f"is {args.owner!r}; allowed: one line that says who is called")
    if args.runbook is not None and (urlsplit(args.runbook).scheme != "https" or set(args.runbook) & set(" )\n")):
        yield Problem("runbook", f"is {args.runbook!r}; allowed: an https:// address")
    if args.shadow is not None and SHADOW in args.versions:
        yield Problem(f"versions.{SHADOW}", "is what the shadow is called; give the slot another name")
    places = [*args.versions, *([] if args.shadow is None else [SHADOW])]
    for place, kind in (args.instance_types or {}).items():
        if place not in places:
            yield Problem(f"instance_types.{place}", f"is for a slot that there is not; slots are: {', '.join(places)}")
        if problem := instance_type_problem(kind):
            yield Problem(f"instance_types.{place}", problem)
    yield from board_problems(_board(args), len(args.alarms) if isinstance(args.alarms, list) else 0)


def _url(partition: str, region: str, name: str) -> str:
    domain = _CONSOLES.get(partition, "aws.amazon.com")
    return f"https://{region}.console.{domain}/cloudwatch/home?region={region}#dashboards/dashboard/{name}"


def _arn(alarm: str, partition: str, region: str, account: str) -> str:
    return alarm if alarm.startswith("arn:") else f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}"
