"""The facts of SageMaker that the design rests on, as clients of the sandbox's AWS meet them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.cases.case import IMAGE
from tests.sandbox.aws.conftest import Client

ROLE = "arn:aws:iam::123456789012:role/digits"
GUARD = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


@pytest.fixture
def sagemaker(client: Client, sandbox_aws: Aws) -> Any:
    """A client; the endpoint `digits` runs `one`, and there is `two`. Nothing takes time."""
    names = ("endpoint_create", "endpoint_update", "endpoint_delete", "endpoint_weights", "endpoint_rollback")
    sandbox_aws.set_durations(**dict.fromkeys(names, 0))
    made = client("sagemaker")
    made.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    for name in ("one", "two"):
        made.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[_variant("blue")])
    made.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    return made


@pytest.fixture
def alarm(client: Client) -> Callable[[str], None]:
    """Sets the alarm `errors` to a state."""
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Period=60,
        Statistic="Sum",
        Threshold=5,
    )
    return lambda state: cloudwatch.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="a test")


def _variant(slot: str, **more: Any) -> dict[str, Any]:
    return {"VariantName": slot, "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, **more}


def _told(sagemaker: Any) -> tuple[str, str, str | None]:
    """Returns status, configuration and reason of a failure."""
    described = sagemaker.describe_endpoint(EndpointName="digits")
    return described["EndpointStatus"], described["EndpointConfigName"], described.get("FailureReason")


def _refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return str(error.value.response["Error"]["Message"])


def test_a_configuration_is_immutable_and_its_name_is_new(sagemaker: Any) -> None:
    """Nothing updates one, and a name that is taken is refused."""
    assert not [name for name in dir(sagemaker) if name == "update_endpoint_config"]
    variants = [_variant("blue")]
    told = _refused(sagemaker.create_endpoint_config, EndpointConfigName="one", ProductionVariants=variants)
    assert told.startswith("Cannot create already existing endpoint configuration")


def test_a_name_of_an_endpoint_is_taken_once(sagemaker: Any) -> None:
    told = _refused(sagemaker.create_endpoint, EndpointName="digits", EndpointConfigName="two")
    assert told.startswith("Cannot create already existing endpoint")


def test_an_update_that_an_alarm_stops_looks_like_a_success(sagemaker: Any, alarm: Callable[[str], None]) -> None:
    """The endpoint is in service, with its old configuration: only who compares it sees that it went back."""
    alarm("ALARM")
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two", DeploymentConfig=GUARD)
    status, configuration, reason = _told(sagemaker)
    assert (status, configuration) == ("InService", "one")
    assert reason is not None
    assert "errors" in reason
    alarm("OK")
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two", DeploymentConfig=GUARD)
    assert _told(sagemaker) == ("InService", "two", None)


def test_an_update_passes_through_rolling_back(sagemaker: Any, sandbox_aws: Aws) -> None:
    """While it does, nothing else may be asked of the endpoint."""
    sandbox_aws.stop_clock()
    sandbox_aws.set_durations(endpoint_update=60, endpoint_rollback=60)
    sandbox_aws.seal_fate("digits", "update-rolls-back", "No capacity.")
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two")
    assert _told(sagemaker)[0] == "Updating"
    sandbox_aws.advance(60)
    assert _told(sagemaker) == ("RollingBack", "one", "No capacity.")
    told = _refused(sagemaker.delete_endpoint, EndpointName="digits")
    assert told.startswith("Cannot update in-progress endpoint")
    sandbox_aws.advance(60)
    assert _told(sagemaker)[:2] == ("InService", "one")


def test_a_rollback_can_fail(sagemaker: Any, sandbox_aws: Aws) -> None:
    """Then a mix of configurations serves."""
    sandbox_aws.seal_fate("digits", "rollback-fails", "No capacity.")
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two")
    assert _told(sagemaker) == ("UpdateRollbackFailed", "one", "No capacity.")


def test_what_failed_can_be_deleted_and_nothing_else(sagemaker: Any, sandbox_aws: Aws) -> None:
    """No update, no weights."""
    sandbox_aws.seal_fate("other", "create-fails", "No capacity.")
    sagemaker.create_endpoint(EndpointName="other", EndpointConfigName="one")
    described = sagemaker.describe_endpoint(EndpointName="other")
    assert (described["EndpointStatus"], described["FailureReason"]) == ("Failed", "No capacity.")
    assert "ProductionVariants" not in described
    assert "in status Failed" in _refused(sagemaker.update_endpoint, EndpointName="other", EndpointConfigName="two")
    sagemaker.delete_endpoint(EndpointName="other")
    assert [it["EndpointName"] for it in sagemaker.list_endpoints()["Endpoints"]] == ["digits"]


def test_weights_of_a_variant_that_there_is_not(sagemaker: Any) -> None:
    """They are refused by name."""
    told = _refused(
        sagemaker.update_endpoint_weights_and_capacities,
        EndpointName="digits",
        DesiredWeightsAndCapacities=[{"VariantName": "red", "DesiredWeight": 1.0}],
    )
    assert '"red"' in told


def test_a_fate_that_there_is_not_is_refused(sandbox_aws: Aws) -> None:
    """With those that there are; and a fate befalls once."""
    with pytest.raises(Exception, match="create-fails, update-rolls-back, rollback-fails"):
        sandbox_aws.seal_fate("digits", "explodes", "why not")


def test_alarms_are_looked_at_as_the_execution_role(sagemaker: Any, client: Client) -> None:
    """A role that may not describe them gets no update; one with it does, and one elsewhere is not judged."""
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two", DeploymentConfig=GUARD)
    iam = client("iam")
    statement = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="digits", AssumeRolePolicyDocument=_policy(statement))
    wanted = {"EndpointName": "digits", "EndpointConfigName": "one", "DeploymentConfig": GUARD}
    alarm = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"
    said = f"{ROLE} is not authorized to perform: cloudwatch:DescribeAlarms on resource: {alarm}"
    with pytest.raises(ClientError, match=said):
        sagemaker.update_endpoint(**wanted)
    allowed = {"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": alarm}
    iam.put_role_policy(RoleName="digits", PolicyName="alarms", PolicyDocument=_policy(allowed))
    sagemaker.update_endpoint(**wanted)
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "one"


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
