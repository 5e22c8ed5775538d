"""What a stack's file and the manifests that it names say, at one moment of the repository."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluice.manifest.lock import Locked

SECRET = "[secret]"


@dataclass(frozen=True)
class Version:
    """A version that a stack declares."""

    manifest: Path
    root: Path
    """The folder from which its files are named."""
    locked: Locked


@dataclass(frozen=True)
class Declared:
    """What is declared."""

    config: Mapping[str, Any]
    """The stack's configuration, by key."""
    versions: Mapping[str, Version] = field(default_factory=dict)
    """By label, `digits@2`, in their order."""
    problems: tuple[str, ...] = ()
    """What could not be read."""

    @property
    def endpoints(self) -> list[Mapping[str, Any]]:
        """The values that declare an endpoint: those with variants and traffic."""
        return [it for it in self.config.values() if isinstance(it, Mapping) and {"variants", "traffic"} <= it.keys()]

    def endpoint(self, slots: set[str]) -> Mapping[str, Any] | None:
        """Returns what declares the endpoint with these slots; None unless it is exactly one."""
        found = self.endpoints
        fitting = [it for it in found if slots <= {*(it["variants"] or {})}] if len(found) > 1 else found
        return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class Setting:
    """One value of the stack's file that is different."""

    path: str
    """`digits:endpoint.traffic.green`."""
    before: str | None
    """None: it was not there."""
    after: str | None


def manifests_of(config: Mapping[str, Any]) -> list[str]:
    """Returns the manifests that a stack's configuration names, in their order."""
    named = [it["manifests"] for it in config.values() if isinstance(it, Mapping) and "manifests" in it]
    return [path for paths in named if isinstance(paths, list) for path in paths if isinstance(path, str)]


def traffic_of(endpoint: Mapping[str, Any]) -> dict[str, float]:
    """Returns percent by slot; a slot that is left out has none."""
    traffic = endpoint.get("traffic") or {}
    shares = {slot: traffic.get(slot, 0) for slot in {**(endpoint.get("variants") or {}), **traffic}}
    return {str(slot): float(share) for slot, share in shares.items() if isinstance(share, int | float)}


def versions_of(endpoint: Mapping[str, Any]) -> dict[str, str]:
    """Returns the label of the version that is declared in each slot."""
    variants = (endpoint.get("variants") or {}).items()
    return {str(slot): str(it["version"]) for slot, it in variants if isinstance(it, Mapping) and "version" in it}


def settings_changed(before: Declared, after: Declared) -> list[Setting]:
    """Returns every value of the stack's file that differs, by path; secrets are never shown."""
    old, new = (dict(_leaves(it.config, "")) for it in (before, after))
    return [
        Setting(path, old.get(path), new.get(path))
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    ]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and set(value) == {"secure"}:
        # Another ciphertext may hold the same secret; that it was touched is what can be told.
        yield path, SECRET
    elif isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    elif path:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
