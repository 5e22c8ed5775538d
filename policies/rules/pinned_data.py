"""A version names the data that it was made of, or its prompt, by a digest."""

import re
from collections.abc import Iterator

from kit import told
from rule import UNKNOWN, Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import fact

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    value = fact(resource, "data")
    if value is not UNKNOWN and not (isinstance(value, str) and DIGEST.fullmatch(value)):
        yield Finding(resource, "metadata.sluice:data", told(value))


RULE = ResourceRule(
    id="pinned-data",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="What a name means can change, and then nobody can make the version again or say what it has seen.",
    fix="name a snapshot in the manifest, and run: sluice lock <manifest>",
    check=check,
)
