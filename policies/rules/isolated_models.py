"""The containers of a model are cut off from every network."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kit import is_given, listed, of_type, unless
from rule import Concern, Finding, Resource, Settings, StackRule

MODEL, CONFIGURATION = "aws:sagemaker/model:Model", "aws:sagemaker/endpointConfiguration:EndpointConfiguration"


def _is_serverless(model: Resource, stack: Sequence[Resource]) -> bool:
    """True for a model that only serverless variants serve: SageMaker refuses isolation for them."""
    serving = [
        variant
        for configuration in of_type(stack, CONFIGURATION)
        for variant in listed(configuration.props.get("productionVariants"))
        if isinstance(variant, Mapping) and _serves(variant.get("modelName"), model, configuration)
    ]
    return bool(serving) and all(is_given(variant.get("serverlessConfig")) for variant in serving)


def _serves(name: Any, model: Resource, configuration: Resource) -> bool:
    if isinstance(name, str):
        return name == model.props.get("name")
    return model.urn in configuration.uses.get("productionVariants", ())


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for model in of_type(stack, MODEL):
        if not _is_serverless(model, stack):
            yield from unless(model, "enableNetworkIsolation", True)


RULE = StackRule(
    id="isolated-models",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/model:Model", "aws:sagemaker/endpointConfiguration:EndpointConfiguration"),
    reason="What reaches no network sends no data away, whatever is in the image or the weights; it also gets no "
    "credentials.",
    fix="set enableNetworkIsolation, which is networkIsolation of ModelVersion and its default",
    covers=("CKV_AWS_370", "SageMaker.5"),
    check=check,
)
