"""Property values for tests: any that the engine and a provider can exchange."""

from typing import Any

import pulumi
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import Computed, PropertyValue, ResourceReference

from sluice.provider import wire

URN = "urn:pulumi:dev::app::cloud:index:Thing::a"
_keys = st.text(max_size=5).filter(lambda key: key != wire.SIGNATURE)
_texts = st.text(max_size=8)
_hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
_numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53).map(float)
_paths = st.text("abc/", min_size=1, max_size=6)


def _hashed(source: Any, digest: str) -> PropertyValue:
    return PropertyValue(wire.with_content_hash(source, digest))


def _bundle(members: Any) -> pulumi.AssetArchive:
    return pulumi.AssetArchive(members)


_assets = st.builds(
    _hashed,
    st.builds(pulumi.FileAsset, _paths)
    | st.builds(pulumi.StringAsset, _texts)
    | st.builds(pulumi.RemoteAsset, _paths)
    | st.builds(wire.ElidedAsset),
    _hashes,
)
_archives = st.builds(
    _hashed,
    st.builds(pulumi.FileArchive, _paths)
    | st.builds(pulumi.RemoteArchive, _paths)
    | st.builds(wire.ElidedArchive)
    | st.dictionaries(_texts, _assets.map(lambda asset: asset.value), max_size=2).map(_bundle),
    _hashes,
)
_identities = st.none() | _texts.map(PropertyValue) | st.just(PropertyValue.computed())
_references = st.builds(ResourceReference, st.just(URN), _identities, st.none() | st.just("1.0.0")).map(PropertyValue)
_leaves = (
    (st.none() | st.booleans() | _numbers | _texts).map(PropertyValue)
    | st.builds(PropertyValue.computed)
    | _assets
    | _archives
    | _references
)


def _annotated(value: PropertyValue, secret: bool, depends: frozenset[str]) -> PropertyValue:
    return value.with_secret(secret).with_dependencies(depends)


def _nested(inner: st.SearchStrategy[PropertyValue]) -> st.SearchStrategy[PropertyValue]:
    plain = (st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3)).map(PropertyValue)
    return st.builds(_annotated, plain | inner, st.booleans(), st.frozensets(st.just(URN)))


properties: st.SearchStrategy[dict[str, PropertyValue]] = st.dictionaries(
    _keys, st.recursive(_leaves, _nested, max_leaves=8), max_size=4
)


def spelled(value: Any) -> Any:
    """Returns a value as plain data that can be compared; assets have no equality of their own."""
    match value:
        case PropertyValue():
            return {"secret": value.is_secret, "depends": value.dependencies, "value": spelled(value.value)}
        case pulumi.AssetArchive():
            members = {name: spelled(member) for name, member in value.assets.items()}
            return ("assets", wire.content_hash(value), members)
        case pulumi.Asset() | pulumi.Archive():
            return (type(value), wire.content_hash(value), {k: v for k, v in vars(value).items() if k[0] != "_"})
        case ResourceReference():
            return ("reference", value.urn, spelled(value.resource_id), value.package_version)
        case Computed():
            return "unknown"
        case str() | None | bool() | float():
            return (type(value), value)
    if hasattr(value, "items"):
        return {key: spelled(item) for key, item in value.items()}
    return [spelled(item) for item in value]
