"""An endpoint of its own for each test, on the sandbox's AWS."""

from typing import Any

import pulumi
import pytest

from sluice import LiveEndpoint, LiveEndpointArgs
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import SandboxStack
from tests.components.conftest import REGION, ClientOf, Deploy

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"
ROLE = "arn:aws:iam::123456789012:role/serving"
TAGS = {"sluice:project": "test", "sluice:stack": "test", "sluice:component": "ModelEndpoint", "sluice:name": "search"}
ALARM = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "errors"}]}}


def variant(slot: str, weight: float, count: int = 1) -> dict[str, Any]:
    return {
        "VariantName": slot,
        "ModelName": "model",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
        "InitialVariantWeight": weight,
    }


class Serving:
    """A stack with one endpoint, whose arguments a test changes; configurations `one` to `three` are there."""

    def __init__(self, deploy: Deploy, client: ClientOf, aws: Aws) -> None:
        self.aws, self.sagemaker, self.cloudwatch = aws, client("sagemaker"), client("cloudwatch")
        self.sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
        for name, slots in {"one": ("blue", "green"), "two": ("blue", "green"), "three": ("blue",)}.items():
            variants = [variant(slot, 1 if slot == "blue" else 0) for slot in slots]
            self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
        self.cloudwatch.put_metric_alarm(
            AlarmName="errors",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Period=60,
            Statistic="Sum",
            Threshold=5,
        )
        aws.set_durations(
            **dict.fromkeys(
                ("endpoint_create", "endpoint_update", "endpoint_delete", "endpoint_weights", "endpoint_rollback"), 0
            )
        )
        self.args: dict[str, Any] = {
            "name": "search",
            "endpoint_config_name": "one",
            "weights": {"blue": 90, "green": 10},
            "counts": {"blue": 1, "green": 1},
            "versions": {"blue": "digits@1", "green": "digits@2"},
            "region": REGION,
            "tags": TAGS,
        }
        self.stack: SandboxStack = deploy(self._declare)

    def _declare(self) -> None:
        pulumi.export(
            "arn",
            LiveEndpoint(
                "search", LiveEndpointArgs(**{key: value for key, value in self.args.items() if value is not None})
            ).arn,
        )

    def up(self, **changes: Any) -> Result:
        self.args |= changes
        return self.stack.up()

    def fails(self, **changes: Any) -> str:
        with pytest.raises(UpdateFailed) as error:
            self.up(**changes)
        return str(error.value.result.errors())

    def described(self) -> dict[str, Any]:
        described: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName="search")
        return described

    def live(self) -> dict[str, tuple[float, int]]:
        """Returns weight and count of each variant."""
        variants = self.described()["ProductionVariants"]
        return {it["VariantName"]: (it["CurrentWeight"], it["DesiredInstanceCount"]) for it in variants}

    def is_settled(self) -> bool:
        return not self.stack.refresh().changed and not self.stack.up().changed


@pytest.fixture
def serving(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> Serving:
    """An endpoint that is in service."""
    made = Serving(deploy, client, sandbox_aws)
    made.up()
    return made
