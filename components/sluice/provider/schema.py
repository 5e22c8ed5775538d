"""The package's schema: what programs in every language may say, with what the models say about it."""

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.provider.experimental.analyzer import Analyzer, PropertyDefinition
from pulumi.provider.experimental.schema import ComplexType, Property
from pulumi.provider.experimental.util import camel_case

from sluice.args import ArgsModel
from sluice.baseline_error_rate import BaselineErrorRate, BaselineErrorRateArgs
from sluice.live_endpoint import LiveEndpoint, LiveEndpointArgs
from sluice.model_package import ModelPackage, ModelPackageArgs
from sluice.provider import baseline_error_rate, live_endpoint, model_package
from sluice.provider.construction import PACKAGE, Components
from sluice.provider.custom_type import CustomType

Json = dict[str, Any]
_ABOUT = {
    "displayName": "Sluice",
    "description": "Ships machine-learning models to Amazon SageMaker as reviewable infrastructure diffs.",
    "keywords": ["pulumi", "category/infrastructure", "kind/component", "sagemaker", "mlops"],
    "license": "Apache-2.0",
}


@dataclass(frozen=True)
class Custom:
    """A custom resource: what a program makes, what it takes, and what the plugin does for it."""

    resource: type[pulumi.CustomResource]
    args: type[ArgsModel]
    kind: type[CustomType]


CUSTOM = (
    Custom(BaselineErrorRate, BaselineErrorRateArgs, baseline_error_rate.BaselineErrorRate),
    Custom(LiveEndpoint, LiveEndpointArgs, live_endpoint.LiveEndpoint),
    Custom(ModelPackage, ModelPackageArgs, model_package.ModelPackage),
)


def package_schema(components: Components) -> str:
    """Returns the schema of the components and of the custom resources, as JSON."""
    schema: Json = json.loads(components.schema or "{}") | _ABOUT
    analyzer = Analyzer(PACKAGE)
    schema["resources"] |= {it.kind.token: _resource(analyzer, it) for it in CUSTOM}
    schema["types"] |= {
        f"{PACKAGE}:index:{name}": ComplexType.from_definition(definition).to_json()
        for name, definition in analyzer.type_definitions.items()
    }
    return json.dumps(_tidy(_renamed(schema)), sort_keys=True)


def _resource(analyzer: Analyzer, custom: Custom) -> Json:
    inputs, _ = analyzer.analyze_type(custom.args, is_component_output=True)
    outputs = dict(_outputs(analyzer, custom.resource))
    changing = custom.kind.mutable | custom.kind.guards
    return {
        "description": custom.resource.__doc__,
        "inputProperties": {
            key: _property(it) | {"willReplaceOnChanges": None if key in changing else True}
            for key, it in inputs.items()
        },
        "requiredInputs": [key for key, it in inputs.items() if not it.optional],
        "properties": {key: _property(it) for key, it in (inputs | outputs).items()},
        "required": sorted({key for key, it in inputs.items() if not it.optional} | outputs.keys()),
    }


def _outputs(analyzer: Analyzer, resource: type[pulumi.CustomResource]) -> Iterator[tuple[str, PropertyDefinition]]:
    for name, attribute in vars(resource).items():
        if not isinstance(attribute, property) or attribute.fget is None:
            continue
        returned = inspect.get_annotations(attribute.fget)["return"]
        definition = analyzer.analyze_property(returned, resource, name, can_be_plain=False, is_component_output=True)
        definition.description = attribute.__doc__
        yield camel_case(name), definition


def _property(definition: PropertyDefinition) -> Json:
    found: Json = Property.from_definition(definition).to_json()
    return found


def _renamed(schema: Json) -> Json:
    """
    Returns the schema with types named after what they are: languages add `Args` to inputs by themselves.

    A type keeps its name where another, or a resource, has the short one.
    """
    taken = {*schema["types"], *schema["resources"]}
    names = {token: token.removesuffix("Args") for token in schema["types"]}
    names = {token: token if token != short and short in taken else short for token, short in names.items()}
    references = {f"#/types/{token}": f"#/types/{short}" for token, short in names.items()}
    types = {names[token]: it for token, it in schema["types"].items()}
    renamed: Json = _referring({**schema, "types": types}, references)
    return renamed


def _referring(value: Any, references: dict[str, str]) -> Any:
    match value:
        case dict():
            return {
                key: references.get(it, it) if key == "$ref" else _referring(it, references)
                for key, it in value.items()
            }
        case list():
            return [_referring(item, references) for item in value]
    return value


def _tidy(value: Any) -> Any:
    """
    Returns the schema without empty entries and with descriptions as they read.

    Nothing in it is `plain`: an output that is known, such as `ModelVersion.label`, is as good as a value.
    """
    match value:
        case dict():
            return {key: _entry(key, it) for key, it in value.items() if it is not None and key != "plain"}
        case list():
            return [_tidy(item) for item in value]
    return value


def _entry(key: str, value: Any) -> Any:
    return inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _tidy(value)
