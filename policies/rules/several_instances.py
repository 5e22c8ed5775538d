"""Every variant has two instances or more."""

from collections.abc import Iterator, Mapping
from typing import Any

from endpoints import CONFIGURATION, LIVE
from kit import COUNT, at, listed, number
from rule import Concern, Finding, Resource, ResourceRule, Settings

TARGET = "aws:appautoscaling/target:Target"


def counts(resource: Resource) -> Iterator[tuple[str, float]]:
    """Yields path and number of instances of every variant, where they are known; serverless ones have none."""
    found: dict[str, Any] = {}
    if resource.type == LIVE and isinstance(fewest := resource.props.get("minCounts"), Mapping):
        found = {f"minCounts.{slot}": count for slot, count in fewest.items()}
    elif resource.type == CONFIGURATION:
        variants = enumerate(listed(resource.props.get("productionVariants")))
        found = {
            f"productionVariants[{index}].initialInstanceCount": at(variant, "initialInstanceCount")
            for index, variant in variants
        }
    elif resource.type == TARGET and resource.props.get("serviceNamespace") == "sagemaker":
        found = {"minCapacity": resource.props.get("minCapacity")}
    yield from ((path, count) for path, it in found.items() if (count := number(it)) is not None)


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    for path, count in counts(resource):
        if count < settings["fewest"]:
            yield Finding(resource, path, f"{count:g}")


RULE = ResourceRule(
    id="several-instances",
    concern=Concern.ROLLBACK,
    types=(LIVE, CONFIGURATION, TARGET),
    reason="With one, the loss of an instance or of a zone is the loss of the variant.",
    fix="declare more instances, and let autoscaling keep as many",
    covers=("SageMaker.4",),
    settings={"fewest": {**COUNT, "default": 2, "description": "The fewest instances."}},
    production=True,
    check=check,
)
