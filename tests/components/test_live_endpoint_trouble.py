"""What SageMaker, a crash or somebody else does to an endpoint, and what becomes of it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from sluice import execution_role
from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws import session
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.display.progress import Progress
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import REGION, ClientOf, Deploy
from tests.components.serving import ALARM, ROLE, TAGS, Serving, serving, variant

__all__ = ["serving"]


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


@pytest.mark.parametrize("fate", ["kept", "reverted"])
def test_autoscaling_stands_aside_for_another_instance_type(serving: Serving, client: ClientOf, fate: str) -> None:
    """SageMaker refuses the update of a scalable target; afterwards it is as it was, come what may."""
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
    scaling.register_scalable_target(**where, MinCapacity=1, MaxCapacity=4, Tags={"team": "search"})
    scaling.put_scaling_policy(
        **where,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracked,
    )
    variants = [variant("blue", 1), {**variant("green", 0), "InstanceType": "ml.m5.xlarge"}]
    serving.sagemaker.create_endpoint_config(EndpointConfigName="larger", ProductionVariants=variants)
    if fate == "reverted":
        serving.aws.seal_fate("search", "update-rolls-back", "No capacity.")
        serving.fails(endpoint_config_name="larger")
    else:
        serving.up(endpoint_config_name="larger", counts={"blue": 1})
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"] == {"team": "search"}
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
    serving.up(weights={"blue": 100, "green": 0}, standby_hours=0)
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


def test_an_endpoint_that_somebody_deleted_is_missed(serving: Serving) -> None:
    """An update says what to run; a refresh forgets it, and the next update makes it again."""
    serving.sagemaker.delete_endpoint(EndpointName="search")
    with pytest.raises(ClientError, match="Could not find"):
        serving.described()
    assert "is not there any more; run: pulumi refresh" in serving.fails(weights={"blue": 50, "green": 50})
    assert serving.stack.refresh().step("search").op == "delete"
    assert serving.up().step("search").op == "create"
    assert serving.live() == {"blue": (50, 1), "green": (50, 1)}


def test_an_endpoint_that_somebody_is_deleting_is_missed(serving: Serving) -> None:
    """Until it is gone an update waits, and then says what to run."""
    serving.aws.set_durations(endpoint_delete=1)
    serving.sagemaker.delete_endpoint(EndpointName="search")
    assert serving.described()["EndpointStatus"] == "Deleting"
    assert "is not there any more; run: pulumi refresh" in serving.fails(weights={"blue": 50, "green": 50})


def test_a_refresh_forgets_an_endpoint_that_is_going(serving: Serving) -> None:
    """And the next update waits until its name is free."""
    serving.aws.set_durations(endpoint_delete=1)
    serving.sagemaker.delete_endpoint(EndpointName="search")
    assert serving.stack.refresh().step("search").op == "delete"


def test_what_somebody_deleted_already_is_destroyed(serving: Serving) -> None:
    """There is nothing left to do."""
    serving.sagemaker.delete_endpoint(EndpointName="search")
    serving.stack.destroy()
    assert not [it for it in serving.stack.state().resources if it.type == "sluice:index:LiveEndpoint"]


def test_a_failed_endpoint_stays_known_and_can_be_destroyed(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """A refresh keeps what was declared of it: nothing of it is live."""
    serving = Serving(deploy, client, sandbox_aws)
    sandbox_aws.seal_fate("search", "create-fails", "No capacity.")
    serving.fails()
    serving.stack.refresh()
    outputs = serving.stack.state().resources[-1].outputs
    assert (outputs["status"], outputs["weights"]) == ("Failed", {"blue": 90, "green": 10})
    serving.stack.destroy()
    assert serving.sagemaker.list_endpoints()["Endpoints"] == []


def test_destruction_waits_for_what_is_under_way(serving: Serving) -> None:
    """SageMaker deletes nothing that it is working on."""
    serving.aws.set_durations(endpoint_update=1)
    serving.sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="two")
    serving.stack.destroy()
    assert serving.sagemaker.list_endpoints()["Endpoints"] == []


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


def test_alarms_that_cannot_be_read_hide_nothing(serving: Serving) -> None:
    """A role that may not describe alarms still tells that SageMaker went back, and what it could not read."""

    def client(service: str, region: str) -> Any:
        if service == "cloudwatch":
            return _Forbidden()
        return session.client(service, region, serving.aws.endpoint)

    serving.stack.providers = {**serving.stack.providers, "sluice": lambda: ResourceProvider(client, lambda: REGION)}
    serving.aws.seal_fate("search", "update-rolls-back", "No capacity.")
    told = serving.fails(endpoint_config_name="two", deployment_config=ALARM)
    unread = "Its alarms (errors) cannot be read: AccessDenied; allow whoever deploys cloudwatch:DescribeAlarms. Both"
    assert f"(No capacity). {unread}" in told


def test_alarms_that_the_execution_role_may_not_see_say_what_it_lacks(serving: Serving, client: ClientOf) -> None:
    """The role, the permission, the alarms and the fix are told; with the permission the same update goes through."""
    iam = client("iam")
    trust = execution_role.trust("aws", "123456789012", REGION)
    iam.create_role(RoleName="serving", AssumeRolePolicyDocument=trust)
    told = serving.fails(endpoint_config_name="two", deployment_config=ALARM)
    assert f"User: {ROLE} is not authorized to perform: cloudwatch:DescribeAlarms on resource" in told
    fix = "allow that role cloudwatch:DescribeAlarms on them, as EndpointRole does when its `alarms` name them"
    assert "SageMaker looks at the alarms of a deployment (errors) as the execution role" in told
    assert fix in told
    assert serving.described()["EndpointConfigName"] == "one"
    allowed = execution_role.permissions("aws", "123456789012", REGION, "search", ["s3://a/b"], [], None, ["errors"])
    iam.put_role_policy(RoleName="serving", PolicyName="all", PolicyDocument=allowed)
    serving.up()
    assert serving.described()["EndpointConfigName"] == "two"


@pytest.mark.parametrize("fate", ["create-fails", "update-rolls-back"])
def test_a_lack_of_the_permission_that_shows_later_says_the_fix_too(serving: Serving, fate: str) -> None:
    """Whether SageMaker tells it as the reason of a failed creation or of an update that it reverted."""
    reason = "User: serving is not authorized to perform: cloudwatch:DescribeAlarms"
    if fate == "create-fails":
        serving.stack.destroy()
    serving.aws.seal_fate("search", fate, reason)
    told = serving.fails(endpoint_config_name="two", deployment_config=ALARM)
    assert "allow that role cloudwatch:DescribeAlarms on them" in told
    assert "put right what the alarms saw" not in told


class _Forbidden:
    def describe_alarms(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")
