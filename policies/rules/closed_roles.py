"""A role may be taken by those that are named, not by everybody nor by a whole account."""

import re
from collections.abc import Iterator, Mapping

from kit import listed, statements
from rule import Concern, Finding, Resource, ResourceRule, Settings

OPEN = re.compile(r"\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:root")


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for sid, statement in statements(resource.props.get("assumeRolePolicy")):
        principal = statement.get("Principal")
        named = listed(principal.get("AWS")) if isinstance(principal, Mapping) else [principal]
        for name in named:
            if isinstance(name, str) and OPEN.fullmatch(name) and not statement.get("Condition"):
                yield Finding(resource, f"assumeRolePolicy.Statement.{sid}.Principal", repr(name))


RULE = ResourceRule(
    id="closed-roles",
    concern=Concern.SECURITY,
    types=("aws:iam/role:Role",),
    reason="Who can take the role can do what it may: of a whole account, that is whoever has any rights in it.",
    fix="name a service, a role or a user as principal, or add a condition",
    covers=("CKV_AWS_60", "CKV_AWS_61"),
    check=check,
)
