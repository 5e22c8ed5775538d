"""Artifacts are in cold storage before they are deleted."""

from collections.abc import Iterator, Sequence

from aging import aging_rules
from buckets import checkpoint_buckets
from kit import at, listed, number
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in checkpoint_buckets(stack):
        for setting, path, rule in aging_rules(bucket):
            end = number(at(rule, "expiration.days"))
            moves = [number(at(it, "days")) for it in listed(rule.get("transitions"))]
            if end is not None and not any(days is not None and days < end for days in moves):
                yield Finding(setting, path, f"to be deleted after {end:g} days, from hot storage")


RULE = StackRule(
    id="cold-before-deletion",
    concern=Concern.RETENTION,
    types=("aws:s3/*",),
    reason="What is missed is missed after weeks; from cold storage it can be had back.",
    fix="let a transition to cold storage come before the expiration",
    check=check,
)
