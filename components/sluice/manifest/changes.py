"""What is different between two versions, part by part."""

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sluice.manifest import commits
from sluice.manifest.lock import AdapterPin, ContainerPin, Locked, Weights
from sluice.manifest.pins import Pin


@dataclass(frozen=True)
class Fact:
    """One thing that was so and is so now."""

    name: str
    before: str | None
    """None where there was nothing."""
    after: str | None


@dataclass(frozen=True)
class Part:
    """One part of a version that changed."""

    name: str
    facts: list[Fact] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    """Lines of a unified diff, for what is text."""


@dataclass(frozen=True)
class Side:
    """A version to compare, and where its project is."""

    locked: Locked
    root: Path


def compare(before: Side, after: Side) -> list[Part]:
    """Returns the parts that differ, in the order in which a reviewer asks: weights first, then all that they need."""
    parts = [
        _weights(before.locked, after.locked),
        _adapters(before.locked, after.locked),
        _data(before, after),
        _inference(before.locked, after.locked),
        _evaluation(before.locked, after.locked),
        _rest(before.locked, after.locked),
    ]
    return [part for part in parts if part.facts or part.text]


def _weights(one: Locked, other: Locked) -> Part:
    facts = [*_pin_facts(one.weights.pin, other.weights.pin), *_fact("image", one.weights.image, other.weights.image)]
    if one.weights.containers or other.weights.containers:
        facts += _container_facts(one.weights, other.weights)
    facts += _fact("architecture", one.architecture, other.architecture)
    return Part("weights", facts)


def _container_facts(one: Weights, other: Weights) -> Iterator[Fact]:
    """Yields what is different with several containers: their order first, then each by its name."""
    yield from _fact("mode", one.mode, other.mode)
    yield from _fact("containers", *(", ".join(it.name for it in each.containers) or None for each in (one, other)))
    old, new = ({it.name: it for it in each.containers} for each in (one, other))
    for name in dict.fromkeys((*new, *old)):
        before, after = (_told_of(each.get(name)) for each in (old, new))
        for key in dict.fromkeys((*after, *before)):
            yield from _fact(f"{name} {key}", before.get(key), after.get(key))


def _told_of(container: ContainerPin | None) -> dict[str, str]:
    if container is None:
        return {}
    pin, told = container.pin, {"image": container.image}
    if pin is not None:
        told |= {"content": pin.digest, "reference": pin.reference}
        told |= {} if (size := _size(pin)) is None else {"size": size}
        told |= {file.name: file.digest for file in pin.files if len(pin.files) > 1}
    return told | {f"environment {name}": value for name, value in container.environment.items()}


def _pin_facts(one: Pin, other: Pin) -> Iterator[Fact]:
    yield from _fact("content", one.digest, other.digest)
    yield from _fact("source", one.source, other.source)
    if one.immutable != one.digest or other.immutable != other.digest:
        yield from _fact("reference", one.immutable, other.immutable)
    yield from _fact("size", _size(one), _size(other))
    if max(len(one.files), len(other.files)) > 1:
        yield from _file_facts(one, other)
    for name in sorted({*one.facts, *other.facts} - {"warning"}):
        yield from _fact(name.replace("_", " "), one.facts.get(name), other.facts.get(name))


def _file_facts(one: Pin, other: Pin) -> Iterator[Fact]:
    old, new = ({file.name: file.digest for file in pin.files} for pin in (one, other))
    for name in sorted({*old, *new}):
        yield from _fact(name, old.get(name), new.get(name))


def _adapters(one: Locked, other: Locked) -> Part:
    old, new = ({adapter.name: adapter for adapter in locked.adapters} for locked in (one, other))
    facts: list[Fact] = []
    for name in sorted({*old, *new}):
        facts += _fact(name, _described(old.get(name)), _described(new.get(name)))
    return Part("adapters", facts)


def _described(adapter: AdapterPin | None) -> str | None:
    if adapter is None:
        return None
    return f"{adapter.kind} of rank {adapter.rank}, {adapter.pin.digest}, on {adapter.base}"


def _data(before: Side, after: Side) -> Part:
    one, other = before.locked.data, after.locked.data
    facts = list(_pin_facts(one.pin, other.pin))
    facts += _fact("preprocessing", one.preprocessing, other.preprocessing)
    facts += _fact("validation", _compact(one.validation), _compact(other.validation))
    text: list[str] = []
    if one.pin.source == other.pin.source == "prompt":
        for index, role in enumerate(("template", "examples")):
            text += _text_diff(role, _content(before, one.pin, index), _content(after, other.pin, index))
    return Part("data", facts, [*text, *_commits(after.root, one.pin, other.pin)])


def _commits(root: Path, one: Pin, other: Pin) -> list[str]:
    """Returns the commits between two states of data that DVC tracks in a repository of the project."""
    repo = other.facts.get("repo")
    if not one.source == other.source == "dvc" or repo is None or one.facts.get("repo") != repo:
        return []
    lines = commits.between(root / repo, one.facts["commit"], other.facts["commit"])
    return [f"commits of {repo}:", *(f"  {line}" for line in lines)] if lines else []


def _content(side: Side, pin: Pin, index: int) -> str | None:
    """Returns the text of a prompt's file as it was locked; None where what is there now is another one."""
    if index >= len(pin.files):
        return ""
    file = pin.files[index]
    path = side.root / file.name
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return (
        content.decode("utf-8", "replace") if f"sha256:{hashlib.sha256(content).hexdigest()}" == file.digest else None
    )


def _inference(one: Locked, other: Locked) -> Part:
    return Part("inference", text=_text_diff("inference", _yaml(one.inference), _yaml(other.inference)))


def _evaluation(before: Locked, after: Locked) -> Part:
    one, other = before.evaluation, after.evaluation
    facts: list[Fact] = []
    for key in ("name", "version", "digest"):
        facts += _fact(f"set {key}", one.set[key], other.set[key])
    old, new = ({} if it.report is None else _written(it.report.metrics) for it in (one, other))
    facts += _fact("report", *(None if it.report is None else it.report.digest for it in (one, other)))
    # All of them, also those that are equal: that a number did not move is what a reviewer wants to know.
    facts += [Fact(name, old.get(name), new.get(name)) for name in sorted({*old, *new})]
    return Part("evaluation", facts)


def _written(metrics: dict[str, float]) -> dict[str, str]:
    return {name: f"{number:.6g}" for name, number in metrics.items()}


def _rest(one: Locked, other: Locked) -> Part:
    contract = [None if locked.contract is None else locked.contract.digest for locked in (one, other)]
    facts = [*_fact("contract", *contract), *_fact("owner", _compact(one.owner), _compact(other.owner))]
    facts += _fact("licence", one.licence, other.licence)
    facts += _fact("life", _compact(one.life), _compact(other.life))
    return Part("agreements", facts)


def _fact(name: str, before: str | None, after: str | None) -> list[Fact]:
    return [] if before == after else [Fact(name, before, after)]


def _size(pin: Pin) -> str | None:
    sizes = [file.size for file in pin.files]
    if not sizes or None in sizes:
        return None
    return f"{sum(size for size in sizes if size is not None):,} bytes"


def _compact(value: dict[str, Any] | None) -> str | None:
    return None if value is None else ", ".join(f"{key} {item}" for key, item in value.items())


def _yaml(value: dict[str, Any]) -> str:
    text = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(_readable(value), text)
    return text.getvalue()


def _readable(value: Any) -> Any:
    """Returns a value in which long texts are lists of their lines: so a diff tells which line changed."""
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return value.splitlines() if isinstance(value, str) and "\n" in value.strip() else value


def _text_diff(name: str, before: str | None, after: str | None) -> list[str]:
    if before is None or after is None:
        return [f"{name}: the text that was locked is not at hand"]
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=2))
