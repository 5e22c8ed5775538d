"""The component `ModelEndpoint`: model versions that answer requests."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import traffic
from sluice.args import ArgsModel
from sluice.endpoint_role import physical_name
from sluice.errors import InvalidInput, Problem
from sluice.manifest.canonical import is_digest, short
from sluice.model_version import PinnedVersionArgs
from sluice.tags import identity_tags

_LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""How long CloudWatch can keep logs."""


class VariantArgs(ArgsModel):
    """One slot of an endpoint."""

    version: PinnedVersionArgs
    """The model version in it: `ModelVersion.pinned`. Nothing else can be served."""
    instance_type: str
    """SageMaker instance type, for example `ml.m5.xlarge`."""
    instance_count: int | None = None
    """How many instances. Omitted: 1."""


class ModelEndpointArgs(ArgsModel):
    """What an endpoint serves, and to whom."""

    variants: dict[str, VariantArgs]
    """From a slot's name (`blue`, `green`) to what is in it."""
    traffic: dict[str, int]
    """Percent of the requests for each slot, 100 together. A slot left out gets none."""
    log_retention_days: int | None = None
    """How long container logs are kept. Omitted: 30."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class ModelEndpoint(pulumi.ComponentResource):
    """
    A SageMaker endpoint whose variants share the traffic as declared.

    Every variant is a version whose weights, data, evaluation and inference configuration are pinned together.
    Configurations are replaced, never changed; the old one goes when the endpoint has moved to the new one.
    """

    endpoint_name: pulumi.Output[str]
    """What clients call: the component's name and the stack's. It stays the same for good."""
    endpoint_arn: pulumi.Output[str]
    """Its ARN."""
    config_name: pulumi.Output[str]
    """The configuration that it serves."""
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
            *_variant_problems(args),
            *_log_problems(log_days),
        ]
        if problems:
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:ModelEndpoint", name, {}, opts)

        self._name, self._tags = name, identity_tags("ModelEndpoint", name, args.tags)
        logs = self._logs(endpoint_name, log_days)
        configuration = aws.sagemaker.EndpointConfiguration(
            name,
            production_variants=[
                _production_variant(slot, variant, args.traffic.get(slot, 0)) for slot, variant in args.variants.items()
            ],
            tags={**self._tags, **_version_tags(args)},
            opts=self._child(),
        )
        endpoint = aws.sagemaker.Endpoint(
            name,
            name=endpoint_name,
            endpoint_config_name=configuration.name,
            tags=self._tags,
            # SageMaker makes the log group by itself if it is not there, and then it keeps logs for ever.
            opts=self._child(depends_on=[logs]),
        )
        self.endpoint_name, self.endpoint_arn = endpoint.name, endpoint.arn
        self.config_name = configuration.name
        self.versions = pulumi.Output.from_input(
            {slot: f"{it.version.label} {short(it.version.version_digest)}" for slot, it in args.variants.items()}
        )
        self.register_outputs(
            {
                "endpointName": self.endpoint_name,
                "endpointArn": self.endpoint_arn,
                "configName": self.config_name,
                "versions": self.versions,
            }
        )

    def _logs(self, endpoint_name: str, retention_days: int) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention_in_days=retention_days,
            tags=self._tags,
            opts=self._child(),
        )

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)


def _production_variant(
    slot: str, variant: VariantArgs, percent: int
) -> aws.sagemaker.EndpointConfigurationProductionVariantArgs:
    return aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name=slot,
        model_name=variant.version.model_name,
        instance_type=variant.instance_type,
        initial_instance_count=1 if variant.instance_count is None else variant.instance_count,
        initial_variant_weight=percent,
    )


def _version_tags(args: ModelEndpointArgs) -> dict[str, str]:
    """Returns what is in production, for whoever looks at AWS alone."""
    return {
        key: value
        for slot, variant in args.variants.items()
        for key, value in (
            (f"sluice:version:{slot}", variant.version.label),
            (f"sluice:version-digest:{slot}", variant.version.version_digest),
        )
    }


def _variant_problems(args: ModelEndpointArgs) -> Iterator[Problem]:
    for slot, variant in args.variants.items():
        yield from traffic.slot_problems(slot, variant.instance_count)
        digest = variant.version.version_digest
        if not is_digest(digest):
            yield Problem(
                f"variants.{slot}.version.version_digest",
                f"is {digest!r}, which is no digest; take what `ModelVersion.pinned` is",
            )


def _log_problems(days: int) -> list[Problem]:
    if days in _LOG_DAYS:
        return []
    return [Problem("log_retention_days", f"is {days}; CloudWatch allows {', '.join(map(str, _LOG_DAYS))}")]
