"""
What an example in YAML declares, as a program in Python.

Registers resources as the YAML language host does: components by the plugin, outputs as outputs. It knows as much of
the language as the example uses, so that the example runs where that host is not installed.
"""

import re
from pathlib import Path
from typing import Any

import pulumi
from ruamel.yaml import YAML

REFERENCE = re.compile(r"\$\{([^}]+)\}")
STEP = re.compile(r'\.?([\w-]+)|\["([^"]+)"\]')


class Remote(pulumi.ComponentResource):
    """A component that the plugin makes."""

    def __init__(self, kind: str, name: str, inputs: dict[str, Any], outputs: set[str]) -> None:
        super().__init__(kind, name, {**dict.fromkeys(outputs), **inputs}, remote=True)


class Plain(pulumi.CustomResource):
    """A resource of a provider."""

    def __init__(self, kind: str, name: str, inputs: dict[str, Any], outputs: set[str]) -> None:
        super().__init__(kind, name, {**dict.fromkeys(outputs), **inputs})


def run(file: Path) -> None:
    """Registers everything that a file declares, in its order."""
    text = file.read_text()
    document = YAML(typ="safe").load(text)
    known: dict[str, Any] = {"pulumi": {"stack": pulumi.get_stack()}, **document.get("variables", {})}
    for key, declared in document["resources"].items():
        inputs = resolved(declared["properties"], known)
        used = set(re.findall(rf"\$\{{{re.escape(key)}\.(\w+)", text))
        make = Remote if declared["type"].startswith("sluice:") else Plain
        known[key] = make(token(declared["type"]), declared.get("name", key), inputs, used - inputs.keys())
    for key, value in document["outputs"].items():
        pulumi.export(key, resolved(value, known))


def token(written: str) -> str:
    """Returns what the engine calls a type that YAML writes in short."""
    package, *module, name = written.split(":")
    return f"{package}:{module[0]}/{name[0].lower()}{name[1:]}:{name}" if module else f"{package}:index:{name}"


def resolved(value: Any, known: dict[str, Any]) -> Any:
    """Returns a value with its references followed."""
    match value:
        case dict():
            return {key: resolved(item, known) for key, item in value.items()}
        case list():
            return [resolved(item, known) for item in value]
        case str() if whole := REFERENCE.fullmatch(value):
            return followed(whole[1], known)
        case str():
            return REFERENCE.sub(lambda found: followed(found[1], known), value)
    return value


def followed(reference: str, known: dict[str, Any]) -> Any:
    """Returns what `store.urls["a"]` refers to."""
    first, *steps = [plain or quoted for plain, quoted in STEP.findall(reference)]
    value = known[first]
    for step in steps:
        value = pulumi.get(value, step) if isinstance(value, pulumi.Resource) else value[step]
    return value
