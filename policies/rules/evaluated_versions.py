"""A version has an evaluation report, and the report is about that very version."""

from collections.abc import Iterator

from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import fact, is_candidate, without


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if is_candidate(resource):
        yield from without(resource, "report", "report-subject")
        about, subject = fact(resource, "report-subject"), fact(resource, "subject-digest")
        if isinstance(about, str) and isinstance(subject, str) and about != subject:
            yield Finding(resource, "metadata.sluice:report-subject", f"{about!r}, and the version is {subject!r}")


RULE = ResourceRule(
    id="evaluated-versions",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="Whatever of weights, data, prompt or inference configuration changes, the report of before says nothing "
    "about it.",
    fix="evaluate this version: sluice evaluate <manifest>, then sluice lock <manifest>",
    check=check,
)
