"""Application Auto Scaling: variants of endpoints whose instances follow their load."""

from collections.abc import Iterator

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws.clients import Clients, service_model
from sluice_sandbox.aws.naming import from_api
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values

_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"


class _ScalingType(ResourceType):
    service = "application-autoscaling"
    missing = ("ObjectNotFoundException",)
    names = {"roleArn": "RoleARN"}

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        for key, expected in (("serviceNamespace", _NAMESPACE), ("scalableDimension", _DIMENSION)):
            if inputs.get(key) not in (None, UNKNOWN, expected):
                yield key, f"is {inputs[key]!r}; the sandbox's AWS scales variants alone: {expected}"


class Target(_ScalingType):
    """A scalable target: a variant, and the bounds of its instances."""

    token = "aws:appautoscaling/target:Target"
    identity = "resourceId"
    create_operation, read_operation = "RegisterScalableTarget", "DescribeScalableTargets"
    delete_operation = "DeregisterScalableTarget"
    refused = frozenset({"tags"})
    mutable = ResourceType.mutable | {"minCapacity", "maxCapacity", "suspendedState", "roleArn"}
    untold = frozenset({"roleArn"})
    computed = {"arn": "ScalableTargetARN"}

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        yield from super().check_more(inputs)
        least, most = inputs.get("minCapacity"), inputs.get("maxCapacity")
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            yield "maxCapacity", f"is {most:g}, less than minCapacity, which is {least:g}"

    def read(self, aws: Clients, identity: str) -> Values | None:
        asked = {"ServiceNamespace": _NAMESPACE, "ResourceIds": [identity]}
        targets = aws.call(self.service, self.read_operation, **asked)["ScalableTargets"]
        if not targets:
            return None
        target = targets[0]
        told = {
            "serviceNamespace": target["ServiceNamespace"],
            "resourceId": target["ResourceId"],
            "scalableDimension": target["ScalableDimension"],
            "minCapacity": target["MinCapacity"],
            "maxCapacity": target["MaxCapacity"],
            "arn": target.get("ScalableTargetARN"),
        }
        return self.complete(aws, identity, told, target)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        aws.call(self.service, self.create_operation, **self.request(new))
        return self.read_existing(aws, identity)

    def key(self, identity: str) -> Values:
        return {"ServiceNamespace": _NAMESPACE, "ResourceId": identity, "ScalableDimension": _DIMENSION}


class Policy(_ScalingType):
    """A scaling policy: what a target's instances follow."""

    token = "aws:appautoscaling/policy:Policy"
    create_operation, read_operation = "PutScalingPolicy", "DescribeScalingPolicies"
    delete_operation = "DeleteScalingPolicy"
    autonamed, name_length = "name", 256
    names = {"name": "PolicyName"}
    mutable = ResourceType.mutable | {"targetTrackingScalingPolicyConfiguration", "stepScalingPolicyConfiguration"}
    computed = {"arn": "PolicyARN"}

    def read(self, aws: Clients, identity: str) -> Values | None:
        policy = self._find(aws, identity)
        if policy is None:
            return None
        shape = service_model(self.service).operation_model(self.create_operation).input_shape
        assert shape is not None
        told = {key: value for key, value in from_api(shape, policy, self.names).items() if key in self.input_names()}
        told["arn"] = policy["PolicyARN"]
        told["alarmArns"] = [alarm["AlarmARN"] for alarm in policy.get("Alarms", [])]
        return self.complete(aws, identity, told, policy)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        aws.call(self.service, self.create_operation, **self.request(new))
        return self.read_existing(aws, identity)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        asked = {
            "PolicyName": identity,
            "ServiceNamespace": _NAMESPACE,
            "ResourceId": outputs["resourceId"],
            "ScalableDimension": _DIMENSION,
        }
        # With its target a policy goes too.
        if self._find(aws, identity) is not None:
            aws.call(self.service, self.delete_operation, **asked)

    def _find(self, aws: Clients, identity: str) -> Values | None:
        asked = {"ServiceNamespace": _NAMESPACE, "PolicyNames": [identity]}
        policies: list[Values] = aws.call(self.service, self.read_operation, **asked)["ScalingPolicies"]
        return next((policy for policy in policies if policy["PolicyName"] == identity), None)
