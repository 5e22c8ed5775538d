"""What an endpoint serves is evaluated again on a schedule."""

from collections.abc import Iterator, Sequence

from endpoints import TYPES, endpoints, mentions, name_of
from kit import is_unknown_in, of_type
from rule import Concern, Finding, Resource, Settings, StackRule

SCHEDULES = (
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
    "aws-native:sagemaker:MonitoringSchedule",
    "aws:scheduler/schedule:Schedule",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
)


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    schedules = of_type(stack, *SCHEDULES)
    for endpoint in endpoints(stack):
        name = name_of(endpoint)
        shown = any(is_unknown_in(it.props) or mentions(it.props, name) for it in schedules) if name else schedules
        if not shown:
            yield Finding(endpoint, "schedule of its evaluation", "missing")


RULE = StackRule(
    id="reevaluated-endpoints",
    concern=Concern.OWNERSHIP,
    types=(*TYPES, *SCHEDULES),
    reason="The world changes and the model does not: what was good at the release is not good for ever.",
    fix="declare a MonitoringSchedule, or a Schedule that starts the evaluation, which names the endpoint",
    production=True,
    check=check,
)
