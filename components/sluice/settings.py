"""What a stack's configuration says about Sluice: its schema, and how it is read."""

import json
from typing import Any, TypeVar

import pulumi

from sluice.args import ArgsModel
from sluice.errors import InvalidFile, Problem

M = TypeVar("M", bound=ArgsModel)


class SlotSettings(ArgsModel):
    """What is in one slot of an endpoint."""

    version: str
    """A model version in the store, for example `digits-v1`."""
    image: str
    """Container image, pinned by digest."""
    instance_type: str
    """SageMaker instance type, for example `ml.m5.xlarge`."""
    instance_count: int | None = None
    """How many instances. Omitted: 1."""


class EndpointSettings(ArgsModel):
    """What an endpoint serves in this environment, and to whom."""

    variants: dict[str, SlotSettings]
    """From a slot's name (`blue`, `green`) to what is in it."""
    traffic: dict[str, int]
    """Percent of the requests for each slot, 100 together."""


def read_settings(model: type[M], key: str) -> M:
    """
    Returns the project's configuration value `key` as a model.

    Raises InvalidInput, naming the stack's file and every key path in it that is wrong.
    """
    project, file = pulumi.get_project(), f"Pulumi.{pulumi.get_stack()}.yaml"
    subject = f"{file}: config {project}:{key}"
    text = pulumi.Config().get(key)
    if text is None:
        raise InvalidFile(subject, [Problem("", f"is missing; the file needs `{project}:{key}:` under `config:`")])
    return model.parse(subject, _as_map(text, subject))


def _as_map(text: str, subject: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if not isinstance(value, dict):
        raise InvalidFile(subject, [Problem("", f"is {value!r}; expected a map")])
    return value
