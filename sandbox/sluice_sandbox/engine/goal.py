"""What a program asks for: one resource's registration, decoded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from sluice.provider import wire
from sluice_sandbox.engine import assets
from sluice_sandbox.engine.values import Inputs, lower_outputs
from sluice_sandbox.errors import NotInSandbox, SandboxError


@dataclass(frozen=True)
class Alias:
    """A name that a resource had before: a URN, or the parts that differ."""

    urn: str = ""
    name: str = ""
    type: str = ""
    project: str = ""
    stack: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True)
class Goal:
    """The state that a resource should be in."""

    type: str
    name: str
    custom: bool
    inputs: Inputs
    parent: str = ""
    provider: str = ""
    providers: dict[str, str] = field(default_factory=dict)
    version: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    retain_on_delete: bool = False
    deleted_with: str = ""
    hide_diff: list[str] = field(default_factory=list)
    source_position: str = ""


# Request fields, as Pulumi's documentation calls what they mean. Resource options that change nothing here but would be
# obeyed by the CLI: better refused than ignored.
_REFUSED = {
    "importId": "importing resources (the `import_` option)",
    "transforms": "transforms",
    "state_migrations": "state migrations",
    "remote": "remote components",
    "replace_with": "the `replace_with` option",
    "replacement_trigger": "the `replacement_trigger` option",
    "envVarMappings": "environment variable mappings",
    "packageRef": "parameterized providers",
    "pluginDownloadURL": "the `plugin_download_url` option",
    "pluginChecksums": "plugin checksums",
}


def read_goal(request: Any, root: Path | None) -> Goal:
    """
    Returns what a RegisterResourceRequest asks for; `root` is the project's folder, for source positions.

    Raises NotInSandbox for every option that this engine does not have.
    """
    where = f"{request.type} {request.name!r}"
    fields = {descriptor.name for descriptor, _ in request.ListFields()}
    for name, feature in _REFUSED.items():
        if name in fields and getattr(request, name):
            raise NotInSandbox(feature, where)
    if "hooks" in fields and request.hooks.ListFields():
        raise NotInSandbox("resource hooks", where)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=read_properties(request.object, where),
        parent=request.parent,
        provider=request.provider,
        providers=dict(request.providers),
        version=request.version,
        dependencies=sorted(set(request.dependencies)),
        property_dependencies={key: sorted(set(value.urns)) for key, value in request.propertyDependencies.items()},
        protect=request.protect,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        aliases=[*_aliases(request.aliases), *(Alias(urn=urn) for urn in request.aliasURNs)],
        custom_timeouts=_timeouts(request.customTimeouts, where),
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        hide_diff=list(request.hideDiffs),
        source_position=source_position(request.sourcePosition, root),
    )


def read_properties(struct: Any, where: str) -> Inputs:
    """Returns a struct as signed JSON: nulls left out, outputs lowered, assets hashed."""
    properties = lower_outputs(wire.from_struct(struct))
    return {key: assets.hashed(value, where) for key, value in properties.items() if value is not None}


def source_position(position: Any, root: Path | None) -> str:
    """Returns a position within the project as `project:///<path>#<line>`; of code outside it, nothing."""
    if root is None or not position.uri:
        return ""
    path = Path(unquote(urlparse(position.uri).path))
    return f"project:///{path.relative_to(root).as_posix()}#{position.line}" if path.is_relative_to(root) else ""


def _aliases(aliases: Iterable[Any]) -> Iterable[Alias]:
    for alias in aliases:
        if alias.WhichOneof("alias") == "urn":
            yield Alias(urn=alias.urn)
        else:
            spec = alias.spec
            yield Alias(
                name=spec.name,
                type=spec.type,
                project=spec.project,
                stack=spec.stack,
                parent=spec.parentUrn,
                no_parent=spec.noParent,
            )


_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def seconds(duration: str, where: str) -> float:
    """Returns a Go duration such as `1h30m` in seconds. Raises SandboxError for anything else."""
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise SandboxError(f"{where}: the timeout {duration!r} is not a duration; write it as `90s`, `5m` or `1h30m`")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _timeouts(timeouts: Any, where: str) -> dict[str, float]:
    declared = {operation: getattr(timeouts, operation) for operation in ("create", "update", "delete")}
    return {operation: seconds(duration, where) for operation, duration in declared.items() if duration}
