"""
Property values between the engine and a provider.

The engine speaks *signed JSON*: plain JSON in which a map that holds the signature key stands for a secret, an asset,
an archive, a resource or an output, and seven fixed strings stand for unknowns. Protobuf structs and checkpoints both
carry it. Providers speak the SDK's `PropertyValue`. The SDK's own codec between the two drops the content hash of
assets, fails on an asset that is known by its hash alone, and cannot send an unknown; the engine needs all three.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

import pulumi
from google.protobuf import struct_pb2
from pulumi.provider.experimental.property_value import Computed, PropertyValue, ResourceReference

Json: TypeAlias = Any
"""None, bool, float, str, list or dict, and the same inside."""
Properties: TypeAlias = dict[str, PropertyValue]

SIGNATURE = "4dabf18193072939515e22adb298388d"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""An unknown string; what this side sends for any unknown."""
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)

_HASH = "_content_hash"
_Source = TypeVar("_Source", pulumi.Asset, pulumi.Archive)


class ElidedAsset(pulumi.Asset):
    """An asset of the past: the engine remembers its hash, not its content."""


class ElidedArchive(pulumi.Archive):
    """An archive of the past: the engine remembers its hash, not its content."""


def content_hash(source: pulumi.Asset | pulumi.Archive) -> str:
    """Returns the SHA-256 (hex) that the engine computed for an asset, or an empty string where it did not."""
    return str(getattr(source, _HASH, ""))


def with_content_hash(source: _Source, digest: str) -> _Source:
    """Returns the asset, now carrying the engine's hash of its content."""
    setattr(source, _HASH, digest)
    return source


def from_struct(struct: struct_pb2.Struct) -> dict[str, Json]:
    """Returns the signed JSON that a protobuf struct carries."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def to_struct(properties: Mapping[str, Json]) -> struct_pb2.Struct:
    """Returns signed JSON as a protobuf struct."""
    return struct_pb2.Struct(fields={key: _to_value(value) for key, value in properties.items()})


def to_properties(json: Mapping[str, Json]) -> Properties:
    """Returns signed JSON as the SDK's property values; unknowns become `Computed`."""
    return {key: _to_property(value) for key, value in json.items()}


def from_properties(properties: Mapping[str, PropertyValue]) -> dict[str, Json]:
    """Returns the SDK's property values as signed JSON."""
    return {key: _from_property(value) for key, value in properties.items()}


def received(struct: struct_pb2.Struct) -> Properties:
    """Returns the properties that the engine sent in a message."""
    return to_properties(from_struct(struct))


def sent(properties: Mapping[str, PropertyValue]) -> struct_pb2.Struct:
    """Returns properties as the engine expects them in a message."""
    return to_struct(from_properties(properties))


def _from_value(value: struct_pb2.Value) -> Json:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return {key: _from_value(item) for key, item in value.struct_value.fields.items()}
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
    return None


def _to_value(value: Json) -> struct_pb2.Value:
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case str():
            return struct_pb2.Value(string_value=value)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case dict():
            return struct_pb2.Value(struct_value=to_struct(value))
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_value(item) for item in value]))


def _to_property(value: Json) -> PropertyValue:
    match value:
        case str():
            return PropertyValue.computed() if value in UNKNOWNS else PropertyValue(value)
        case None | bool():
            return PropertyValue(value)
        case int() | float():
            return PropertyValue(float(value))
        case list():
            return PropertyValue([_to_property(item) for item in value])
    signature = value.get(SIGNATURE)
    if signature is None:
        return PropertyValue(to_properties(value))
    if signature not in _READERS:
        raise ValueError(f"a property carries the unknown signature {signature!r}: is the engine newer than Sluice?")
    return _READERS[signature](value)


def _asset(value: dict[str, Json]) -> PropertyValue:
    asset: pulumi.Asset
    if value.get("path"):
        asset = pulumi.FileAsset(value["path"])
    elif value.get("uri"):
        asset = pulumi.RemoteAsset(value["uri"])
    elif "text" in value:
        asset = pulumi.StringAsset(value["text"])
    else:
        asset = ElidedAsset()
    return PropertyValue(with_content_hash(asset, value.get("hash", "")))


def _archive(value: dict[str, Json]) -> PropertyValue:
    archive: pulumi.Archive
    if value.get("path"):
        archive = pulumi.FileArchive(value["path"])
    elif value.get("uri"):
        archive = pulumi.RemoteArchive(value["uri"])
    elif "assets" in value:
        members = {key: _to_property(member).value for key, member in value["assets"].items()}
        archive = pulumi.AssetArchive(cast(Any, members))
    else:
        archive = ElidedArchive()
    return PropertyValue(with_content_hash(archive, value.get("hash", "")))


def _reference(value: dict[str, Json]) -> PropertyValue:
    identity = _to_property(value["id"]) if "id" in value else None
    return PropertyValue(ResourceReference(value["urn"], identity, value.get("packageVersion")))


def _output(value: dict[str, Json]) -> PropertyValue:
    inner = _to_property(value["value"]) if "value" in value else PropertyValue.computed()
    depends = inner.dependencies.union(value.get("dependencies", ()))
    return inner.with_secret(inner.is_secret or bool(value.get("secret"))).with_dependencies(depends)


_READERS: dict[str, Callable[[dict[str, Json]], PropertyValue]] = {
    SECRET: lambda value: _to_property(value["value"]).with_secret(True),
    ASSET: _asset,
    ARCHIVE: _archive,
    RESOURCE: _reference,
    OUTPUT: _output,
}


def _from_property(value: PropertyValue) -> Json:
    inner = _from_plain(value.value)
    if value.dependencies:
        # An output without a value is how the engine spells an unknown one.
        known = {} if isinstance(value.value, Computed) else {"value": inner}
        return {SIGNATURE: OUTPUT, "secret": value.is_secret, "dependencies": sorted(value.dependencies), **known}
    return {SIGNATURE: SECRET, "value": inner} if value.is_secret else inner


def _from_plain(value: Any) -> Json:
    match value:
        case None | bool() | str() | int() | float():
            return value
        case Computed():
            return UNKNOWN
        case pulumi.Asset():
            return _from_source(value, ASSET)
        case pulumi.Archive():
            return _from_source(value, ARCHIVE)
        case ResourceReference():
            identity = {} if value.resource_id is None else {"id": _from_property(value.resource_id)}
            version = {} if value.package_version is None else {"packageVersion": value.package_version}
            return {SIGNATURE: RESOURCE, "urn": value.urn, **identity, **version}
        case Mapping():
            return from_properties(value)
    return [_from_property(item) for item in value]


def _from_source(source: pulumi.Asset | pulumi.Archive, signature: str) -> Json:
    json: dict[str, Json] = {SIGNATURE: signature}
    if digest := content_hash(source):
        json["hash"] = digest
    for attribute in ("path", "text", "uri"):
        if hasattr(source, attribute):
            json[attribute] = str(getattr(source, attribute))
    if isinstance(source, pulumi.AssetArchive):
        json["assets"] = {key: _from_plain(member) for key, member in source.assets.items()}
    return json
