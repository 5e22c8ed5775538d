"""The endpoint, from creation to destruction."""

import json
from typing import Any

import pulumi
import pytest
from botocore.exceptions import ClientError

from sluice import ModelEndpoint, execution_role
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import REGION, ClientOf, Deploy

DIGEST = "@sha256:" + "a" * 64
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits{DIGEST}"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def slot(version: int, **more: Any) -> dict[str, Any]:
    return {
        "image": IMAGE,
        "model_data_url": f"s3://store/v{version}/model.tar.gz",
        "instance_type": "ml.m5.large",
        **more,
    }


@pytest.fixture(autouse=True)
def artifacts(client: ClientOf) -> None:
    """The artifacts of three versions: SageMaker makes no model of one that is not there."""
    s3 = client("s3")
    s3.create_bucket(Bucket="store", CreateBucketConfiguration={"LocationConstraint": REGION})
    for version in (1, 2, 3):
        s3.put_object(Bucket="store", Key=f"v{version}/model.tar.gz", Body=b"weights")


class Endpoint:
    """A stack with an endpoint, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, name: str = "search", **args: Any) -> None:
        self.name = name
        self.args: dict[str, Any] = {
            "variants": {"blue": slot(1), "green": slot(2)},
            "traffic": {"blue": 90, "green": 10},
            "key_arn": KEY,
            **args,
        }
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        made = ModelEndpoint(self.name, self.args)  # type: ignore[arg-type]
        outputs = ("endpoint_name", "endpoint_arn", "config_name", "role_arn")
        for output in outputs:
            pulumi.export(output, getattr(made, output))

    def up(self) -> Result:
        return self.stack.up()


def operations(result: Result) -> list[tuple[str, str]]:
    """Returns what was done, in order, to what did not stay as it was: the type and the operation."""
    return [
        (record.type.rpartition(":")[2], record.op.value)
        for record in result.steps
        if record.op.value not in ("same", "replace") and not record.type.startswith("pulumi:")
    ]


def test_an_endpoint_serves_what_was_declared(deploy: Deploy, client: ClientOf) -> None:
    """Each slot has its model, its instances and its share; zero is a share, and no count means one instance."""
    variants = {"blue": slot(1, instance_count=2), "green": slot(2, environment={"LOG": "1"}), "grey": slot(3)}
    outputs = Endpoint(deploy, variants=variants, traffic={"blue": 100, "green": 0}).up().outputs
    sagemaker = client("sagemaker")
    described = sagemaker.describe_endpoint(EndpointName="search-test")
    assert described["EndpointStatus"] == "InService"
    assert outputs["endpoint_name"] == "search-test"
    assert outputs["endpoint_arn"] == described["EndpointArn"]
    assert outputs["config_name"] == described["EndpointConfigName"]
    configured = sagemaker.describe_endpoint_config(EndpointConfigName=outputs["config_name"])["ProductionVariants"]
    told = {
        it["VariantName"]: (it["InstanceType"], it["InitialInstanceCount"], it["InitialVariantWeight"])
        for it in configured
    }
    assert told == {"blue": ("ml.m5.large", 2, 100), "green": ("ml.m5.large", 1, 0), "grey": ("ml.m5.large", 1, 0)}
    model = sagemaker.describe_model(ModelName=configured[1]["ModelName"])
    assert model["PrimaryContainer"]["Image"] == IMAGE
    assert model["PrimaryContainer"]["ModelDataUrl"] == "s3://store/v2/model.tar.gz"
    assert model["PrimaryContainer"]["Environment"] == {"LOG": "1"}
    assert model["ExecutionRoleArn"] == outputs["role_arn"]


def test_a_second_deployment_changes_nothing(deploy: Deploy) -> None:
    """What was declared is what there is."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    assert not endpoint.up().changed


def test_a_shift_of_traffic_moves_the_endpoint_to_a_new_configuration(deploy: Deploy, client: ClientOf) -> None:
    """The new configuration is there before the endpoint moves, the old one goes after it; models stay."""
    endpoint = Endpoint(deploy)
    before = endpoint.up().outputs["config_name"]
    endpoint.args["traffic"] = {"blue": 50, "green": 50}
    result = endpoint.up()
    assert operations(result) == [
        ("EndpointConfiguration", "create-replacement"),
        ("Endpoint", "update"),
        ("EndpointConfiguration", "delete-replaced"),
    ]
    (replaced,) = [record for record in result.visible if record.op.value == "replace"]
    assert list(replaced.changes) == [
        "productionVariants[0].initialVariantWeight",
        "productionVariants[1].initialVariantWeight",
    ]
    described = client("sagemaker").describe_endpoint(EndpointName="search-test")
    assert {it["VariantName"]: it["CurrentWeight"] for it in described["ProductionVariants"]} == {
        "blue": 50,
        "green": 50,
    }
    assert described["EndpointConfigName"] == result.outputs["config_name"] != before
    with pytest.raises(ClientError, match="Could not find"):
        client("sagemaker").describe_endpoint_config(EndpointConfigName=before)


def test_a_new_version_replaces_its_slots_model_alone(deploy: Deploy, client: ClientOf) -> None:
    """The other slot's model is not touched, the endpoint is updated in place, and old things go last."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    made = client("sagemaker").describe_endpoint(EndpointName="search-test")["CreationTime"]
    endpoint.args["variants"] = {"blue": slot(1), "green": slot(3)}
    done = operations(endpoint.up())
    assert {operation for operation in done if operation[0] == "RolePolicy"} == {("RolePolicy", "update")}
    assert [operation for operation in done if operation[0] != "RolePolicy"] == [
        ("Model", "create-replacement"),
        ("EndpointConfiguration", "create-replacement"),
        ("Endpoint", "update"),
        ("EndpointConfiguration", "delete-replaced"),
        ("Model", "delete-replaced"),
    ]
    assert client("sagemaker").describe_endpoint(EndpointName="search-test")["CreationTime"] == made


def test_a_slot_can_come_and_go(deploy: Deploy, client: ClientOf) -> None:
    """Slots are keyed by name: a new one leaves the models of the others alone."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    endpoint.args["variants"] = {"amber": slot(3), **endpoint.args["variants"]}
    assert ("Model", "create") in operations(endpoint.up())
    endpoint.args |= {"variants": {"blue": slot(1)}, "traffic": {"blue": 100}}
    done = operations(endpoint.up())
    assert [operation for operation in done if operation[0] in ("Model", "Endpoint")] == [
        ("Endpoint", "update"),
        ("Model", "delete"),
        ("Model", "delete"),
    ]
    assert len(client("sagemaker").list_models()["Models"]) == 1


def test_everything_of_an_endpoint_is_the_components_child(deploy: Deploy) -> None:
    """Every resource has the component as its parent and is called by it and its slot."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    resources = endpoint.stack.state().resources
    (component,) = [resource for resource in resources if resource.type == "sluice:index:ModelEndpoint"]
    children = [resource for resource in resources if resource.type.startswith("aws:")]
    assert {resource.parent for resource in children} == {component.urn}
    assert sorted((resource.type.rpartition(":")[2], resource.name) for resource in children) == [
        ("Endpoint", "search"),
        ("EndpointConfiguration", "search"),
        ("LogGroup", "search"),
        ("Model", "search-blue"),
        ("Model", "search-green"),
        ("Role", "search"),
        ("RolePolicy", "search"),
    ]


def test_the_role_is_this_endpoints_alone(deploy: Deploy, client: ClientOf) -> None:
    """IAM holds what the pure rules say, for this account, region, endpoint, artifacts, image and key."""
    name = Endpoint(deploy).up().outputs["role_arn"].rpartition("/")[2]
    iam = client("iam")
    (trusted,) = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:*"},
    }
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    resources = {statement["Sid"]: statement["Resource"] for statement in document["Statement"]}
    logs = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/search-test"
    assert resources == {
        "ReadArtifacts": ["arn:aws:s3:::store/v1/model.tar.gz", "arn:aws:s3:::store/v2/model.tar.gz"],
        "WriteLogs": [logs, f"{logs}:*"],
        "PublishMetrics": ["*"],
        "DecryptArtifacts": [KEY],
        "LogInToRegistry": ["*"],
        "PullImages": ["arn:aws:ecr:eu-west-1:123456789012:repository/digits"],
    }


def test_a_given_role_is_taken_and_none_is_made(deploy: Deploy, client: ClientOf) -> None:
    """Who has a role of their own keeps it."""
    iam = client("iam")
    trusted = execution_role.trust("aws", "123456789012", REGION)
    arn = iam.create_role(RoleName="serving", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    assert Endpoint(deploy, execution_role_arn=arn).up().outputs["role_arn"] == arn
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["serving"]


def test_logs_are_kept_as_long_as_declared(deploy: Deploy, client: ClientOf) -> None:
    """The log group is there before the endpoint could make one that keeps logs for ever."""
    Endpoint(deploy, log_retention_days=7).up()
    (group,) = client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("/aws/sagemaker/Endpoints/search-test", 7)


def test_identity_tags_cannot_be_erased(deploy: Deploy, client: ClientOf) -> None:
    """The user's tags are added; those that say what the endpoint belongs to stay."""
    arn = Endpoint(deploy, tags={"team": "search", "sluice:component": "mine"}).up().outputs["endpoint_arn"]
    tags = {tag["Key"]: tag["Value"] for tag in client("sagemaker").list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {
        "team": "search",
        "sluice:project": "test",
        "sluice:stack": "test",
        "sluice:component": "ModelEndpoint",
        "sluice:name": "search",
    }


def test_destruction_leaves_nothing(deploy: Deploy, client: ClientOf) -> None:
    """Endpoint, configuration, models, role and logs are gone."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    endpoint.stack.destroy()
    sagemaker = client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("logs").describe_log_groups()["logGroups"] == []


def refused(endpoint: Endpoint) -> list[str]:
    with pytest.raises(UpdateFailed) as error:
        endpoint.up()
    assert error.value.result.changes in ({}, {"create": 1}), "nothing but the stack itself"
    return str(error.value.result.errors()).splitlines()


def test_everything_wrong_with_an_endpoint_is_told_at_once(deploy: Deploy) -> None:
    """One message lists each problem with its path, what was found and what is allowed; no resource is made."""
    variants = {"blue": slot(1, instance_count=0), "gre_en": slot(2)}
    endpoint = Endpoint(deploy, "se_arch", variants=variants, traffic={"blue": 90, "red": 20}, log_retention_days=45)
    head, *lines = refused(endpoint)
    assert head == "ModelEndpoint 'se_arch': 6 problems"
    assert [line.partition(";")[0].strip() for line in lines] == [
        "the endpoint would be called 'se_arch-test'",
        "traffic.red is for a slot that there is not",
        "traffic sums to 110 (blue 90, red 20)",
        "variants.blue.instance_count is 0",
        "variants.gre_en is no name for a slot",
        "log_retention_days is 45",
    ]


def test_arguments_of_the_wrong_shape_are_told_without_a_traceback(deploy: Deploy) -> None:
    """A missing key and a wrong type are two lines of one message."""
    variants = {"blue": {"image": IMAGE, "model_data_url": "s3://store/v1/model.tar.gz"}}
    assert refused(Endpoint(deploy, variants=variants, traffic={"blue": "all"})) == [
        "ModelEndpoint 'search': 2 problems",
        "  variants.blue.instanceType is missing",
        "  traffic.blue is 'all'; allowed: a valid integer, unable to parse string as an integer",
    ]


def test_what_must_be_there_before_is_waited_for(deploy: Deploy) -> None:
    """Models wait for the right to read their artifacts, the endpoint for the group that its logs go to."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    resources = endpoint.stack.state().resources
    needs = {resource.name: resource.dependencies for resource in resources if resource.type.endswith(":Model")}
    (policy,) = [resource.urn for resource in resources if resource.type.endswith(":RolePolicy")]
    assert set(needs) == {"search-blue", "search-green"}
    assert all(policy in urns for urns in needs.values())
    (logs,) = [resource.urn for resource in resources if resource.type.endswith(":LogGroup")]
    (serving,) = [resource for resource in resources if resource.type.endswith(":Endpoint")]
    assert logs in serving.dependencies
