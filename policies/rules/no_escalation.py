"""No policy lets its holder give itself more rights."""

from collections.abc import Iterator

from grants import POLICY_TYPES, allowed
from rule import Concern, Finding, Resource, ResourceRule, Settings

ESCALATING = frozenset(
    {
        "iam:addusertogroup",
        "iam:attachgrouppolicy",
        "iam:attachrolepolicy",
        "iam:attachuserpolicy",
        "iam:createaccesskey",
        "iam:createloginprofile",
        "iam:createpolicyversion",
        "iam:passrole",
        "iam:putgrouppolicy",
        "iam:putrolepolicy",
        "iam:putuserpolicy",
        "iam:setdefaultpolicyversion",
        "iam:updateassumerolepolicy",
        "iam:updateloginprofile",
    }
)
"""Known ways from some rights to all of them, in lower case."""


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for path, statement, actions in allowed(resource):
        for action in sorted(set(actions) & ESCALATING):
            if not statement.get("Condition"):
                yield Finding(resource, f"{path}.Action", repr(action))


RULE = ResourceRule(
    id="no-escalation",
    concern=Concern.SECURITY,
    types=POLICY_TYPES,
    reason="Who can write policies, or pass any role, has every right there is.",
    fix="leave it out, or let a condition say for whom: iam:PassedToService for iam:PassRole, "
    "iam:PermissionsBoundary for others",
    covers=("CKV_AWS_286",),
    check=check,
)
