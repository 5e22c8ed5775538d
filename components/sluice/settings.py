"""What a stack's configuration says about Sluice: its schema, and how it is read."""

import json
from typing import Any, TypeVar

import pulumi

from sluice.args import ArgsModel
from sluice.checkpoint_store import CheckpointStoreArgs, StoredVersionArgs
from sluice.errors import InvalidFile, Problem
from sluice.retention import VersionRole

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

    def roles(self) -> dict[str, VersionRole]:
        """Returns what each version in a slot is needed for: it serves where there is traffic, else it stands by."""
        serving = {slot.version for name, slot in self.variants.items() if self.traffic.get(name, 0) > 0}
        return {
            slot.version: VersionRole.SERVING if slot.version in serving else VersionRole.STANDBY
            for slot in self.variants.values()
        }


def read_settings(model: type[M], key: str) -> M:
    """
    Returns the project's configuration value `key` as a model.

    Raises InvalidInput, naming the stack's file and every key path in it that is wrong.
    """
    subject = _subject(key)
    text = pulumi.Config().get(key)
    if text is None:
        project = pulumi.get_project()
        raise InvalidFile(subject, [Problem("", f"is missing; the file needs `{project}:{key}:` under `config:`")])
    return model.parse(subject, _as_map(text, subject))


def in_use(store: CheckpointStoreArgs, endpoint: EndpointSettings, key: str = "endpoint") -> CheckpointStoreArgs:
    """
    Returns a store's arguments in which every version that is in a slot has its role, declared or not.

    Raises InvalidInput, naming the slot, when the store does not have a version, or not its artifact.
    """
    problems = [
        Problem(f"variants.{slot}.version", reason)
        for slot, settings in endpoint.variants.items()
        if (reason := _missing(store.versions, settings.version)) is not None
    ]
    if problems:
        raise InvalidFile(_subject(key), problems)
    roles = endpoint.roles()
    versions = [
        version.model_copy(update={"role": roles.get(version.name, version.role)}) for version in store.versions
    ]
    return store.model_copy(update={"versions": versions})


def _missing(versions: list[StoredVersionArgs], name: str) -> str | None:
    found = next((version for version in versions if version.name == name), None)
    if found is None:
        known = ", ".join(version.name for version in versions) or "none"
        return f"is {name!r}, which is not in the store; versions there are: {known}"
    if found.artifact is None:
        return f"is {name!r}, which has no artifact in the store; declare the file that is to be served"
    return None


def _subject(key: str) -> str:
    return f"Pulumi.{pulumi.get_stack()}.yaml: config {pulumi.get_project()}:{key}"


def _as_map(text: str, subject: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if not isinstance(value, dict):
        raise InvalidFile(subject, [Problem("", f"is {value!r}; expected a map")])
    return value
