"""Logs are kept for as long as somebody may have to look back, and no longer than is said."""

from collections.abc import Iterator

from kit import DAYS, missing, number
from rule import Changes, Concern, Finding, Resource, ResourceRule, Settings


def remedy(resource: Resource, settings: Settings) -> Changes:
    """Keeps them for as long as the setting says; not those of who said for ever, which would delete some."""
    if number(resource.props.get("retentionInDays")) == 0:
        return {}
    return {("retentionInDays",): settings["minDays"]} if list(check(resource, settings)) else {}


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    days, fewest = number(resource.props.get("retentionInDays")), settings["minDays"]
    if days is None:
        yield from missing(resource, "retentionInDays")
    elif 0 < days < fewest or days == 0:
        yield Finding(resource, "retentionInDays", "0, for ever" if days == 0 else f"{days:g}")


RULE = ResourceRule(
    id="kept-logs",
    concern=Concern.SECURITY,
    types=("aws:cloudwatch/logGroup:LogGroup",),
    reason="What went wrong is often asked a year later, and what is kept for ever is paid for ever.",
    fix="set retentionInDays to the setting `minDays` or more; logRetentionDays of ModelEndpoint",
    covers=("CKV_AWS_66", "CKV_AWS_338"),
    settings={"minDays": {**DAYS, "default": 365, "description": "The fewest days."}},
    remedy=remedy,
    check=check,
)
