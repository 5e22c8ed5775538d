"""
What SageMaker's documentation says does not go together, refused as it refuses it: with a ValidationException.

The documentation has the rules and not the wording, which is ours.
"""

from collections.abc import Sequence
from typing import Any

from moto.sagemaker.exceptions import ValidationError

Variants = Sequence[dict[str, Any]]


def refuse_shadow(request: dict[str, Any]) -> None:
    """Raises ValidationError for a configuration whose shadow has not exactly one variant with instances beside it."""
    shadows, variants = request.get("ShadowProductionVariants") or [], request["ProductionVariants"]
    if not shadows:
        return
    if len(shadows) != 1 or len(variants) != 1:
        raise ValidationError(
            message="With ShadowProductionVariants exactly one variant must be specified for ProductionVariants and "
            f"one for ShadowProductionVariants; {len(variants)} and {len(shadows)} were."
        )
    if request.get("AsyncInferenceConfig"):
        raise ValidationError(message="ShadowProductionVariants are not supported for asynchronous endpoints.")
    if any(variant.get("ServerlessConfig") for variant in [*variants, *shadows]):
        raise ValidationError(message="ShadowProductionVariants are not supported for serverless variants.")


def refuse_guardrail(deployment: dict[str, Any] | None, variants: Variants) -> None:
    """Raises ValidationError for a deployment that the fleet of these variants, as they are to be, is not for."""
    policy = deployment or {}
    if policy.get("RollingUpdatePolicy") and len(variants) > 1:
        raise ValidationError(message="RollingUpdatePolicy is not supported for endpoints with several variants.")
    routing = (policy.get("BlueGreenUpdatePolicy") or {}).get("TrafficRoutingConfiguration") or {}
    if routing.get("Type", "ALL_AT_ONCE") == "ALL_AT_ONCE":
        return
    for key, kind in (("CanarySize", "CANARY"), ("LinearStepSize", "LINEAR")):
        if routing["Type"] == kind and key not in routing:
            raise ValidationError(message=f"{key} must be specified for the traffic routing type {kind}.")
    for variant in variants:
        # A part of a fleet is at most half of it.
        if variant.get("CurrentInstanceCount", 2) < 2:
            raise ValidationError(
                message=f"The traffic routing type {routing['Type']} needs two instances or more; variant "
                f'"{variant["VariantName"]}" has {variant["CurrentInstanceCount"]}.'
            )
