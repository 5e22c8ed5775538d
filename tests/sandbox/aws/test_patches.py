"""What the sandbox adds to moto, as clients of AWS see it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice_sandbox import moto_patches
from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.cases.case import IMAGE
from tests.sandbox.aws.conftest import Client

ROLE = "arn:aws:iam::123456789012:role/digits"


@pytest.mark.parametrize("patch", moto_patches.patches(), ids=lambda patch: patch.__name__.rpartition(".")[2])
def test_every_patch_is_still_needed(patch: Any) -> None:
    """Once moto has what a patch adds, the patch is to be deleted."""
    assert patch.needed()
    assert patch.__doc__ is not None
    assert "Adds" in patch.__doc__


def _variant(model: str, weight: float = 1.0, **more: Any) -> dict[str, Any]:
    given = {"VariantName": model, "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    return {**given, "InitialVariantWeight": weight, **more}


@pytest.fixture
def sagemaker(client: Client) -> Any:
    """A client, with two models and two endpoint configurations, `one` and `two`."""
    made = client("sagemaker")
    for name in ("blue", "green"):
        made.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    for name, weights in {"one": (1, 0), "two": (1, 1)}.items():
        variants = [_variant(model, weight) for model, weight in zip(("blue", "green"), weights, strict=True)]
        made.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    return made


def _status(sagemaker: Any) -> str:
    status: str = sagemaker.describe_endpoint(EndpointName="digits")["EndpointStatus"]
    return status


def test_an_endpoint_passes_through_its_states(sagemaker: Any, sandbox_aws: Aws) -> None:
    """Creating, in service, updating, in service, gone: when time says so, and time passes when the test says so."""
    sandbox_aws.stop_clock()
    sandbox_aws.set_durations(endpoint_create=300, endpoint_update=300, endpoint_delete=60)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    assert _status(sagemaker) == "Creating"
    sandbox_aws.advance(299)
    assert _status(sagemaker) == "Creating"
    sandbox_aws.advance(1)
    assert _status(sagemaker) == "InService"
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two")
    assert _status(sagemaker) == "Updating"
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "one"
    sandbox_aws.advance(300)
    assert _status(sagemaker) == "InService"
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "two"
    sagemaker.delete_endpoint(EndpointName="digits")
    assert _status(sagemaker) == "Deleting"
    sandbox_aws.advance(60)
    with pytest.raises(ClientError, match="Could not find"):
        _status(sagemaker)


def test_time_can_pass_by_waiting(sagemaker: Any, sandbox_aws: Aws) -> None:
    """A stopped clock with a step moves on whenever somebody looks in vain: a test waits for nothing."""
    sandbox_aws.stop_clock(step=100)
    sandbox_aws.set_durations(endpoint_create=300)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    seen = [_status(sagemaker) for _ in range(5)]
    assert seen[0] == "Creating"
    assert seen[-1] == "InService"


def test_a_busy_endpoint_is_left_alone(sagemaker: Any, sandbox_aws: Aws) -> None:
    """While it is updating it can be neither updated, reweighted nor deleted."""
    sandbox_aws.set_durations(endpoint_create=0)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    sandbox_aws.stop_clock()
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two")
    weights = [{"VariantName": "green", "DesiredWeight": 1.0}]
    for attempt in (
        lambda: sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="one"),
        lambda: sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="digits", DesiredWeightsAndCapacities=weights
        ),
        lambda: sagemaker.delete_endpoint(EndpointName="digits"),
    ):
        with pytest.raises(ClientError, match="ValidationException"):
            attempt()


def test_a_new_weight_leaves_the_count_alone(sagemaker: Any, sandbox_aws: Aws) -> None:
    """And a count the weight."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_weights=0)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    for change in ({"DesiredWeight": 3.0}, {"DesiredInstanceCount": 2}):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="digits", DesiredWeightsAndCapacities=[{"VariantName": "green", **change}]
        )
    (green,) = [
        variant
        for variant in sagemaker.describe_endpoint(EndpointName="digits")["ProductionVariants"]
        if variant["VariantName"] == "green"
    ]
    assert (green["CurrentWeight"], green["CurrentInstanceCount"]) == (3.0, 2)


@pytest.mark.parametrize(("retain", "weight"), [(True, 7.0), (False, 1.0)])
def test_an_update_resets_weights_unless_told_to_retain_them(
    sagemaker: Any, sandbox_aws: Aws, retain: bool, weight: float
) -> None:
    """As SageMaker does, to the surprise of many."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_weights=0)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="digits", DesiredWeightsAndCapacities=[{"VariantName": "green", "DesiredWeight": 7.0}]
    )
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two", RetainAllVariantProperties=retain)
    variants = sagemaker.describe_endpoint(EndpointName="digits")["ProductionVariants"]
    assert {variant["VariantName"]: variant["CurrentWeight"] for variant in variants}["green"] == weight


def test_configurations_keep_all_that_they_are_given(sagemaker: Any) -> None:
    """Shadow variants, network settings and new instance types, which moto drops or refuses."""
    sagemaker.create_endpoint_config(
        EndpointConfigName="shadowed",
        ProductionVariants=[_variant("blue", InstanceType="ml.g6e.xlarge")],
        ShadowProductionVariants=[_variant("green")],
        EnableNetworkIsolation=True,
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    )
    described = sagemaker.describe_endpoint_config(EndpointConfigName="shadowed")
    assert described["ShadowProductionVariants"][0]["VariantName"] == "green"
    assert described["EnableNetworkIsolation"] is True
    assert described["VpcConfig"]["Subnets"] == ["subnet-1"]
    assert described["ProductionVariants"][0]["InstanceType"] == "ml.g6e.xlarge"


@pytest.mark.parametrize(
    ("operation", "member", "name", "names"),
    [
        ("list_models", "Models", "ModelName", ["blue", "green"]),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", ["one", "two"]),
        ("list_endpoints", "Endpoints", "EndpointName", ["digits"]),
    ],
)
def test_lists_are_filtered_sorted_and_paged(
    sagemaker: Any, sandbox_aws: Aws, operation: str, member: str, name: str, names: list[str]
) -> None:
    """By part of the name and by time, a page at a time."""
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")
    ask = getattr(sagemaker, operation)

    def found(**request: Any) -> list[str]:
        return [item[name] for item in ask(**request)[member]]

    assert found(SortBy="Name", SortOrder="Ascending") == names
    assert found(SortBy="Name", SortOrder="Descending") == names[::-1]
    assert found(NameContains=names[0][1:]) == names[:1]
    assert found(CreationTimeAfter=datetime.now(UTC) + timedelta(days=1)) == []
    pages = sagemaker.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, SortBy="Name")
    assert sorted(item[name] for page in pages for item in page[member]) == names


def test_a_variant_of_an_unknown_model(sagemaker: Any) -> None:
    """SageMaker knows that before anything is made."""
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.create_endpoint_config(EndpointConfigName="bad", ProductionVariants=[_variant("nobody")])


@pytest.mark.parametrize(
    ("service", "operation", "request_", "message"),
    [
        ("sagemaker", "create_model", {"ModelName": "not_a_name!", "ExecutionRoleArn": ROLE}, "modelName"),
        ("sagemaker", "create_endpoint", {"EndpointName": "x" * 64, "EndpointConfigName": "c"}, "endpointName"),
        ("logs", "put_retention_policy", {"logGroupName": "bad name*", "retentionInDays": 7}, "logGroupName"),
        ("kms", "create_key", {"Description": "x" * 8193}, "description"),
    ],
)
def test_requests_are_checked_as_aws_checks_them(
    client: Client, service: str, operation: str, request_: dict[str, Any], message: str
) -> None:
    """Patterns, lengths, ranges and enumerations, with the member that is wrong."""
    with pytest.raises(ClientError) as refused:
        getattr(client(service), operation)(**request_)
    assert "Validation" in refused.value.response["Error"]["Code"]
    assert message in str(refused.value)


def test_lifecycle_rules_keep_their_details(client: Client) -> None:
    """Size filters and how many superseded objects to keep, which moto forgets."""
    s3 = client("s3")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    rule = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "v1/", "ObjectSizeGreaterThan": 500}},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket="data")["Rules"] == [rule]


def test_head_tells_the_length_of_what_it_does_not_send(client: Client) -> None:
    """As S3 does."""
    s3 = client("s3")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="data", Key="x", Body=b"weights")
    assert s3.head_object(Bucket="data", Key="x")["ContentLength"] == 7
