"""An endpoint, from creation to destruction, with all that SageMaker does by itself."""

from typing import Any

import pulumi
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from sluice import LiveEndpoint, LiveEndpointArgs
from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws import session
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.display.progress import Progress
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import SandboxStack
from tests.components.conftest import REGION, ClientOf, Deploy
from tests.support.calls import counting

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"
ROLE = "arn:aws:iam::123456789012:role/serving"
TAGS = {"sluice:project": "test", "sluice:stack": "test", "sluice:component": "ModelEndpoint", "sluice:name": "search"}
ALARM = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "errors"}]}}


def _variant(slot: str, weight: float, count: int = 1) -> dict[str, Any]:
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
            variants = [_variant(slot, 1 if slot == "blue" else 0) for slot in slots]
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


def test_an_endpoint_serves_as_declared(serving: Serving) -> None:
    """From the start with the declared weights, whatever the configuration's initial ones are; then all is still."""
    assert serving.described()["EndpointStatus"] == "InService"
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}
    assert serving.is_settled()


def test_a_shift_of_traffic_makes_no_new_fleet(serving: Serving) -> None:
    """One resource is updated in place; the configuration stays."""
    result = serving.up(weights={"blue": 50, "green": 50})
    step = result.step("search")
    assert (step.op, set(step.changes)) == ("update", {"weights.blue", "weights.green"})
    assert serving.live() == {"blue": (50, 1), "green": (50, 1)}
    assert serving.described()["EndpointConfigName"] == "one"
    assert serving.is_settled()


def test_a_new_configuration_keeps_what_is_live(serving: Serving) -> None:
    """Weights stay as declared, and counts as autoscaling has them; SageMaker alone would reset both."""
    serving.up(counts={"blue": 1})
    scaled = [{"VariantName": "green", "DesiredInstanceCount": 5}]
    serving.sagemaker.update_endpoint_weights_and_capacities(EndpointName="search", DesiredWeightsAndCapacities=scaled)
    serving.described()
    serving.up(endpoint_config_name="two")
    assert serving.described()["EndpointConfigName"] == "two"
    assert serving.live() == {"blue": (90, 1), "green": (10, 5)}
    assert serving.is_settled()


def test_a_declared_count_is_scaled_to_in_place(serving: Serving) -> None:
    """Together with weights, in one call."""
    serving.up(counts={"blue": 3, "green": 1}, weights={"blue": 80, "green": 20})
    assert serving.live() == {"blue": (80, 3), "green": (20, 1)}
    assert serving.is_settled()


@pytest.mark.parametrize("fate", ["kept", "reverted"])
def test_autoscaling_stands_aside_for_another_instance_type(serving: Serving, client: ClientOf, fate: str) -> None:
    """SageMaker refuses the update of a scalable target; afterwards it is one again, with its policy, come what may."""
    scaling = client("application-autoscaling")
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/search/variant/green",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    tracked = {
        "TargetValue": 600.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    scaling.register_scalable_target(**where, MinCapacity=1, MaxCapacity=4)
    scaling.put_scaling_policy(
        **where,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracked,
    )
    variants = [_variant("blue", 1), {**_variant("green", 0), "InstanceType": "ml.m5.xlarge"}]
    serving.sagemaker.create_endpoint_config(EndpointConfigName="larger", ProductionVariants=variants)
    if fate == "reverted":
        serving.aws.seal_fate("search", "update-rolls-back", "No capacity.")
        serving.fails(endpoint_config_name="larger")
    else:
        serving.up(endpoint_config_name="larger", counts={"blue": 1})
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 600


def test_autoscaling_of_a_variant_that_goes_goes_too(serving: Serving, client: ClientOf) -> None:
    """There is nothing left to scale."""
    scaling = client("application-autoscaling")
    for slot in ("blue", "green"):
        scaling.register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/search/variant/{slot}",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=4,
        )
    serving.up(weights={"blue": 100, "green": 0})
    serving.up(weights={"blue": 100}, counts=None, versions={"blue": "digits@1"}, endpoint_config_name="three")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["ResourceId"] == "endpoint/search/variant/blue"


def test_an_update_that_sagemaker_reverts_fails_and_says_why(serving: Serving) -> None:
    """It names the reason; the old configuration serves, with its weights; once the cause is gone, up goes through."""
    serving.aws.seal_fate("search", "update-rolls-back", "The container did not pass its health check.")
    told = serving.fails(endpoint_config_name="two")
    assert "SageMaker did not keep the endpoint search on two: it is InService and serves one again" in told
    assert "The container did not pass its health check" in told
    assert "No alarms watch its deployments" in told
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}
    assert serving.stack.preview().step("search").changes.keys() == {"endpointConfigName"}
    serving.up()
    assert serving.described()["EndpointConfigName"] == "two"


def test_alarms_that_made_it_go_back_are_named(serving: Serving) -> None:
    """With their own reason, so that nobody has to look for it."""
    serving.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="9 errors in a minute")
    told = serving.fails(endpoint_config_name="two", deployment_config=ALARM)
    assert "In ALARM: errors (9 errors in a minute)" in told
    assert "Both configurations are kept" in told
    serving.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="quiet")
    serving.up()
    assert serving.is_settled()


def test_a_mix_of_configurations_is_said_and_left_alone(serving: Serving) -> None:
    """When SageMaker cannot even go back, nothing clever is done, now or in the next update."""
    serving.aws.seal_fate("search", "rollback-fails", "No capacity.")
    for _ in range(2):
        told = serving.fails(endpoint_config_name="two")
        assert "UpdateRollbackFailed" in told
        assert "a mix of configurations serves (No capacity). Nothing was changed" in told


def test_an_endpoint_that_could_not_be_made_is_made_anew(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """The failure is told with its reason and recorded; the next update deletes what failed, and makes another."""
    serving = Serving(deploy, client, sandbox_aws)
    sandbox_aws.seal_fate("search", "create-fails", "No capacity.")
    assert "SageMaker could not make search: No capacity" in serving.fails()
    assert serving.described()["EndpointStatus"] == "Failed"
    serving.up()
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}
    assert serving.is_settled()


def test_an_update_continues_what_a_crash_left(serving: Serving) -> None:
    """An update that SageMaker is at already is waited for, not begun again."""
    serving.aws.set_durations(endpoint_update=1)
    serving.sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="two", RetainAllVariantProperties=True)
    serving.up(endpoint_config_name="two")
    assert serving.described()["EndpointConfigName"] == "two"
    assert serving.is_settled()


def test_a_creation_continues_what_a_crash_left(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """An endpoint that carries this stack's tags was made for it, and is taken; another's is not."""
    serving = Serving(deploy, client, sandbox_aws)
    serving.sagemaker.create_endpoint(EndpointName="search", EndpointConfigName="one")
    assert "there is an endpoint search already, and its tags are not this stack's; import it" in serving.fails()
    arn = serving.described()["EndpointArn"]
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    serving.sagemaker.add_tags(ResourceArn=arn, Tags=tags)
    serving.up()
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}


def test_weights_that_somebody_changed_show_and_are_put_right(serving: Serving) -> None:
    """A refresh reads what is live; the next update gives the declared shares again."""
    shifted = [{"VariantName": "blue", "DesiredWeight": 1.0}, {"VariantName": "green", "DesiredWeight": 3.0}]
    serving.sagemaker.update_endpoint_weights_and_capacities(EndpointName="search", DesiredWeightsAndCapacities=shifted)
    serving.described()
    step = serving.stack.refresh().step("search")
    assert (step.op, set(step.changes)) == ("update", {"weights.blue", "weights.green"})
    assert serving.stack.state().resources[-1].outputs["weights"] == {"blue": 25, "green": 75}
    serving.up()
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}


def test_a_configuration_that_somebody_changed_shows(serving: Serving) -> None:
    """And is put right."""
    serving.sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="two", RetainAllVariantProperties=True)
    serving.described()
    assert set(serving.stack.refresh().step("search").changes) == {"endpointConfigName"}
    serving.up()
    assert serving.described()["EndpointConfigName"] == "one"


def test_an_endpoint_that_somebody_deleted_is_missed(serving: Serving) -> None:
    """An update says what to run; a refresh forgets it, and the next update makes it again."""
    serving.sagemaker.delete_endpoint(EndpointName="search")
    with pytest.raises(ClientError, match="Could not find"):
        serving.described()
    assert "is not there any more; run: pulumi refresh" in serving.fails(weights={"blue": 50, "green": 50})
    assert serving.stack.refresh().step("search").op == "delete"
    assert serving.up().step("search").op == "create"
    assert serving.live() == {"blue": (50, 1), "green": (50, 1)}


def test_another_name_is_another_endpoint(serving: Serving) -> None:
    """The new one is there before the old one goes."""
    result = serving.up(name="find")
    assert result.step("search").op == "replace"
    assert [it["EndpointName"] for it in serving.sagemaker.list_endpoints()["Endpoints"]] == ["find"]


def test_tags_follow(serving: Serving) -> None:
    """Added, changed and removed in place."""
    arn = serving.described()["EndpointArn"]
    for tags in ({**TAGS, "team": "search"}, {**TAGS, "team": "find"}, TAGS):
        assert serving.up(tags=tags).step("search").op == "update"
        found = serving.sagemaker.list_tags(ResourceArn=arn)["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in found} == tags
    assert serving.is_settled()


def test_destruction_waits_for_what_is_under_way(serving: Serving) -> None:
    """SageMaker deletes nothing that it is working on."""
    serving.aws.set_durations(endpoint_update=1)
    serving.sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="two")
    serving.stack.destroy()
    assert serving.sagemaker.list_endpoints()["Endpoints"] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": {}}, "weights: are all 0; at least one variant serves"),
        ({"weights": {"blue": 0, "green": 0}}, "weights: are all 0; at least one variant serves"),
        ({"weights": {"blue": -1, "green": 101}}, "weights.blue: is -1; allowed: whole numbers from 0"),
        ({"weights": {f"v{i}": 9 for i in range(11)}}, "weights: are of 11 variants; SageMaker allows 10"),
        ({"counts": {"blue": 0}}, "counts.blue: is 0; allowed: whole numbers from 1"),
        ({"name": "se_arch"}, "name: is 'se_arch'; allowed: up to 63 letters"),
        ({"name": "s" * 64}, "allowed: up to 63 letters"),
        (
            {"versions": {"blue": "digits@3", "green": "digits@2"}},
            "versions.blue: is 'digits@3', and the slot has 90 of the traffic with 'digits@1': its users at once",
        ),
        ({"weights": {"blue": 100}}, "weights.green: is gone, and the slot has 10 of the traffic; shift it away first"),
    ],
)
def test_what_would_harm_is_refused_at_preview(serving: Serving, changes: dict[str, Any], said: str) -> None:
    """With what to do instead; nothing is changed."""
    serving.args |= changes
    preview = serving.stack.preview()
    assert not preview.succeeded
    assert said in str(preview.errors())


def test_a_slot_without_traffic_may_change_and_go(serving: Serving) -> None:
    """That is where new versions come from, and where old ones end."""
    serving.up(weights={"blue": 100, "green": 0})
    serving.up(versions={"blue": "digits@1", "green": "digits@3"}, endpoint_config_name="two")
    serving.up(weights={"blue": 100}, counts={"blue": 1}, versions={"blue": "digits@1"}, endpoint_config_name="three")
    assert serving.live() == {"blue": (100, 1)}
    assert serving.is_settled()


def test_who_waits_is_told_what_for(serving: Serving) -> None:
    """Each state is said once, when it begins."""
    said: list[str] = []

    class Watching(Progress):
        def told(self, urn: str, message: str) -> None:
            said.append(f"{urn.rpartition('::')[2]}: {message}")

    serving.aws.set_durations(endpoint_update=0.3, endpoint_rollback=0.3)
    serving.aws.seal_fate("search", "update-rolls-back", "No capacity.")
    serving.args["endpoint_config_name"] = "two"
    with pytest.raises(UpdateFailed):
        serving.stack.up(Watching(Console(quiet=True), preview=False))
    assert said == [
        "search: endpoint search is being updated",
        "search: endpoint search is going back to its former configuration",
    ]


def test_a_shift_asks_four_things_of_aws_at_most(serving: Serving, sandbox_aws: Aws) -> None:
    """A look, the shift, and a look at what came of it; a refresh takes two, and an update without changes none."""
    calls: list[str] = []
    clients = counting(lambda service, region: session.client(service, region, sandbox_aws.endpoint), calls)
    serving.stack.providers = {
        **serving.stack.providers,
        "sluice": lambda: ResourceProvider(clients, lambda: REGION),
    }
    serving.up()
    assert calls == []
    serving.up(weights={"blue": 50, "green": 50})
    assert calls == ["DescribeEndpoint", "UpdateEndpointWeightsAndCapacities", "DescribeEndpoint"]
    calls.clear()
    serving.stack.refresh()
    assert calls == ["DescribeEndpoint", "ListTags"]


def test_alarms_that_cannot_be_read_hide_nothing(serving: Serving) -> None:
    """A role that may not describe alarms still tells that SageMaker went back, and what it could not read."""

    def client(service: str, region: str) -> Any:
        if service == "cloudwatch":
            return _Forbidden()
        return session.client(service, region, serving.aws.endpoint)

    serving.stack.providers = {**serving.stack.providers, "sluice": lambda: ResourceProvider(client, lambda: REGION)}
    serving.aws.seal_fate("search", "update-rolls-back", "No capacity.")
    told = serving.fails(endpoint_config_name="two", deployment_config=ALARM)
    assert "(No capacity). Its alarms (errors) cannot be read: AccessDenied." in told


class _Forbidden:
    def describe_alarms(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")
