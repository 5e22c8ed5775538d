"""The endpoint, from creation to destruction."""

from typing import Any

import pulumi
import pytest
from botocore.exceptions import ClientError

from sluice import ModelEndpoint
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import ClientOf, Deploy

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"


def slot(version: int, **more: Any) -> dict[str, Any]:
    pinned = {
        "label": f"digits@{version}",
        "version_digest": f"sha256:{version:064x}",
        "model_name": f"model-{version}",
    }
    return {"version": pinned, "instance_type": "ml.m5.large", **more}


@pytest.fixture(autouse=True)
def models(client: ClientOf) -> None:
    """SageMaker's models of three versions: it makes no configuration of one that is not there."""
    for version in (1, 2, 3):
        client("sagemaker").create_model(
            ModelName=f"model-{version}",
            ExecutionRoleArn="arn:aws:iam::123456789012:role/serving",
            PrimaryContainer={"Image": IMAGE},
        )


class Endpoint:
    """A stack with an endpoint, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, name: str = "search", **args: Any) -> None:
        self.name = name
        self.args: dict[str, Any] = {
            "variants": {"blue": slot(1), "green": slot(2)},
            "traffic": {"blue": 90, "green": 10},
            **args,
        }
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        made = ModelEndpoint(self.name, self.args)  # type: ignore[arg-type]
        outputs = ("endpoint_name", "endpoint_arn", "config_name", "versions")
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
    """Each slot has its version, its instances and its share; zero is a share, and no count means one instance."""
    variants = {"blue": slot(1, instance_count=2), "green": slot(2), "grey": slot(3)}
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
    assert [it["ModelName"] for it in configured] == ["model-1", "model-2", "model-3"]


def test_what_is_in_production_can_be_told_from_aws_alone(deploy: Deploy, client: ClientOf) -> None:
    """The configuration is tagged with each slot's version and digest; the stack tells them short."""
    outputs = Endpoint(deploy).up().outputs
    assert outputs["versions"] == {"blue": "digits@1 sha256:000000000000", "green": "digits@2 sha256:000000000000"}
    sagemaker = client("sagemaker")
    arn = sagemaker.describe_endpoint_config(EndpointConfigName=outputs["config_name"])["EndpointConfigArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert tags["sluice:version:green"] == "digits@2"
    assert tags["sluice:version-digest:green"] == f"sha256:{2:064x}"


@pytest.mark.parametrize("digest", ["", "sha256:1", "latest", f"sha512:{'a' * 64}"])
def test_what_is_not_pinned_is_not_served(deploy: Deploy, digest: str) -> None:
    """A version without a digest is refused, however it is called."""
    unpinned = {"label": "digits@9", "version_digest": digest, "model_name": "model-1"}
    lines = refused(Endpoint(deploy, variants={"blue": {**slot(1), "version": unpinned}}, traffic={"blue": 100}))
    assert lines == [
        "ModelEndpoint 'search': 1 problem",
        f"  variants.blue.version.version_digest is {digest!r}, which is no digest; take what `ModelVersion.pinned` is",
    ]


def test_a_model_alone_is_no_version(deploy: Deploy) -> None:
    """An image and an artifact without data, evaluation and inference configuration have no place in a slot."""
    bare = {"image": IMAGE, "model_data_url": "s3://store/v1/model.tar.gz", "instance_type": "ml.m5.large"}
    told = "\n".join(refused(Endpoint(deploy, variants={"blue": bare}, traffic={"blue": 100})))
    assert "variants.blue.version is missing" in told
    assert "variants.blue.image is not known here" in told


def test_a_second_deployment_changes_nothing(deploy: Deploy) -> None:
    """What was declared is what there is."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    assert not endpoint.up().changed


def test_a_shift_of_traffic_moves_the_endpoint_to_a_new_configuration(deploy: Deploy, client: ClientOf) -> None:
    """The new configuration is there before the endpoint moves, the old one goes after it; nothing else moves."""
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


def test_a_new_version_moves_the_endpoint_in_place(deploy: Deploy, client: ClientOf) -> None:
    """It is the same endpoint, with a new configuration; the old one goes last."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    made = client("sagemaker").describe_endpoint(EndpointName="search-test")["CreationTime"]
    endpoint.args["variants"] = {"blue": slot(1), "green": slot(3)}
    assert operations(endpoint.up()) == [
        ("EndpointConfiguration", "create-replacement"),
        ("Endpoint", "update"),
        ("EndpointConfiguration", "delete-replaced"),
    ]
    assert client("sagemaker").describe_endpoint(EndpointName="search-test")["CreationTime"] == made


def test_a_slot_can_come_and_go(deploy: Deploy, client: ClientOf) -> None:
    """Slots are keyed by name: they come and go in the one endpoint."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    for variants, traffic in (
        ({"amber": slot(3), **endpoint.args["variants"]}, {"blue": 90, "green": 10}),
        ({"blue": slot(1)}, {"blue": 100}),
    ):
        endpoint.args |= {"variants": variants, "traffic": traffic}
        endpoint.up()
        described = client("sagemaker").describe_endpoint(EndpointName="search-test")
        assert {it["VariantName"] for it in described["ProductionVariants"]} == set(variants)


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
    ]


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
    """Endpoint, configuration and logs are gone."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    endpoint.stack.destroy()
    sagemaker = client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
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
    variants = {"blue": {"version": slot(1)["version"]}}
    assert refused(Endpoint(deploy, variants=variants, traffic={"blue": "all"})) == [
        "ModelEndpoint 'search': 2 problems",
        "  variants.blue.instanceType is missing",
        "  traffic.blue is 'all'; allowed: a valid integer, unable to parse string as an integer",
    ]


def test_what_must_be_there_before_is_waited_for(deploy: Deploy) -> None:
    """The endpoint waits for the group that its logs go to."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    resources = endpoint.stack.state().resources
    (logs,) = [resource.urn for resource in resources if resource.type.endswith(":LogGroup")]
    (serving,) = [resource for resource in resources if resource.type.endswith(":Endpoint")]
    assert logs in serving.dependencies
