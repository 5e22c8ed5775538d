"""A rule as Pulumi's policy SDK wants it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi.runtime import rpc
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from rule import UNKNOWN, Resource, ResourceRule, Rule, StackRule
from secrets_seen import masked
from waivers import Waiver, waived

Report = Callable[[str, str], None]


class Adapter:
    """Makes policies of rules; what was looked at for one policy is not looked at again for the next."""

    def __init__(self, waivers: Sequence[Waiver] = ()) -> None:
        self._waivers = waivers
        self._props: tuple[Any, Mapping[str, Any]] = (None, {})
        self._stack: tuple[Any, dict[str, Resource]] = (None, {})

    def policy(self, rule: Rule) -> Policy:
        """Returns the policy that reports whatever the rule finds and nobody has waived."""
        told = f"{rule.description} {rule.reason}"
        options: dict[str, Any] = {
            "enforcement_level": EnforcementLevel(rule.level.value),
            "config_schema": PolicyConfigSchema({key: dict(it) for key, it in rule.schema.items()}),
            "remediation_steps": rule.fix,
            "tags": [rule.concern.value, *rule.covers],
        }
        if isinstance(rule, StackRule):
            return StackValidationPolicy(rule.id, told, self._stack_validation(rule), **options)
        remediate = None if rule.remedy is None else self._remediation(rule)
        return ResourceValidationPolicy(rule.id, told, self._validation(rule), remediate=remediate, **options)

    def _validation(self, rule: ResourceRule) -> Callable[[ResourceValidationArgs, Report], None]:
        def validate(args: ResourceValidationArgs, report: Report) -> None:
            if not rule.sees(args.resource_type):
                return
            for finding in rule.findings(self._resource(args), rule.complete(args.get_config())):
                self._tell(rule, finding.resource, rule.message(finding), report)

        return validate

    def _stack_validation(self, rule: StackRule) -> Callable[[StackValidationArgs, Report], None]:
        def validate(args: StackValidationArgs, report: Report) -> None:
            for finding in rule.findings(self._resources(rule, args.resources), rule.complete(args.get_config())):
                self._tell(rule, finding.resource, rule.message(finding), report)

        return validate

    def _remediation(self, rule: ResourceRule) -> Callable[[ResourceValidationArgs], Mapping[str, Any] | None]:
        def remediate(args: ResourceValidationArgs) -> Mapping[str, Any] | None:
            if rule.remedy is None or not rule.sees(args.resource_type):
                return None
            resource = Resource(args.resource_type, args.name, args.urn, seen(args.props))
            settings = rule.complete(args.get_config())
            changes = rule.remedy(resource, settings) if rule.concerns(resource, settings) else {}
            for path, value in changes.items():
                _set(args.props, path, value)
            return args.props if changes else None

        return remediate

    def _tell(self, rule: Rule, resource: Resource, message: str, report: Report) -> None:
        if waived(self._waivers, rule.id, resource) is None:
            report(masked(message), resource.urn)

    def _resource(self, args: ResourceValidationArgs) -> Resource:
        if self._props[0] is not args.props:
            self._props = (args.props, seen(args.props))
        return Resource(args.resource_type, args.name, args.urn, self._props[1])

    def _resources(self, rule: StackRule, given: Sequence[PolicyResource]) -> list[Resource]:
        if self._stack[0] is not given:
            self._stack = (given, {})
        known = self._stack[1]
        for resource in given:
            if resource.urn not in known and rule.sees(resource.resource_type):
                known[resource.urn] = _in_stack(resource)
        return [known[it.urn] for it in given if it.urn in known and rule.sees(it.resource_type)]


def _in_stack(given: PolicyResource) -> Resource:
    uses = {key: [needed.urn for needed in needs] for key, needs in given.property_dependencies.items()}
    return Resource(given.resource_type, given.name, given.urn, seen(given.props), uses)


def _set(props: Any, path: tuple[str, ...], value: Any) -> None:
    """Changes what the SDK handed out, in place: so secrets stay secret, and what is not known yet stays so."""
    for key in path[:-1]:
        if not isinstance(props.get(key), Mapping):
            props[key] = {}
        props = props[key]
    props[path[-1]] = value


def seen(value: Any) -> Any:
    """Returns what the SDK shows as plain dicts and lists; its proxies raise where a value is not known yet."""
    if isinstance(value, str) and value == rpc.UNKNOWN:
        return UNKNOWN  # what is to be changed is shown without proxies
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(container: Any, key: Any) -> Any:
    try:
        return seen(container[key])
    except UnknownValueError:
        return UNKNOWN
