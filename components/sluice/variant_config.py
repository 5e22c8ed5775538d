"""The parts of an endpoint configuration, from what an endpoint is declared to be."""

from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws

from sluice.hosting import AsynchronousArgs, CaptureArgs, ShadowArgs, VariantArgs

SHADOW = "shadow"
"""What the shadow variant is called."""


def initial_weights(releases: Mapping[str, int]) -> dict[str, int]:
    """
    Returns the weight with which each slot starts: 1 with the oldest release, 0 with any other.

    It hangs on the versions alone, never on the declared traffic: so a shift makes no new configuration, and an
    endpoint that is made from nothing serves the oldest version until the declared weights are there.
    """
    oldest = min(releases.values(), default=0)
    return {slot: int(release == oldest) for slot, release in releases.items()}


def min_counts(variants: Mapping[str, VariantArgs]) -> dict[str, int]:
    """Returns how many instances each slot has at least, with which it also starts; serverless ones have none."""
    return {slot: _count(variant) for slot, variant in variants.items() if variant.serverless is None}


def production_variants(variants: Mapping[str, VariantArgs]) -> list[Any]:
    """Returns the production variants, in the order of their slots."""
    weights = initial_weights({slot: variant.version.release for slot, variant in variants.items()})
    return [_production_variant(slot, variant, weights[slot]) for slot, variant in variants.items()]


def shadow_variants(shadow: ShadowArgs | None) -> list[Any] | None:
    """Returns the shadow variant; SageMaker copies as many requests as its weight is of the other's, which is 1."""
    if shadow is None:
        return None
    return [
        aws.sagemaker.EndpointConfigurationShadowProductionVariantArgs(
            variant_name=SHADOW,
            model_name=shadow.version.model_name,
            instance_type=shadow.instance_type,
            initial_instance_count=1 if shadow.instance_count is None else shadow.instance_count,
            initial_variant_weight=(100 if shadow.percent is None else shadow.percent) / 100,
        )
    ]


def asynchronous(args: AsynchronousArgs | None) -> Any:
    """Returns how requests are queued; None where they are answered at once."""
    if args is None:
        return None
    notified = args.success_topic_arn is not None or args.error_topic_arn is not None
    notification = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs(
        success_topic=args.success_topic_arn, error_topic=args.error_topic_arn
    )
    return aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(
        output_config=aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(
            s3_output_path=args.output_url,
            s3_failure_path=args.failure_url,
            kms_key_id=args.kms_key_arn,
            notification_config=notification if notified else None,
        ),
        client_config=None
        if args.max_concurrent_per_instance is None
        else aws.sagemaker.EndpointConfigurationAsyncInferenceConfigClientConfigArgs(
            max_concurrent_invocations_per_instance=args.max_concurrent_per_instance
        ),
    )


def capture(args: CaptureArgs | None) -> Any:
    """Returns what is kept of requests and answers; None for nothing."""
    if args is None:
        return None
    modes = [mode for mode, wanted in (("Input", args.input), ("Output", args.output)) if wanted is not False]
    return aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        enable_capture=True,
        destination_s3_uri=args.destination_url,
        initial_sampling_percentage=args.percent,
        kms_key_id=args.kms_key_arn,
        capture_options=[
            aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs(capture_mode=mode) for mode in modes
        ],
    )


def _count(variant: VariantArgs) -> int:
    if variant.autoscaling is not None:
        return variant.autoscaling.min_instances
    return 1 if variant.instance_count is None else variant.instance_count


def _production_variant(
    slot: str, variant: VariantArgs, weight: int
) -> aws.sagemaker.EndpointConfigurationProductionVariantArgs:
    serverless = variant.serverless
    return aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name=slot,
        model_name=variant.version.model_name,
        instance_type=variant.instance_type,
        initial_instance_count=None if serverless is not None else _count(variant),
        initial_variant_weight=weight,
        volume_size_in_gb=variant.volume_size_gb,
        container_startup_health_check_timeout_in_seconds=variant.startup_timeout_seconds,
        model_data_download_timeout_in_seconds=variant.download_timeout_seconds,
        serverless_config=None
        if serverless is None
        else aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
            memory_size_in_mb=serverless.memory_mb,
            max_concurrency=serverless.max_concurrency,
            provisioned_concurrency=serverless.provisioned_concurrency,
        ),
    )
