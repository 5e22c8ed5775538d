"""The component `EndpointDashboard`: one page about an endpoint, for whoever is called at night."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from sluice import traffic
from sluice.args import ArgsModel
from sluice.dashboard_body import Shown, body
from sluice.endpoint_role import physical_name
from sluice.errors import InvalidInput, Problem
from sluice.model_version import PinnedVersionArgs


class EndpointDashboardArgs(ArgsModel):
    """What a dashboard shows."""

    endpoint: str
    """The name of the component ModelEndpoint."""
    versions: dict[str, PinnedVersionArgs]
    """From a slot to the version in it, as the endpoint has them."""
    baseline: str
    """The slot that traffic goes back to."""
    owner: str
    """Who answers for the endpoint, and how to reach them: `ml-platform, #ml-oncall`."""
    runbook: str | None = None
    """The https:// address of what to do. Omitted: there is none."""
    alarms: list[str] | None = None
    """Names of alarms whose states are shown first, as those of a RollbackGuard. Omitted: none."""
    p95_seconds: float | None = None
    """What the 95th percentile of the model latency may be, drawn as a line. Omitted: no line."""
    quality: dict[str, float] | None = None
    """From a quality metric, of the namespace `Sluice/Quality`, to the value that is drawn as its bound. Omitted: none
    is shown."""
    instances: list[str] | None = None
    """The slots that have instances, whose use is shown. Omitted: all are serverless."""


class EndpointDashboard(pulumi.ComponentResource):
    """
    A dashboard of CloudWatch about one endpoint: who owns it, what serves, the guard's alarms, and each slot's figures.

    It has the endpoint's name. Dashboards of an account are the same in all of its regions.
    """

    dashboard_name: pulumi.Output[str]
    """The dashboard."""
    dashboard_url: pulumi.Output[str]
    """Where people look at it."""

    def __init__(self, name: str, args: EndpointDashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"EndpointDashboard {name!r}"
        args = EndpointDashboardArgs.parse(subject, args)
        if problems := list(_problems(args)):
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:EndpointDashboard", name, {}, opts)

        invoke = pulumi.InvokeOptions(parent=self)
        region = aws.get_region_output(opts=invoke).region
        shown = _shown(args)
        content = pulumi.Output.all(
            aws.get_partition_output(opts=invoke).partition,
            aws.get_caller_identity_output(opts=invoke).account_id,
            region,
        ).apply(lambda where: body(shown, *where))
        dashboard = aws.cloudwatch.Dashboard(
            name, dashboard_name=shown.endpoint, dashboard_body=content, opts=pulumi.ResourceOptions(parent=self)
        )
        self.dashboard_name = dashboard.dashboard_name
        self.dashboard_url = pulumi.Output.all(region, dashboard.dashboard_name).apply(lambda it: _url(*it))
        self.register_outputs({"dashboardName": self.dashboard_name, "dashboardUrl": self.dashboard_url})


def _shown(args: EndpointDashboardArgs) -> Shown:
    return Shown(
        endpoint=physical_name(args.endpoint),
        versions={slot: it.label for slot, it in args.versions.items()},
        baseline=args.baseline,
        owner=args.owner,
        runbook=args.runbook,
        alarms=args.alarms or (),
        p95_seconds=args.p95_seconds,
        quality=args.quality or {},
        instances=args.instances or (),
    )


def _url(region: str, name: str) -> str:
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards/dashboard/{name}"


def _problems(args: EndpointDashboardArgs) -> Iterator[Problem]:
    yield from traffic.endpoint_problems(physical_name(args.endpoint))
    yield from traffic.baseline_problems(args.baseline, {}, list(args.versions))
    if not args.owner.strip() or "\n" in args.owner:
        yield Problem("owner", f"is {args.owner!r}; allowed: one line that says who is called")
    if args.runbook is not None and (urlsplit(args.runbook).scheme != "https" or set(args.runbook) & set(" )\n")):
        yield Problem("runbook", f"is {args.runbook!r}; allowed: an https:// address")
    if args.p95_seconds is not None and args.p95_seconds <= 0:
        yield Problem("p95_seconds", f"is {args.p95_seconds:g}; allowed above 0")
    for slot in args.instances or ():
        if slot not in args.versions:
            yield Problem("instances", f"has {slot}, which there is not; slots are: {', '.join(args.versions)}")
