"""The component `ModelEndpoint`: model versions that answer requests."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import arns, traffic
from sluice.args import ArgsModel
from sluice.deployment import deployment_config
from sluice.endpoint_role import physical_name
from sluice.errors import InvalidInput, Problem
from sluice.hosting import AsynchronousArgs, CaptureArgs, DeploymentArgs, MetricsArgs, ShadowArgs, VariantArgs
from sluice.hosting_problems import hosting_problems
from sluice.live_endpoint import LiveEndpoint, LiveEndpointArgs, ShadowReportArgs
from sluice.log_retention import log_problems
from sluice.manifest.canonical import is_digest, short
from sluice.model_version import PinnedVersionArgs
from sluice.provider.endpoint_rules import MAX_STANDBY_HOURS
from sluice.rollout.declared import rollout_problems
from sluice.rollout.settings import RolloutArgs
from sluice.scaling import scale
from sluice.tags import identity_tags
from sluice.variant_config import asynchronous, capture, min_counts, production_variants, shadow_variants


class ModelEndpointArgs(ArgsModel):
    """What an endpoint serves, and to whom."""

    variants: dict[str, VariantArgs]
    """From a slot's name (`blue`, `green`) to what is in it."""
    traffic: dict[str, int]
    """Percent of the requests for each slot, 100 together. A slot left out gets none."""
    baseline: str | None = None
    """The slot that the others are compared with and gone back to, and no guard watches. With a journal another one
    takes its place only with all of the traffic. Omitted: the one with the most."""
    standby_hours: float | None = None
    """How long a slot is kept as it is after it lost its traffic, in hours; 0: not at all. Omitted: 72."""
    hourly_prices: dict[str, float] | None = None
    """By instance type, what you pay for one an hour: what standby costs is told by it. Omitted: list prices."""
    journal: pulumi.Input[str] | None = None
    """The table of a RolloutJournal: traffic moves past gates, and is recorded. Omitted: it just moves."""
    journal_retention_days: pulumi.Input[int] | None = None
    """How long the journal's entries are kept after the endpoint is deleted. Omitted: for ever."""
    rollout: RolloutArgs | None = None
    """What it takes for a candidate's traffic to rise. Omitted, with a journal: the defaults."""
    shadowed: dict[str, ShadowReportArgs] | None = None
    """By slot, what the version in it did in the shadow. Omitted: nothing is known."""
    alarms: list[str] | None = None
    """Names of alarms; while one is in ALARM nothing rises, as with those of the deployment. Omitted: none."""
    force: str | None = None
    """Why traffic rises although a gate says no; good for one movement, and recorded. Omitted: it does not."""
    acknowledge: str | None = None
    """The id of a rollback after which the version may rise again, one rung at a time. Omitted: none."""
    acknowledge_reason: str | None = None
    """Why it may. Omitted: not said."""
    shadow: ShadowArgs | None = None
    """A variant that gets copies of requests. Omitted: none."""
    asynchronous: AsynchronousArgs | None = None
    """Queues requests. Omitted: they are answered at once."""
    capture: CaptureArgs | None = None
    """Keeps requests and answers. Omitted: none are kept."""
    metrics: MetricsArgs | None = None
    """How fine its metrics are. Omitted: as SageMaker has them, every 60 seconds."""
    deployment: DeploymentArgs | None = None
    """What protects the loading of a new configuration. Omitted: nothing; it comes all at once."""
    volume_kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts the disks of instances. Omitted: SageMaker's own."""
    log_retention_days: int | None = None
    """How long container logs are kept. Omitted: 30."""
    log_kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts container logs; CloudWatch Logs must be allowed to use it. Omitted: CloudWatch's own."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class ModelEndpoint(pulumi.ComponentResource):
    """
    A SageMaker endpoint whose variants share the traffic as declared.

    Every variant is a version whose weights, data, evaluation and inference configuration are pinned together. A shift
    of traffic makes no new configuration, and a new configuration keeps live weights and counts.
    """

    endpoint_name: pulumi.Output[str]
    """What clients call: the component's name and the stack's. It stays the same for good."""
    endpoint_arn: pulumi.Output[str]
    """Its ARN."""
    config_name: pulumi.Output[str]
    """The configuration that it serves."""
    baseline: pulumi.Output[str]
    """The slot that the others are compared with."""
    versions: pulumi.Output[dict[str, str]]
    """From a slot to the version in it, `digits@2 sha256:5f8c0c41d2a7`."""

    def __init__(self, name: str, args: ModelEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"ModelEndpoint {name!r}"
        args = ModelEndpointArgs.parse(subject, args)
        endpoint_name = physical_name(name)
        log_days = 30 if args.log_retention_days is None else args.log_retention_days
        problems = [
            *traffic.endpoint_problems(endpoint_name),
            *traffic.problems(args.traffic, list(args.variants)),
            *traffic.baseline_problems(args.baseline, args.traffic, list(args.variants)),
            *_variant_problems(args),
            *hosting_problems(args),
            *log_problems(log_days),
            *_standby_problems(args.standby_hours),
            *_rollout_problems(args),
        ]
        if problems:
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:ModelEndpoint", name, {}, opts)

        self._name, self._tags = name, identity_tags("ModelEndpoint", name, args.tags)
        logs = self._logs(endpoint_name, log_days, args.log_kms_key_arn)
        configuration = self._configuration(args)
        versions = {slot: _told(variant.version) for slot, variant in args.variants.items()}
        endpoint = self._endpoint(args, endpoint_name, configuration, versions, logs)
        for slot, variant in args.variants.items():
            if variant.autoscaling is not None:
                scale(f"{name}-{slot}", endpoint, slot, variant.autoscaling, self._tags, self._child())
        self.endpoint_name, self.endpoint_arn = endpoint.name, endpoint.arn
        self.config_name = configuration.name
        self.baseline = pulumi.Output.from_input(traffic.baseline_of(args.baseline, args.traffic))
        self.versions = pulumi.Output.from_input(versions)
        self.register_outputs(
            {
                "endpointName": self.endpoint_name,
                "endpointArn": self.endpoint_arn,
                "configName": self.config_name,
                "baseline": self.baseline,
                "versions": self.versions,
            }
        )

    def _logs(
        self, endpoint_name: str, retention_days: int, key_arn: pulumi.Input[str] | None
    ) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention_in_days=retention_days,
            kms_key_id=key_arn,
            tags=self._tags,
            opts=self._child(),
        )

    def _configuration(self, args: ModelEndpointArgs) -> aws.sagemaker.EndpointConfiguration:
        return aws.sagemaker.EndpointConfiguration(
            self._name,
            production_variants=production_variants(args.variants),
            shadow_production_variants=shadow_variants(args.shadow),
            async_inference_config=asynchronous(args.asynchronous),
            data_capture_config=capture(args.capture),
            kms_key_arn=args.volume_kms_key_arn,
            tags={**self._tags, **_version_tags(args)},
            # A count is for a start from nothing. That of a fleet which is there is scaled, without another fleet.
            opts=self._child(ignore_changes=["productionVariants[*].initialInstanceCount"]),
        )

    def _endpoint(
        self,
        args: ModelEndpointArgs,
        endpoint_name: str,
        configuration: aws.sagemaker.EndpointConfiguration,
        versions: dict[str, str],
        logs: aws.cloudwatch.LogGroup,
    ) -> LiveEndpoint:
        fewest = min_counts(args.variants)
        fixed = {slot: count for slot, count in fewest.items() if args.variants[slot].autoscaling is None}
        kinds = {slot: it.instance_type for slot, it in args.variants.items() if it.instance_type is not None}
        return LiveEndpoint(
            self._name,
            LiveEndpointArgs(
                name=endpoint_name,
                endpoint_config_name=configuration.name,
                weights={slot: args.traffic.get(slot, 0) for slot in args.variants},
                counts=fixed or None,
                versions=versions,
                instance_types=kinds or None,
                min_counts=fewest or None,
                standby_hours=args.standby_hours,
                hourly_prices=args.hourly_prices,
                baseline=traffic.baseline_of(args.baseline, args.traffic),
                journal=args.journal,
                journal_retention_days=args.journal_retention_days,
                rollout=args.rollout,
                version_digests={slot: it.version.version_digest for slot, it in args.variants.items()}
                if args.journal is not None
                else None,
                shadowed=args.shadowed,
                alarms=args.alarms,
                force=args.force,
                acknowledge=args.acknowledge,
                acknowledge_reason=args.acknowledge_reason,
                deployment_config=deployment_config(args.deployment),
                # What the logs' ARN says need not be asked of AWS, once for each endpoint. And so the logs are first:
                # SageMaker makes the log group by itself if it is not there, and then it keeps logs for ever.
                region=logs.arn.apply(arns.region_of),
                account_id=logs.arn.apply(arns.account_of),
                tags=self._tags,
            ),
            self._child(),
        )

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)


def _told(version: PinnedVersionArgs) -> str:
    return f"{version.label} {short(version.version_digest)}"


def _version_tags(args: ModelEndpointArgs) -> dict[str, str]:
    """Returns what is in production, for whoever looks at AWS alone."""
    versions = {slot: variant.version for slot, variant in args.variants.items()}
    if args.shadow is not None:
        versions["shadow"] = args.shadow.version
    return {
        key: value
        for slot, version in versions.items()
        for key, value in (
            (f"sluice:version:{slot}", version.label),
            (f"sluice:version-digest:{slot}", version.version_digest),
        )
    }


def _variant_problems(args: ModelEndpointArgs) -> Iterator[Problem]:
    pinned = {f"variants.{slot}": variant.version for slot, variant in args.variants.items()}
    if args.shadow is not None:
        pinned["shadow"] = args.shadow.version
    for slot, variant in args.variants.items():
        yield from traffic.slot_problems(slot, variant.instance_count)
    for at, version in pinned.items():
        if not is_digest(version.version_digest):
            yield Problem(
                f"{at}.version.version_digest",
                f"is {version.version_digest!r}, which is no digest; take what `ModelVersion.pinned` is",
            )


def _standby_problems(hours: float | None) -> list[Problem]:
    if hours is None or 0 <= hours <= MAX_STANDBY_HOURS:
        return []
    return [Problem("standby_hours", f"is {hours:g}; allowed 0 to {MAX_STANDBY_HOURS}")]


def _rollout_problems(args: ModelEndpointArgs) -> Iterator[Problem]:
    if args.rollout is not None:
        yield from rollout_problems(args.rollout)
    for key in ("rollout", "force", "acknowledge"):
        if args.journal is None and getattr(args, key) is not None:
            yield Problem(key, "needs a journal, by which it is judged; declare a RolloutJournal, and name its table")
    for slot in (args.shadowed or {}).keys() - args.variants.keys():
        yield Problem(f"shadowed.{slot}", f"is for a slot that there is not; slots are: {', '.join(args.variants)}")
