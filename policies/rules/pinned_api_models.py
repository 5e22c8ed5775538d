"""A model that somebody else serves is named by an identifier that always means the same."""

import re
from collections.abc import Iterator

from rule import Concern, Finding, Resource, ResourceRule, Settings

DATED = re.compile(r"-\d{4}-\d\d-\d\d|-\d{8}|-\d{4}$|(-v\d+)?:\d+$")
"""How providers write the version of a model."""


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    uri = resource.props.get("sourceUri")
    if isinstance(uri, str) and ("latest" in re.split(r"[-.:/ ]", uri) or not DATED.search(uri)):
        yield Finding(resource, "sourceUri", repr(uri))


RULE = ResourceRule(
    id="pinned-api-models",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="An alias comes to mean another model from one day to the next, and no diff shows it.",
    fix="name the dated identifier, for example gpt-4o-2024-08-06",
    check=check,
)
