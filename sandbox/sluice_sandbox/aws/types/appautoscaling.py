"""Application Auto Scaling: variants of endpoints whose instances follow their load."""

from collections.abc import Iterator
from typing import Any, ClassVar

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.naming import from_api
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging
from sluice_sandbox.errors import SandboxError

_WHERE = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
_TRACKING = "targetTrackingScalingPolicyConfiguration"
_SPECIFICATIONS = ("predefinedMetricSpecification", "customizedMetricSpecification")


class _ScalingType(ResourceType):
    service = "application-autoscaling"
    missing = ("ObjectNotFoundException",)
    changing: ClassVar[frozenset[str]]
    """Inputs that the creating operation, called again, changes in place."""

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        for member, expected in _WHERE.items():
            key = member[:1].lower() + member[1:]
            if inputs.get(key) not in (None, UNKNOWN, expected):
                yield key, f"is {inputs[key]!r}; the sandbox's AWS scales instances of variants alone: {expected}"

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        if any(old.get(key) != new.get(key) for key in self.changing):
            # AWS refuses tags of what is there already; they have operations of their own.
            aws.call(self.service, self.create_operation, **self.request({**new, "tags": None}))
        return super().update(aws, identity, old, new, timeout)

    def told(self, described: Values) -> Values:
        """Returns what a description says of the inputs, and the outputs that it holds."""
        inputs = from_api(self._create_shape(), described, self.names)
        told = {key: value for key, value in inputs.items() if key in self.input_names()}
        return {**told, **{key: described.get(member) for key, member in self.computed.items()}}


class Target(_ScalingType):
    """A scalable target: a variant, and the bounds of its instances."""

    token = "aws:appautoscaling/target:Target"
    identity = "resourceId"
    create_operation, read_operation = "RegisterScalableTarget", "DescribeScalableTargets"
    delete_operation = "DeregisterScalableTarget"
    names = {"roleArn": "RoleARN"}
    computed = {"arn": "ScalableTargetARN"}
    changing = frozenset({"minCapacity", "maxCapacity", "roleArn", "suspendedState"})
    mutable = ResourceType.mutable | changing
    shared = frozenset({"roleArn", "suspendedState"})
    tagging = Tagging(
        key="", target="ResourceARN", lists="ListTagsForResource", adds="TagResource", removes="UntagResource"
    )

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        yield from super().check_more(inputs)
        least, most = inputs.get("minCapacity"), inputs.get("maxCapacity")
        for key in ("minCapacity", "maxCapacity"):
            if inputs.get(key) is None:
                yield key, "is missing; AWS requires it"
        if isinstance(least, int | float) and least < 0:
            yield "minCapacity", f"is {least:g}; allowed: 0 or more"
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            yield "maxCapacity", f"is {most:g}, less than minCapacity, which is {least:g}"

    def read(self, aws: Clients, identity: str) -> Values | None:
        target = self._find(aws, identity)
        return None if target is None else self.complete(aws, identity, self.told(target), target)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        tags = self.tagging.read(aws, self.service, outputs["arn"], described)
        return {**outputs, "region": aws.region, "tags": tags, "tagsAll": tags}

    def key(self, identity: str) -> Values:
        return {**_WHERE, "ResourceId": identity}

    def tag_target(self, aws: Clients, identity: str) -> str:
        target = self._find(aws, identity)
        if target is None:
            raise SandboxError(f"the scalable target {identity} is gone; refresh to see it, then update again")
        return str(target["ScalableTargetARN"])

    def _find(self, aws: Clients, identity: str) -> Values | None:
        asked = {**_WHERE, "ResourceIds": [identity]}
        targets: list[Values] = aws.call(self.service, self.read_operation, **asked)["ScalableTargets"]
        return targets[0] if targets else None


class Policy(_ScalingType):
    """A scaling policy: the metric that a target's instances follow."""

    token = "aws:appautoscaling/policy:Policy"
    create_operation, read_operation = "PutScalingPolicy", "DescribeScalingPolicies"
    delete_operation = "DeleteScalingPolicy"
    autonamed, name_length = "name", 255
    names = {"name": "PolicyName"}
    computed = {"arn": "PolicyARN"}
    refused = frozenset({"stepScalingPolicyConfiguration", "predictiveScalingPolicyConfiguration"})
    changing = frozenset({_TRACKING})
    mutable = ResourceType.mutable | changing

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        yield from super().check_more(inputs)
        kind = inputs.get("policyType")
        if kind not in ("TargetTrackingScaling", UNKNOWN):
            # What the AWS provider takes when nothing is said.
            said = repr(kind) if kind else "missing, which means 'StepScaling'"
            yield "policyType", f"is {said}; the sandbox's AWS has 'TargetTrackingScaling' alone"
        tracking = inputs.get(_TRACKING)
        if tracking is None:
            yield _TRACKING, "is missing; AWS requires it of 'TargetTrackingScaling'"
        elif isinstance(tracking, dict):
            yield from _check_specifications(tracking)

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        found = {policy["ResourceId"] for policy in self._named(aws, inputs["name"])}
        others = ", ".join(sorted(found - {inputs["resourceId"]}))
        if others:
            raise SandboxError(
                f"{others} has a policy named {inputs['name']} already; the sandbox's AWS tells them apart by name, "
                "which is their id: give each another one, or none"
            )
        return super().create(aws, inputs, timeout)

    def read(self, aws: Clients, identity: str) -> Values | None:
        named = self._named(aws, identity)
        if not named:
            return None
        alarms = [alarm["AlarmARN"] for alarm in named[0].get("Alarms", [])]
        return self.complete(aws, identity, {**self.told(named[0]), "alarmArns": alarms}, named[0])

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        where = {**_WHERE, "ResourceId": outputs["resourceId"]}
        aws.find(self.service, self.delete_operation, self.missing, PolicyName=identity, **where)

    def _named(self, aws: Clients, name: str) -> list[Values]:
        asked = {**_WHERE, "PolicyNames": [name]}
        found: list[Values] = aws.call(self.service, self.read_operation, **asked)["ScalingPolicies"]
        return found


def _check_specifications(tracking: dict[str, Any]) -> Iterator[Failure]:
    given = [name for name in _SPECIFICATIONS if tracking.get(name) is not None]
    if len(given) != 1:
        both = " and ".join(given) or "none"
        yield _TRACKING, f"has {both}; allowed: exactly one of {' and '.join(_SPECIFICATIONS)}"
    custom = tracking.get("customizedMetricSpecification")
    if isinstance(custom, dict) and custom.get("metrics"):
        path = f"{_TRACKING}.customizedMetricSpecification.metrics"
        yield path, "the sandbox's AWS does not support metric math here; use the Pulumi CLI and AWS for it"
