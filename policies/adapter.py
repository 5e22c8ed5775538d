"""A rule as Pulumi's policy SDK wants it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from rule import UNKNOWN, Resource, ResourceRule, Rule, StackRule

Report = Callable[[str, str], None]


def as_policy(rule: Rule) -> Policy:
    """Returns the policy that reports whatever the rule finds."""
    if isinstance(rule, StackRule):
        return StackValidationPolicy(rule.id, rule.reason, _stack_validation(rule), remediation_steps=rule.fix)
    return ResourceValidationPolicy(rule.id, rule.reason, _resource_validation(rule), remediation_steps=rule.fix)


def _resource_validation(rule: ResourceRule) -> Callable[[ResourceValidationArgs, Report], None]:
    def validate(args: ResourceValidationArgs, report: Report) -> None:
        for finding in rule.check(Resource(args.resource_type, args.name, args.urn, seen(args.props))):
            report(rule.message(finding), finding.resource.urn)

    return validate


def _stack_validation(rule: StackRule) -> Callable[[StackValidationArgs, Report], None]:
    def validate(args: StackValidationArgs, report: Report) -> None:
        for finding in rule.check([_resource(resource) for resource in args.resources]):
            report(rule.message(finding), finding.resource.urn)

    return validate


def _resource(given: PolicyResource) -> Resource:
    uses = {key: [needed.urn for needed in needs] for key, needs in given.property_dependencies.items()}
    return Resource(given.resource_type, given.name, given.urn, seen(given.props), uses)


def seen(value: Any) -> Any:
    """Returns what the SDK shows as plain dicts and lists; its proxies raise where a value is not known yet."""
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
