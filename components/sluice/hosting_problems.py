"""What SageMaker excludes, as its developer guide says: refused at preview, and not after half an hour."""

from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING

from sluice.errors import Problem
from sluice.hosting import (
    AutoscalingArgs,
    DeploymentArgs,
    DeploymentStrategy,
    MetricsArgs,
    ServerlessArgs,
    VariantArgs,
)
from sluice.instance_types import instance_type_problem
from sluice.model_version import ContainerMode

if TYPE_CHECKING:
    from sluice.model_endpoint import ModelEndpointArgs

_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
_PUBLISH_SECONDS = (10, 30, 60, 120, 180, 240, 300)
_GUARDED = (DeploymentStrategy.CANARY, DeploymentStrategy.LINEAR)


def hosting_problems(args: "ModelEndpointArgs") -> Iterator[Problem]:
    """Yields everything that keeps an endpoint from being hosted as declared."""
    for slot, variant in args.variants.items():
        yield from _variant_problems(f"variants.{slot}", variant)
    yield from _serverless_exclusions(args)
    yield from _shadow_exclusions(args)
    yield from _container_exclusions(args)
    if args.asynchronous is not None:
        most = args.asynchronous.max_concurrent_per_instance
        yield from _between("asynchronous.max_concurrent_per_instance", most, 1, 1000)
    if args.capture is not None:
        yield from _between("capture.percent", args.capture.percent, 1, 100)
        if args.capture.input is False and args.capture.output is False:
            yield Problem("capture", "keeps neither requests nor answers; leave it out")
    if args.metrics is not None:
        yield from _metrics_problems(args.metrics)
    if args.deployment is not None:
        yield from _deployment_problems(args, args.deployment)


def _variant_problems(at: str, variant: VariantArgs) -> Iterator[Problem]:
    if (variant.instance_type is None) == (variant.serverless is None):
        yield Problem(at, "needs exactly one of instance_type, serverless")
    if variant.instance_type is not None and (problem := instance_type_problem(variant.instance_type)):
        yield Problem(f"{at}.instance_type", problem)
    if variant.serverless is not None:
        yield from _serverless_problems(f"{at}.serverless", variant.serverless)
        for key in ("instance_count", "autoscaling", "volume_size_gb"):
            if getattr(variant, key) is not None:
                yield Problem(f"{at}.{key}", "is for variants with instances, and this one is serverless; leave it out")
    if variant.autoscaling is not None:
        yield from _autoscaling_problems(f"{at}.autoscaling", variant.autoscaling)
        if variant.instance_count is not None:
            yield Problem(f"{at}.instance_count", "is decided by autoscaling; leave one of the two out")
    yield from _between(f"{at}.volume_size_gb", variant.volume_size_gb, 1, 512)
    yield from _between(f"{at}.startup_timeout_seconds", variant.startup_timeout_seconds, 60, 3600)
    yield from _between(f"{at}.download_timeout_seconds", variant.download_timeout_seconds, 60, 3600)


def _serverless_problems(at: str, serverless: ServerlessArgs) -> Iterator[Problem]:
    if serverless.memory_mb not in _MEMORY_MB:
        yield Problem(f"{at}.memory_mb", f"is {serverless.memory_mb}; allowed: {', '.join(map(str, _MEMORY_MB))}")
    yield from _between(f"{at}.max_concurrency", serverless.max_concurrency, 1, 200)
    yield from _between(
        f"{at}.provisioned_concurrency", serverless.provisioned_concurrency, 1, serverless.max_concurrency
    )


def _autoscaling_problems(at: str, scaling: AutoscalingArgs) -> Iterator[Problem]:
    if scaling.min_instances < 1:
        yield Problem(f"{at}.min_instances", f"is {scaling.min_instances}; allowed 1 or more")
    if scaling.max_instances < scaling.min_instances:
        yield Problem(
            f"{at}.max_instances", f"is {scaling.max_instances}, less than the {scaling.min_instances} of min_instances"
        )
    if scaling.invocations_per_instance < 1:
        yield Problem(f"{at}.invocations_per_instance", f"is {scaling.invocations_per_instance}; allowed 1 or more")
    for key in ("scale_in_cooldown_seconds", "scale_out_cooldown_seconds"):
        yield from _between(f"{at}.{key}", getattr(scaling, key), 0, 3600)


def _serverless_exclusions(args: "ModelEndpointArgs") -> Iterator[Problem]:
    slots = [slot for slot, variant in args.variants.items() if variant.serverless is not None]
    if not slots:
        return
    if len(args.variants) > 1:
        yield Problem("variants", f"are {len(args.variants)}, and {slots[0]} is serverless; it has to be the only one")
    for key, given in (("shadow", args.shadow), ("asynchronous", args.asynchronous), ("capture", args.capture)):
        if given is not None:
            yield Problem(
                key, f"is not for serverless variants, as {slots[0]} is; give it instances, or leave this out"
            )
    if args.volume_kms_key_arn is not None:
        yield Problem(
            "volume_kms_key_arn", f"is for the volumes of instances, and {slots[0]} is serverless; leave it out"
        )
    if args.deployment is not None and args.deployment.strategy is not DeploymentStrategy.ALL_AT_ONCE:
        yield Problem("deployment.strategy", "is allAtOnce for serverless variants, and nothing else")
    for slot in slots:
        version = args.variants[slot].version
        reasons = {
            "is cut off from every network": version.network_isolation is not False,
            "is in a VPC": bool(version.in_vpc),
            "has several containers": version.container_mode is not None,
        }
        for what in (what for what, so in reasons.items() if so):
            yield Problem(
                f"variants.{slot}.serverless",
                f"does not go with {version.label}, which {what}; declare its ModelVersion otherwise, or use instances",
            )


def _shadow_exclusions(args: "ModelEndpointArgs") -> Iterator[Problem]:
    shadow = args.shadow
    if shadow is None:
        return
    if len(args.variants) != 1:
        names = ", ".join(args.variants)
        yield Problem("shadow", f"needs exactly one variant beside it, and there are {len(args.variants)} ({names})")
    if args.asynchronous is not None:
        yield Problem("shadow", "is not for asynchronous endpoints; leave one of the two out")
    if shadow.instance_count is not None and shadow.instance_count < 1:
        yield Problem("shadow.instance_count", f"is {shadow.instance_count}; allowed 1 or more")
    if problem := instance_type_problem(shadow.instance_type):
        yield Problem("shadow.instance_type", problem)
    yield from _between("shadow.percent", shadow.percent, 1, 100)


def _container_exclusions(args: "ModelEndpointArgs") -> Iterator[Problem]:
    versions = {f"variants.{slot}": variant.version for slot, variant in args.variants.items()}
    if args.shadow is not None:
        for at, version in {**versions, "shadow": args.shadow.version}.items():
            if version.container_mode is not None:
                yield Problem("shadow", f"is not for several containers, as {version.label} of {at} has; leave it out")
    direct = [at for at, version in versions.items() if version.container_mode is ContainerMode.DIRECT]
    if not direct:
        return
    label = versions[direct[0]].label
    if args.asynchronous is not None:
        yield Problem(
            "asynchronous", f"has no way to name a container, and {label} is direct; make it serial, or leave this out"
        )
    if others := [at for at in versions if at not in direct]:
        yield Problem(
            direct[0],
            f"has {label}, of which each request has to name a container, and the requests to {others[0]} may not; "
            "give all variants direct versions, or none",
        )


def _metrics_problems(metrics: MetricsArgs) -> Iterator[Problem]:
    seconds = metrics.publish_seconds
    if seconds is not None and seconds not in _PUBLISH_SECONDS:
        yield Problem("metrics.publish_seconds", f"is {seconds}; allowed: {', '.join(map(str, _PUBLISH_SECONDS))}")
    provider = f"pulumi-aws {metadata.version('pulumi_aws')}"
    for key, finer in (("publish_seconds", seconds not in (None, 60)), ("enhanced", bool(metrics.enhanced))):
        if finer:
            # github.com/hashicorp/terraform-provider-aws/issues/48469
            yield Problem(
                f"metrics.{key}",
                f"cannot be declared with {provider}: SageMaker's MetricsConfig is no input of its "
                "EndpointConfiguration; leave it out, and metrics of the whole variant come every 60 seconds",
            )


def _deployment_problems(args: "ModelEndpointArgs", deployment: DeploymentArgs) -> Iterator[Problem]:
    least = 5 if deployment.strategy is DeploymentStrategy.ROLLING else 10
    yield from _between("deployment.step_percent", deployment.step_percent, least, 50)
    yield from _between("deployment.wait_seconds", deployment.wait_seconds, 0, 3600)
    yield from _between("deployment.termination_wait_seconds", deployment.termination_wait_seconds, 0, 3600)
    yield from _between("deployment.max_seconds", deployment.max_seconds, 600, 28800)
    if deployment.alarms is not None and not 1 <= len(deployment.alarms) <= 10:
        yield Problem("deployment.alarms", f"are {len(deployment.alarms)}; SageMaker takes 1 to 10")
    if deployment.strategy is DeploymentStrategy.ROLLING and len(args.variants) > 1:
        yield Problem("deployment.strategy", "is rolling, which is for one variant; take canary or linear")
    if deployment.strategy in _GUARDED:
        for slot, variant in args.variants.items():
            scaled = variant.autoscaling.min_instances if variant.autoscaling else variant.instance_count
            if variant.serverless is None and (scaled or 1) < 2:
                yield Problem(
                    f"variants.{slot}.instance_count",
                    f"is {scaled or 1}, and a {deployment.strategy.value} deployment takes part of a fleet: 2 or more",
                )


def _between(path: str, value: int | None, least: int, most: int) -> Iterator[Problem]:
    if value is not None and not least <= value <= most:
        yield Problem(path, f"is {value}; allowed {least} to {most}")
