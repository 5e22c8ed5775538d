"""The policy pack: `pulumi preview --policy-pack policies`, or `sluice sandbox preview --policy-pack policies`."""

from pulumi_policy import EnforcementLevel, PolicyPack

from adapter import as_policy
from discovery import discover

if __name__ == "__main__":
    PolicyPack("sluice", [as_policy(rule) for rule in discover()], EnforcementLevel.MANDATORY)
