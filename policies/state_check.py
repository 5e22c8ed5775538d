"""
The policies over an exported stack, without any engine: `pulumi stack export`, `sluice sandbox stack --export`.

What is encrypted in the file is not known here: it neither satisfies nor violates a policy, and is never shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configuration import Configuration
from problems import InvalidPolicyFile, read_json
from rule import UNKNOWN, Finding, Level, Resource, Rule, StackRule
from waivers import Waiver, waived

_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Result:
    """What one policy says of one resource, or of none where the policy itself failed."""

    policy: str
    level: Level
    urn: str
    message: str
    waiver: Waiver | None = None

    @property
    def stops(self) -> bool:
        """Whether it is to stop a deployment."""
        return self.waiver is None and self.level is not Level.ADVISORY

    def as_json(self) -> dict[str, Any]:
        """Returns it for a JSON document."""
        told = {"policy": self.policy, "level": self.level.value, "urn": self.urn, "message": self.message}
        if self.waiver is None:
            return told
        return {**told, "waived": {"reason": self.waiver.reason, "expires": self.waiver.expires.isoformat()}}


@dataclass(frozen=True)
class Exported:
    """The resources of an export: as they were asked for, and as they became."""

    asked: Sequence[Resource]
    made: Sequence[Resource]


def read_export(file: Path) -> Exported:
    """Returns what a file holds. Raises InvalidPolicyFile for one that is no export of a stack."""
    given = read_json(file)
    deployment = given.get("deployment") if isinstance(given, dict) else None
    resources = deployment.get("resources", []) if isinstance(deployment, dict) else None
    if not isinstance(resources, list) or any(not isinstance(it, dict) or "urn" not in it for it in resources):
        raise InvalidPolicyFile(file, ["is no export of a stack; make one with: pulumi stack export --file <file>"])
    # What is about to be deleted is no part of the stack any more.
    kept = [it for it in resources if not it.get("delete")]
    return Exported([_resource(it, "inputs") for it in kept], [_resource(it, "outputs") for it in kept])


def check_state(
    exported: Exported, rules: Iterable[Rule], configuration: Configuration, waivers: Sequence[Waiver] = ()
) -> Iterator[Result]:
    """Yields what policies find in a stack, by policy; those that are turned off are not asked."""
    for rule in rules:
        level = configuration.level(rule)
        if level is Level.DISABLED:
            continue
        try:
            for finding in _found(rule, exported, configuration):
                waiver = waived(waivers, rule.id, finding.resource)
                yield Result(rule.id, level, finding.resource.urn, rule.message(finding), waiver)
        except Exception as error:
            # A policy that fails has not passed, whatever its level: nobody knows what it would have said.
            yield Result(rule.id, Level.MANDATORY, "", f"the policy itself failed: {type(error).__name__}: {error}")


def _found(rule: Rule, exported: Exported, configuration: Configuration) -> Iterator[Finding]:
    settings = configuration.of(rule)
    if isinstance(rule, StackRule):
        yield from rule.findings(exported.made, settings)
        return
    for resource in exported.asked:
        yield from rule.findings(resource, settings)


def _resource(given: Mapping[str, Any], key: str) -> Resource:
    urn = given["urn"]
    props = {name: _shown(value) for name, value in (given.get(key) or {}).items() if not name.startswith("__")}
    return Resource(given.get("type", ""), urn.rpartition("::")[2], urn, props, given.get("propertyDependencies") or {})


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return UNKNOWN
        return {key: _shown(item) for key, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value
