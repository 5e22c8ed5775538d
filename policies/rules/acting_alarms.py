"""An alarm does something, and says what it makes of missing data."""

from collections.abc import Iterator

from endpoints import ALARM
from kit import missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "alarmActions")
    if resource.props.get("actionsEnabled") is False:
        yield Finding(resource, "actionsEnabled", "false")
    if resource.type == ALARM:
        yield from missing(resource, "treatMissingData")


RULE = ResourceRule(
    id="acting-alarms",
    concern=Concern.ROLLBACK,
    types=(ALARM, "aws:cloudwatch/compositeAlarm:CompositeAlarm"),
    reason="An alarm without action is seen in the morning, and silence, which is what a dead endpoint sends, must "
    "not be health.",
    fix="set alarmActions and treatMissingData",
    covers=("CKV_AWS_319",),
    check=check,
)
