"""The policy pack: `pulumi preview --policy-pack policies`, or `sluice sandbox preview --policy-pack policies`."""

from datetime import UTC, datetime

from pulumi_policy import EnforcementLevel, PolicyPack

from adapter import Adapter
from discovery import discover
from secrets_seen import watch
from waivers import read_waivers

if __name__ == "__main__":
    watch()
    rules = list(discover())
    adapter = Adapter(read_waivers([rule.id for rule in rules], datetime.now(UTC).date()))
    PolicyPack("sluice", [adapter.policy(rule) for rule in rules], EnforcementLevel.MANDATORY)
