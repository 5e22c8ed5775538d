"""A guard's alarms while a new configuration loads: SageMaker goes back when one rings."""

from typing import Any

import pulumi
import pytest

from sluice import ModelEndpoint, RollbackGuard, RolloutJournal
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import ClientOf, Deploy
from tests.support.guarded import IMAGE, NEW, OLD, pinned

SLOTS = {"blue": OLD, "green": NEW}


def test_the_alarms_protect_a_deployment_too(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """The endpoint waits for the guard and names its alarms; a configuration that makes one ring does not stay."""
    for at, version in enumerate(SLOTS.values(), start=1):
        role = "arn:aws:iam::123456789012:role/serving"
        name = {"ModelName": f"model-{at}", "ExecutionRoleArn": role}
        client("sagemaker").create_model(**name, PrimaryContainer={"Image": IMAGE, "Environment": {"V": version.label}})
    kinds = {"blue": "ml.m5.large", "green": "ml.m5.large"}

    def program() -> None:
        versions: dict[str, Any] = {
            slot: {**pinned(version), "model_name": f"model-{at}", "release": at, "network_isolation": False}
            for at, (slot, version) in enumerate(SLOTS.items(), start=1)
        }
        journal = RolloutJournal("movements", {"force_destroy": True})  # type: ignore[arg-type]
        given: Any = {
            "endpoint": "search",
            "versions": versions,
            "baseline": "blue",
            "journal_table_arn": journal.table_arn,
            "journal_key_arn": journal.key_arn,
        }
        guard = RollbackGuard("guard", given)
        hosted = {slot: {"version": it, "instance_type": kinds[slot]} for slot, it in versions.items()}
        endpoint: Any = {
            "variants": hosted,
            "traffic": {"blue": 90, "green": 10},
            "deployment": {"strategy": "allAtOnce", "alarms": [guard.alarm_names.apply(lambda names: names[0])]},
        }
        pulumi.export("endpoint", ModelEndpoint("search", endpoint).endpoint_name)

    stack = deploy(program)
    stack.up()
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNamePrefix="search-test-green")["MetricAlarms"]
    asked = {"EndpointName": "search-test"}
    before = client("sagemaker").describe_endpoint(**asked)
    client("cloudwatch").set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="bad")
    sandbox_aws.function_runs()
    kinds["green"] = "ml.m5.xlarge"
    with pytest.raises(UpdateFailed, match="search-test-green-errors"):
        stack.up()
    after = client("sagemaker").describe_endpoint(**asked)
    assert after["EndpointConfigName"] == before["EndpointConfigName"]
