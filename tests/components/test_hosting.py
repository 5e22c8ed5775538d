"""How variants are hosted, as SageMaker has it; and what it excludes."""

from inspect import signature
from typing import Any

import pulumi_aws as aws
import pytest

from tests.components.conftest import ClientOf, Deploy
from tests.components.test_model_endpoint import KEY, Endpoint, models, refused, serverless, slot

__all__ = ["models"]
TOPIC = "arn:aws:sns:eu-west-1:123456789012:answers"


def _configuration(endpoint: Endpoint, client: ClientOf) -> dict[str, Any]:
    name = endpoint.up().outputs["config_name"]
    assert not endpoint.up().changed
    assert not endpoint.stack.refresh().changed
    described: dict[str, Any] = client("sagemaker").describe_endpoint_config(EndpointConfigName=name)
    return described


def test_a_serverless_variant_has_no_instances(deploy: Deploy, client: ClientOf) -> None:
    """Memory and concurrency instead."""
    endpoint = Endpoint(deploy, variants={"blue": serverless(1, provisioned_concurrency=2)}, traffic={"blue": 100})
    (variant,) = _configuration(endpoint, client)["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 2}
    assert "InstanceType" not in variant


def test_an_asynchronous_endpoint_puts_answers_into_a_bucket(deploy: Deploy, client: ClientOf) -> None:
    """With failures apart, and topics that are told."""
    queue = {
        "output_url": "s3://answers/good/",
        "failure_url": "s3://answers/bad/",
        "success_topic_arn": TOPIC,
        "max_concurrent_per_instance": 4,
        "kms_key_arn": KEY,
    }
    told = _configuration(Endpoint(deploy, asynchronous=queue), client)["AsyncInferenceConfig"]
    assert told["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}
    assert told["OutputConfig"] == {
        "S3OutputPath": "s3://answers/good/",
        "S3FailurePath": "s3://answers/bad/",
        "KmsKeyId": KEY,
        "NotificationConfig": {"SuccessTopic": TOPIC},
    }


def test_requests_and_answers_are_captured(deploy: Deploy, client: ClientOf) -> None:
    """Of as many requests as declared, encrypted; the volumes are too."""
    kept = {"destination_url": "s3://captured/", "percent": 20, "kms_key_arn": KEY, "output": False}
    told = _configuration(Endpoint(deploy, capture=kept, volume_kms_key_arn=KEY), client)
    assert told["KmsKeyId"] == KEY
    assert told["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://captured/",
        "KmsKeyId": KEY,
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }


def test_a_shadow_gets_copies(deploy: Deploy, client: ClientOf) -> None:
    """It is a variant of its own, with its share of copies, and its version is told."""
    shadow = {**slot(2), "percent": 30}
    endpoint = Endpoint(deploy, variants={"blue": slot(1)}, traffic={"blue": 100}, shadow=shadow)
    told = _configuration(endpoint, client)
    (variant,) = told["ShadowProductionVariants"]
    assert (variant["VariantName"], variant["ModelName"], variant["InitialVariantWeight"]) == ("shadow", "model-2", 0.3)
    tags = client("sagemaker").list_tags(ResourceArn=told["EndpointConfigArn"])["Tags"]
    assert {"Key": "sluice:version:shadow", "Value": "digits@2"} in tags


def test_instances_are_as_declared(deploy: Deploy, client: ClientOf) -> None:
    """Disk, and how long starting may take."""
    given = {"volume_size_gb": 64, "startup_timeout_seconds": 600, "download_timeout_seconds": 900}
    endpoint = Endpoint(deploy, variants={"blue": slot(1, **given)}, traffic={"blue": 100})
    (variant,) = _configuration(endpoint, client)["ProductionVariants"]
    assert variant["VolumeSizeInGB"] == 64
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 600
    assert variant["ModelDataDownloadTimeoutInSeconds"] == 900


@pytest.mark.parametrize(
    ("strategy", "routing"),
    [
        ("allAtOnce", {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}),
        (
            "canary",
            {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 60,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20},
            },
        ),
        (
            "linear",
            {
                "Type": "LINEAR",
                "WaitIntervalInSeconds": 60,
                "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
            },
        ),
    ],
)
def test_a_deployment_is_guarded(deploy: Deploy, client: ClientOf, strategy: str, routing: dict[str, Any]) -> None:
    """SageMaker is told how to shift, how long to keep the old fleet, and which alarms to heed."""
    guard = {"strategy": strategy, "step_percent": 20, "wait_seconds": 60, "alarms": ["errors"], "max_seconds": 900}
    variants = {"blue": slot(1, instance_count=2), "green": slot(2, instance_count=2)}
    endpoint = Endpoint(deploy, variants=variants, deployment=guard)
    _configuration(endpoint, client)
    told = client("sagemaker").describe_endpoint(EndpointName="search-test")["LastDeploymentConfig"]
    assert told["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == routing
    assert told["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 600
    assert told["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}]}


def test_one_variant_can_be_rolled(deploy: Deploy, client: ClientOf) -> None:
    """In batches of its instances."""
    endpoint = Endpoint(
        deploy, variants={"blue": slot(1)}, traffic={"blue": 100}, deployment={"strategy": "rolling", "step_percent": 5}
    )
    _configuration(endpoint, client)
    told = client("sagemaker").describe_endpoint(EndpointName="search-test")["LastDeploymentConfig"]
    assert told["RollingUpdatePolicy"]["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 5}


IDENTITY = {
    "sluice:project": "test",
    "sluice:stack": "test",
    "sluice:component": "ModelEndpoint",
    "sluice:name": "search",
}
SCALED = {"min_instances": 1, "max_instances": 2, "invocations_per_instance": 9}
ONE = {"variants": {"blue": slot(1)}, "traffic": {"blue": 100}}
LESS = {"variants": {"blue": serverless(1)}, "traffic": {"blue": 100}}
SERIAL = {**slot(3), "version": {**slot(3)["version"], "container_mode": "serial"}}
DIRECT = {**slot(3), "version": {**slot(3)["version"], "container_mode": "direct"}}
QUEUE = {"output_url": "s3://answers/"}
ISOLATED = {**serverless(1), "version": {**slot(1)["version"], "network_isolation": True}}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"variants": {"blue": serverless(1), "green": slot(2)}}, "variants are 2, and blue is serverless"),
        ({**LESS, "shadow": slot(2)}, "shadow is not for serverless variants, as blue is"),
        ({**LESS, "asynchronous": {"output_url": "s3://a/b"}}, "asynchronous is not for serverless variants"),
        ({**LESS, "capture": {"destination_url": "s3://a/b", "percent": 5}}, "capture is not for serverless variants"),
        ({**LESS, "volume_kms_key_arn": KEY}, "volume_kms_key_arn is for the volumes of instances"),
        ({**LESS, "deployment": {"strategy": "canary"}}, "deployment.strategy is allAtOnce for serverless variants"),
        ({**LESS, "variants": {"blue": ISOLATED}}, "does not go with digits@1, which is cut off from every network"),
        ({**LESS, "variants": {"blue": serverless(1, memory_mb=1000)}}, "memory_mb is 1000; allowed: 1024, 2048"),
        (
            {**LESS, "variants": {"blue": serverless(1, max_concurrency=201)}},
            "is 201; allowed 1 to 200",
        ),
        (
            {**LESS, "variants": {"blue": serverless(1, provisioned_concurrency=6)}},
            "provisioned_concurrency is 6; allowed 1 to 5",
        ),
        (
            {**LESS, "variants": {"blue": {**serverless(1), "instance_type": "ml.m5.large"}}},
            "variants.blue needs exactly one of instance_type, serverless",
        ),
        (
            {**LESS, "variants": {"blue": {"version": slot(1)["version"]}}},
            "variants.blue needs exactly one of instance_type, serverless",
        ),
        ({"shadow": slot(3)}, "shadow needs exactly one variant beside it, and there are 2 (blue, green)"),
        (
            {**ONE, "shadow": slot(2), "asynchronous": {"output_url": "s3://a/b"}},
            "shadow is not for asynchronous endpoints",
        ),
        ({**ONE, "shadow": {**slot(2), "percent": 0}}, "shadow.percent is 0; allowed 1 to 100"),
        (
            {**ONE, "variants": {"blue": slot(1, instance_type="m5.large")}},
            "is 'm5.large', which is no instance type",
        ),
        ({**ONE, "variants": {"blue": slot(1, instance_type="ml.m5.gigantic")}}, "no instance type of SageMaker"),
        ({"deployment": {"strategy": "rolling"}}, "deployment.strategy is rolling, which is for one variant"),
        (
            {"deployment": {"strategy": "canary"}},
            "blue.instance_count is 1, and a canary deployment takes part",
        ),
        ({**ONE, "deployment": {"strategy": "rolling", "step_percent": 4}}, "step_percent is 4; allowed 5 to 50"),
        ({"deployment": {"strategy": "allAtOnce", "max_seconds": 30}}, "max_seconds is 30; allowed 600 to 28800"),
        ({"deployment": {"strategy": "allAtOnce", "alarms": []}}, "deployment.alarms are 0; SageMaker takes 1 to 10"),
        (
            {"metrics": {"publish_seconds": 15}},
            "metrics.publish_seconds is 15; allowed: 10, 30, 60, 120, 180, 240, 300",
        ),
        ({"metrics": {"publish_seconds": 10}}, "metrics.publish_seconds cannot be declared with pulumi-aws 7."),
        ({"metrics": {"enhanced": True}}, "MetricsConfig is no input of its EndpointConfiguration; leave it out"),
        ({"capture": {"destination_url": "s3://a/b", "percent": 0}}, "capture.percent is 0; allowed 1 to 100"),
        (
            {"capture": {"destination_url": "s3://a/b", "percent": 5, "input": False, "output": False}},
            "capture keeps neither requests nor answers",
        ),
        (
            {**ONE, "shadow": {**slot(2), "instance_type": "ml.m5.gigantic"}},
            "shadow.instance_type is 'ml.m5.gigantic'",
        ),
        ({**ONE, "shadow": {**slot(2), "serverless": {}}}, "shadow.serverless is not known here"),
        ({"traffic": {"blue": 60, "green": 30}}, "traffic sums to 90 (blue 60, green 30); allowed is 100"),
        ({"traffic": {"blue": 60, "red": 40}}, "traffic.red is for a slot that there is not; slots are: blue, green"),
        (
            {"variants": {"b" * 64: slot(1)}, "traffic": {"b" * 64: 100}},
            "is no name for a slot; allowed: up to 63 letters",
        ),
        (
            {"variants": {"blue": {**serverless(3), "version": SERIAL["version"]}}, "traffic": {"blue": 100}},
            "variants.blue.serverless does not go with digits@3, which has several containers",
        ),
        (
            {**ONE, "shadow": SERIAL},
            "shadow is not for several containers, as digits@3 of shadow has; leave it out",
        ),
        (
            {"variants": {"blue": SERIAL}, "traffic": {"blue": 100}, "shadow": slot(2)},
            "shadow is not for several containers, as digits@3 of variants.blue has",
        ),
        (
            {"variants": {"blue": DIRECT}, "traffic": {"blue": 100}, "asynchronous": QUEUE},
            "asynchronous has no way to name a container, and digits@3 is direct; make it serial",
        ),
        (
            {"variants": {"blue": slot(1), "green": DIRECT}},
            "variants.green has digits@3, of which each request has to name a container, and the requests to",
        ),
        (
            {"variants": {"blue": DIRECT, "green": SERIAL}},
            "variants.blue has digits@3, of which each request has to name a container",
        ),
        ({"standby_hours": -1}, "standby_hours is -1; allowed 0 to 8760"),
        ({"standby_hours": 8761}, "standby_hours is 8761; allowed 0 to 8760"),
        ({"baseline": "red"}, "baseline is 'red', a slot that there is not; slots are: blue, green"),
        (
            {
                **ONE,
                "variants": {"blue": slot(1, instance_count=2, autoscaling=SCALED)},
            },
            "variants.blue.instance_count is decided by autoscaling",
        ),
        (
            {
                **ONE,
                "variants": {"blue": slot(1, autoscaling={**SCALED, "min_instances": 3})},
            },
            "max_instances is 2, less than the 3 of min_instances",
        ),
        (
            {"variants": {f"v{i}": slot(1) for i in range(11)}, "traffic": {"v0": 100}},
            "are 11; SageMaker allows 10",
        ),
    ],
)
def test_what_sagemaker_excludes_is_refused_at_preview(deploy: Deploy, args: dict[str, Any], said: str) -> None:
    """With the reason, and what to leave out."""
    assert said in "\n".join(refused(Endpoint(deploy, **args)))


@pytest.mark.parametrize(
    "args",
    [
        {"variants": {"blue": SERIAL, "green": slot(1)}},
        {"variants": {"blue": DIRECT, "green": {**slot(2), "version": DIRECT["version"]}}},
        {"variants": {"blue": SERIAL}, "traffic": {"blue": 100}, "asynchronous": QUEUE},
        {"variants": {"blue": SERIAL, "green": slot(2)}, "capture": {"destination_url": "s3://a/b", "percent": 5}},
    ],
)
def test_several_containers_are_hosted_like_one_otherwise(deploy: Deploy, args: dict[str, Any]) -> None:
    """Pipelines beside single containers, direct versions beside each other, queues of pipelines, and capture."""
    assert Endpoint(deploy, **args).stack.preview().succeeded


def test_metrics_as_sagemaker_has_them_may_be_declared(deploy: Deploy) -> None:
    """What is the default anyway needs nobody to pass it on."""
    assert Endpoint(deploy, metrics={"publish_seconds": 60, "enhanced": False}).up().changed


def test_pulumi_cannot_declare_finer_metrics_yet() -> None:
    """Once the AWS provider knows `MetricsConfig`, this fails: then declare it, and refuse it no longer."""
    given = signature(aws.sagemaker.EndpointConfigurationArgs.__init__).parameters
    assert "data_capture_config" in given
    assert "metrics_config" not in given


def test_a_name_that_is_too_long_is_refused_at_preview(deploy: Deploy) -> None:
    """The stack's name counts: 63 characters are allowed, and one more is not, also where some are hyphens."""
    too_long = Endpoint(deploy, "s" * 59).stack.preview()
    assert not too_long.succeeded
    assert f"'{'s' * 59}-test'" in str(too_long.errors())
    assert "allowed: up to 63 letters, digits and inner hyphens" in str(too_long.errors())
    assert Endpoint(deploy, "s" * 58).stack.preview().succeeded


def _targets(client: ClientOf) -> dict[str, tuple[int, int]]:
    found = client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    return {it["ResourceId"]: (it["MinCapacity"], it["MaxCapacity"]) for it in found["ScalableTargets"]}


def _tags(client: ClientOf) -> dict[str, str]:
    scaling = client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    tags: dict[str, str] = scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
    return tags


def test_instances_follow_the_load(deploy: Deploy, client: ClientOf) -> None:
    """The variant is a scalable target that tracks requests per instance; its bounds change in place."""
    variants = {"blue": slot(1, autoscaling=SCALED), "green": slot(2)}
    endpoint = Endpoint(deploy, variants=variants, traffic={"blue": 100, "green": 0})
    _configuration(endpoint, client)
    assert _targets(client) == {"endpoint/search-test/variant/blue": (1, 2)}
    (policy,) = client("application-autoscaling").describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["TargetValue"] == 9
    assert tracked["PredefinedMetricSpecification"] == {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    }
    endpoint.args["variants"] = {**variants, "blue": slot(1, autoscaling={**SCALED, "max_instances": 5})}
    endpoint.up()
    assert _targets(client) == {"endpoint/search-test/variant/blue": (1, 5)}


def test_a_scaled_variant_can_get_other_instances_and_go(deploy: Deploy, client: ClientOf) -> None:
    """Which SageMaker refuses as long as it is scaled: it is taken out, and in again as it was where it stays."""
    variants = {"blue": slot(1), "green": slot(2, autoscaling=SCALED)}
    endpoint = Endpoint(deploy, variants=variants, traffic={"blue": 100, "green": 0}, tags={"team": "search"})
    endpoint.up()
    endpoint.args["variants"] = {**variants, "green": slot(2, autoscaling=SCALED, instance_type="ml.m5.xlarge")}
    _configuration(endpoint, client)
    assert _targets(client) == {"endpoint/search-test/variant/green": (1, 2)}
    assert _tags(client) == {"team": "search", **IDENTITY}
    endpoint.args |= {"variants": {"blue": slot(1)}, "traffic": {"blue": 100}}
    _configuration(endpoint, client)
    assert _targets(client) == {}
    endpoint.stack.destroy()
