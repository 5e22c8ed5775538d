"""The schema that programs in other languages get."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pulumi.provider.experimental.util import camel_case
from pydantic import BaseModel
from ruamel.yaml import YAML

import sluice
from sluice.provider.construction import Components
from sluice.provider.schema import CUSTOM, Custom, _renamed, package_schema

YAML_EXAMPLE = Path(__file__).parents[2] / "examples" / "yaml" / "Pulumi.yaml"
COMPONENTS = {
    "CheckpointStore",
    "EndpointDashboard",
    "EndpointRole",
    "LogStore",
    "ModelEndpoint",
    "ModelVersion",
    "RollbackGuard",
    "RolloutJournal",
    "ScheduledEvaluation",
}
REFERENCE = "#/types/"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(package_schema(Components("1.2.3")))
    return found


def test_it_has_every_resource(schema: dict[str, Any]) -> None:
    """Components and custom resources are in one package, in its module `index`, each said to be which."""
    components = {token for token, it in schema["resources"].items() if it.get("isComponent")}
    assert components == {f"sluice:index:{name}" for name in COMPONENTS}
    assert schema["resources"].keys() - components == {
        "sluice:index:BaselineErrorRate",
        "sluice:index:LiveEndpoint",
        "sluice:index:ModelPackage",
    }
    assert (schema["name"], schema["version"]) == ("sluice", "1.2.3")


def test_every_property_is_documented(schema: dict[str, Any]) -> None:
    """Whoever writes YAML sees in the editor what each resource, type and property is for."""
    undocumented = [path for path, it in _described(schema) if not it.get("description", "").strip()]
    assert undocumented == []


def test_every_type_is_there(schema: dict[str, Any]) -> None:
    """What a property refers to is a type of this package or one of Pulumi's own, and no type is left over."""
    references = {it["$ref"] for it in _dicts(schema) if "$ref" in it}
    own = {it.removeprefix(REFERENCE) for it in references if it.startswith(REFERENCE)}
    assert own == schema["types"].keys()
    assert {it for it in references if not it.startswith(REFERENCE)} <= {"pulumi.json#/Any"}


def test_required_properties_are_there(schema: dict[str, Any]) -> None:
    """What must be given can be given."""
    for it in (*schema["resources"].values(), *schema["types"].values()):
        assert set(it.get("required", [])) <= it.get("properties", {}).keys()
        assert set(it.get("requiredInputs", [])) <= it.get("inputProperties", {}).keys()


def test_types_are_called_what_they_are(schema: dict[str, Any]) -> None:
    """`Variant`, not `VariantArgs`: languages add `Args` to inputs by themselves."""
    assert "sluice:index:Variant" in schema["types"]
    assert [token for token in schema["types"] if token.endswith("Args")] == []


@pytest.mark.parametrize("other", ["types", "resources"])
def test_a_name_that_is_taken_is_kept(other: str) -> None:
    """Where a resource or another type has the short name, what refers to the long one still finds it."""
    schema: dict[str, Any] = {"types": {"sluice:index:SlotArgs": {}}, "resources": {}}
    schema[other] |= {"sluice:index:Slot": {"properties": {"it": {"$ref": "#/types/sluice:index:SlotArgs"}}}}
    assert _renamed(schema) == schema


def test_any_input_may_be_an_output(schema: dict[str, Any]) -> None:
    """Another component's output, such as a version's label, can be given wherever a value can."""
    assert [it for it in _dicts(schema) if "plain" in it] == []


def test_enums_tell_their_values(schema: dict[str, Any]) -> None:
    """A choice is one of the texts that Python's enum stands for."""
    values = [it["value"] for it in schema["types"]["sluice:index:VersionRole"]["enum"]]
    assert values == [role.value for role in sluice.VersionRole]


@pytest.mark.parametrize("custom", CUSTOM, ids=lambda it: it.resource.__name__)
def test_custom_resources_are_what_the_plugin_checks(schema: dict[str, Any], custom: Custom) -> None:
    """The plugin takes what the schema offers, demands no more, tells what it promises, and replaces what it says."""
    found, kind = schema["resources"][custom.kind.token], custom.kind
    inputs = found["inputProperties"]
    assert inputs.keys() == kind.required | kind.optional
    # The plugin finds the region by itself.
    assert set(found["requiredInputs"]) == kind.required - {"region"}
    assert found["properties"].keys() == inputs.keys() | kind.decided
    assert kind.decided <= set(found["required"])
    replacing = {key for key, it in inputs.items() if it.get("willReplaceOnChanges")}
    assert replacing == inputs.keys() - kind.mutable - kind.guards


def test_the_models_take_the_schemas_names() -> None:
    """Every name of the schema is one that the model behind it takes."""
    for name in COMPONENTS:
        for model in _models(getattr(sluice, f"{name}Args")):
            aliases = {key: field.alias for key, field in model.model_fields.items()}
            assert aliases == {key: camel_case(key) for key in aliases}, model.__name__


def test_the_example_in_yaml_agrees(schema: dict[str, Any]) -> None:
    """The example in YAML gives each resource all that it must have, and nothing that it has not."""
    declared = YAML(typ="safe").load(YAML_EXAMPLE)["resources"].values()
    ours = [it for it in declared if it["type"].startswith("sluice:")]
    # A small endpoint without a candidate; what watches and records comes with one.
    grown = {"EndpointDashboard", "RollbackGuard", "RolloutJournal", "ScheduledEvaluation"}
    assert {it["type"].removeprefix("sluice:") for it in ours} == COMPONENTS - grown
    for it in ours:
        found = schema["resources"][it["type"].replace("sluice:", "sluice:index:")]
        shape = {"properties": found["inputProperties"], "required": found["requiredInputs"]}
        assert list(_disagreements(schema, it["properties"], shape, it["type"])) == []


def _disagreements(schema: dict[str, Any], value: Any, shape: dict[str, Any], at: str) -> Iterator[str]:
    if "$ref" in shape:
        shape = schema["types"][shape["$ref"].removeprefix(REFERENCE)]
    if "enum" in shape:
        if value not in [it["value"] for it in shape["enum"]]:
            yield f"{at} is {value!r}"
    elif "properties" in shape:
        yield from (f"{at}.{key} is missing" for key in set(shape.get("required", [])) - value.keys())
        yield from (f"{at}.{key} is not known" for key in value.keys() - shape["properties"].keys())
        for key in value.keys() & shape["properties"].keys():
            yield from _disagreements(schema, value[key], shape["properties"][key], f"{at}.{key}")
    elif shape["type"] in ("object", "array"):
        items = value.items() if shape["type"] == "object" else enumerate(value)
        for key, item in items:
            inner = shape["additionalProperties"] if shape["type"] == "object" else shape["items"]
            yield from _disagreements(schema, item, inner, f"{at}.{key}")
    elif not (isinstance(value, str) and "${" in value):
        expected = {"string": str, "integer": int, "number": (int, float), "boolean": bool}[shape["type"]]
        if not isinstance(value, expected):
            yield f"{at} is {value!r}"


def _described(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for token, it in (*schema["resources"].items(), *schema["types"].items()):
        yield token, it
        for group in ("inputProperties", "properties"):
            yield from ((f"{token}.{group}.{key}", found) for key, found in it.get(group, {}).items())


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        yield from (found for item in value.values() for found in _dicts(item))
    elif isinstance(value, list):
        yield from (found for item in value for found in _dicts(item))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for argument in get_args(annotation):
        yield from _models(argument)
