"""The containers that SageMaker is told to run, wherever a resource declares them."""

import re
from collections.abc import Iterator
from typing import Any

from rule import Resource

_SAGEMAKER = re.compile(r"aws(-native)?:sagemaker[/:]|sluice:")
_SPECIFICATIONS = ("inferenceSpecification", "additionalInferenceSpecifications")
_SOURCES = ("modelDataSource", "additionalModelDataSources")


def containers(resource: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields path and properties of every container: a model's, or those of a model package's specifications."""
    if not _SAGEMAKER.match(resource.type):
        return
    yield from _dicts("primaryContainer", resource.props.get("primaryContainer"))
    yield from _dicts("containers", resource.props.get("containers"))
    for key in _SPECIFICATIONS:
        for path, specification in _dicts(key, resource.props.get(key)):
            yield from _dicts(f"{path}.containers", specification.get("containers"))


def artifacts(path: str, container: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields path and URL of every artifact that a container loads."""
    yield f"{path}.modelDataUrl", container.get("modelDataUrl")
    for key in _SOURCES:
        for at, source in _dicts(f"{path}.{key}", container.get(key)):
            # One object in AWS's own API, a list in the Terraform schema.
            for name in ("s3DataSource", "s3DataSources"):
                for inner, data in _dicts(f"{at}.{name}", source.get(name)):
                    yield f"{inner}.s3Uri", data.get("s3Uri")


def _dicts(path: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _dicts(f"{path}[{index}]", item)
