"""A version whose end is near has a successor under evaluation."""

from collections.abc import Iterator, Sequence
from datetime import date

from clock import as_date, today
from kit import DAYS, of_type
from rule import Concern, Finding, Resource, Settings, StackRule
from versions_seen import PACKAGE, fact, is_candidate, others_of_its_model


def _end(package: Resource) -> date | None:
    ends = [as_date(fact(package, key)) for key in ("end-of-life", "retires")]
    return min((end for end in ends if end is not None), default=None)


def check(stack: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    for package in of_type(stack, PACKAGE):
        end = _end(package)
        if end is None or not is_candidate(package) or (end - today()).days > settings["noticeDays"]:
            continue
        later = [other for other in others_of_its_model(package, stack) if (_end(other) or date.max) > end]
        if not later:
            left = (end - today()).days
            yield Finding(
                package, "metadata.sluice:end-of-life", f"{end.isoformat()}, in {left} days, without successor"
            )


RULE = StackRule(
    id="successor-in-time",
    concern=Concern.OWNERSHIP,
    types=("sluice:index:ModelPackage",),
    reason="An evaluation, a shadow and a ladder take weeks.",
    fix="declare the manifest of a version that is to follow, or reject this one",
    settings={"noticeDays": {**DAYS, "default": 90, "description": "How many days before its end."}},
    check=check,
)
