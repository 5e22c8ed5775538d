"""The endpoint, from creation to destruction."""

from typing import Any

import pulumi
import pytest

from sluice import ModelEndpoint
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import ClientOf, Deploy

KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"


def slot(version: int, **more: Any) -> dict[str, Any]:
    pinned = {
        "label": f"digits@{version}",
        "version_digest": f"sha256:{version:064x}",
        "model_name": f"model-{version}",
        "release": version,
        "network_isolation": False,
    }
    return {"version": pinned, "instance_type": "ml.m5.large", **more}


def serverless(version: int, **more: Any) -> dict[str, Any]:
    hosted = {"memory_mb": 2048, "max_concurrency": 5, **more}
    return {"version": slot(version)["version"], "serverless": hosted}


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
        outputs = ("endpoint_name", "endpoint_arn", "config_name", "baseline", "versions")
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


def _of(result: Result, kind: str) -> Any:
    (step,) = [record for record in result.visible if record.type.endswith(f":{kind}")]
    return step


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
    assert [it["ModelName"] for it in configured] == ["model-1", "model-2", "model-3"]
    live = {
        it["VariantName"]: (it["CurrentWeight"], it["CurrentInstanceCount"]) for it in described["ProductionVariants"]
    }
    assert live == {"blue": (100, 2), "green": (0, 1), "grey": (0, 1)}
    assert outputs["baseline"] == "blue"


def test_a_start_from_nothing_serves_the_oldest_version(deploy: Deploy, client: ClientOf) -> None:
    """Whatever the declared traffic is: the configuration hangs on the versions alone."""
    configurations = []
    for traffic in ({"blue": 90, "green": 10}, {"blue": 0, "green": 100}):
        endpoint = Endpoint(deploy, variants={"green": slot(2), "blue": slot(1)}, traffic=traffic)
        name = endpoint.up().outputs["config_name"]
        described = client("sagemaker").describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"]
        configurations.append({it["VariantName"]: it["InitialVariantWeight"] for it in described})
        endpoint.stack.destroy()
    assert configurations == [{"blue": 1, "green": 0}] * 2


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
    unpinned = {**slot(1)["version"], "version_digest": digest}
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


def test_a_shift_of_traffic_is_one_change_in_place(deploy: Deploy, client: ClientOf) -> None:
    """The configuration stays, and with it the fleet."""
    endpoint = Endpoint(deploy)
    before = endpoint.up().outputs["config_name"]
    endpoint.args["traffic"] = {"blue": 50, "green": 50}
    result = endpoint.up()
    assert operations(result) == [("LiveEndpoint", "update")]
    assert set(_of(result, "LiveEndpoint").changes) == {"weights.blue", "weights.green"}
    described = client("sagemaker").describe_endpoint(EndpointName="search-test")
    assert {it["VariantName"]: it["CurrentWeight"] for it in described["ProductionVariants"]} == {
        "blue": 50,
        "green": 50,
    }
    assert described["EndpointConfigName"] == result.outputs["config_name"] == before


def test_another_count_is_scaled_to_in_place(deploy: Deploy, client: ClientOf) -> None:
    """No other fleet for one instance more."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    endpoint.args["variants"] = {"blue": slot(1, instance_count=3), "green": slot(2)}
    assert operations(endpoint.up()) == [("LiveEndpoint", "update")]
    described = client("sagemaker").describe_endpoint(EndpointName="search-test")
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 3


def test_a_new_version_comes_in_a_slot_without_traffic(deploy: Deploy, client: ClientOf) -> None:
    """The endpoint moves to a new configuration; weights stay as they are, and the old one goes last."""
    endpoint = Endpoint(deploy, traffic={"blue": 100, "green": 0})
    endpoint.up()
    made = client("sagemaker").describe_endpoint(EndpointName="search-test")["CreationTime"]
    endpoint.args["variants"] = {"blue": slot(1), "green": slot(3)}
    assert operations(endpoint.up()) == [
        ("EndpointConfiguration", "create-replacement"),
        ("LiveEndpoint", "update"),
        ("EndpointConfiguration", "delete-replaced"),
    ]
    described = client("sagemaker").describe_endpoint(EndpointName="search-test")
    assert described["CreationTime"] == made
    assert {it["VariantName"]: it["CurrentWeight"] for it in described["ProductionVariants"]} == {
        "blue": 100,
        "green": 0,
    }


def test_a_new_version_may_not_come_over_users(deploy: Deploy) -> None:
    """Not in a slot that carries traffic: the preview says where it goes instead."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    endpoint.args["variants"] = {"blue": slot(3), "green": slot(2)}
    told = str(endpoint.stack.preview().errors())
    assert "versions.blue: is 'digits@3 sha256:000000000000', and the slot has 90 of the traffic" in told
    assert "put it into a slot without traffic" in told


def test_a_slot_with_traffic_may_not_go(deploy: Deploy) -> None:
    """First its traffic, then the slot."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    endpoint.args |= {"variants": {"blue": slot(1)}, "traffic": {"blue": 100}}
    assert "weights.green: is gone, and the slot has 10 of the traffic" in str(endpoint.stack.preview().errors())


def test_a_baseline_without_traffic_is_no_start(deploy: Deploy) -> None:
    """Later on it may have none."""
    endpoint = Endpoint(deploy, baseline="green", traffic={"blue": 100, "green": 0})
    assert "baseline: is 'green', which has no traffic" in str(endpoint.stack.preview().errors())
    endpoint.args["traffic"] = {"blue": 0, "green": 100}
    endpoint.up()
    endpoint.args["traffic"] = {"blue": 100, "green": 0}
    assert endpoint.up().outputs["baseline"] == "green"


def test_a_slot_can_come_and_go(deploy: Deploy, client: ClientOf) -> None:
    """Slots are keyed by name: they come and go in the one endpoint, without traffic."""
    endpoint = Endpoint(deploy, traffic={"blue": 100, "green": 0})
    endpoint.up()
    for variants in ({**endpoint.args["variants"], "amber": slot(3)}, {"blue": slot(1)}):
        endpoint.args |= {"variants": variants, "traffic": {"blue": 100}}
        endpoint.up()
        described = client("sagemaker").describe_endpoint(EndpointName="search-test")
        assert {it["VariantName"] for it in described["ProductionVariants"]} == set(variants)


def test_everything_of_an_endpoint_is_the_components_child(deploy: Deploy) -> None:
    """Every resource has the component as its parent and is called by it and its slot."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    resources = endpoint.stack.state().resources
    (component,) = [resource for resource in resources if resource.type == "sluice:index:ModelEndpoint"]
    children = [it for it in resources if it.custom and not it.type.startswith("pulumi:")]
    assert {resource.parent for resource in children} == {component.urn}
    assert sorted((resource.type.rpartition(":")[2], resource.name) for resource in children) == [
        ("EndpointConfiguration", "search"),
        ("LiveEndpoint", "search"),
        ("LogGroup", "search"),
    ]


def test_logs_are_kept_as_long_as_declared(deploy: Deploy, client: ClientOf) -> None:
    """The log group is there before the endpoint could make one that keeps logs for ever."""
    Endpoint(deploy, log_retention_days=7).up()
    (group,) = client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("/aws/sagemaker/Endpoints/search-test", 7)


def test_logs_are_encrypted_with_the_key_that_is_given(deploy: Deploy, client: ClientOf) -> None:
    """Who may read what containers log is decided by the key."""
    Endpoint(deploy, log_kms_key_arn=KEY).up()
    (group,) = client("logs").describe_log_groups()["logGroups"]
    assert group["kmsKeyId"] == KEY


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
        "ModelEndpoint 'search': 1 problem",
        "  traffic.blue is 'all'; allowed: a valid integer, unable to parse string as an integer",
    ]


def test_what_must_be_there_before_is_waited_for(deploy: Deploy) -> None:
    """The endpoint waits for the group that its logs go to."""
    endpoint = Endpoint(deploy)
    endpoint.up()
    resources = endpoint.stack.state().resources
    (logs,) = [resource.urn for resource in resources if resource.type.endswith(":LogGroup")]
    (serving,) = [resource for resource in resources if resource.type.endswith(":LiveEndpoint")]
    assert logs in serving.dependencies
