"""Property values on the wire."""

from typing import Any

import pulumi
import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import Computed, PropertyValue

from sluice.provider import wire
from tests.unit.provider.values import URN, properties, spelled

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=8).filter(lambda text: text not in wire.UNKNOWNS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(properties)
def test_nothing_is_lost_on_the_way_to_a_provider_and_back(given_: dict[str, PropertyValue]) -> None:
    """Secrets, unknowns, dependencies, references, and assets with their hashes arrive as they were sent."""
    message = wire.sent(given_)
    again = wire.received(struct_pb2.Struct.FromString(message.SerializeToString()))
    assert {key: spelled(value) for key, value in again.items()} == {
        key: spelled(value) for key, value in given_.items()
    }


@given(st.dictionaries(st.text(max_size=5), _json, max_size=4))
def test_plain_json_survives_a_message(given_: dict[str, Any]) -> None:
    """What a struct carries is what was put in, empty lists and maps, nulls and False included."""
    message = wire.to_struct(given_)
    assert wire.from_struct(struct_pb2.Struct.FromString(message.SerializeToString())) == given_
    assert wire.from_properties(wire.to_properties(given_)) == given_


@pytest.mark.parametrize("unknown", sorted(wire.UNKNOWNS))
def test_every_unknown_of_the_engine_is_one(unknown: str) -> None:
    """Whatever type a preview expects, the provider sees that the value is not known yet."""
    read = wire.to_properties({"a": [unknown]})["a"]
    assert spelled(read) == spelled(PropertyValue([PropertyValue.computed()]))


def test_an_output_of_the_engine_keeps_its_secrecy_and_its_sources() -> None:
    """A secret inside of an output, or said by it, is one; without a value it is unknown."""
    told = {wire.SIGNATURE: wire.OUTPUT, "dependencies": [URN]}
    hidden = {wire.SIGNATURE: wire.SECRET, "value": "x"}
    read = wire.to_properties({"said": {**told, "secret": True, "value": "x"}, "inside": {**told, "value": hidden}})
    assert read["said"] == read["inside"] == PropertyValue("x", is_secret=True, dependencies=[URN])
    assert spelled(wire.to_properties({"a": told})["a"]) == spelled(PropertyValue(Computed(), dependencies=[URN]))


def test_an_asset_of_the_past_is_known_by_its_hash() -> None:
    """The engine remembers no content; the hash comes back as it went."""
    json = {wire.SIGNATURE: wire.ASSET, "hash": "ab" * 32}
    asset = wire.to_properties({"a": json})["a"].value
    assert isinstance(asset, wire.ElidedAsset)
    assert wire.from_properties({"a": PropertyValue(asset)}) == {"a": json}


def test_an_asset_without_a_hash_says_none() -> None:
    """Only the engine computes hashes; an invented one would look like a change."""
    assert wire.from_properties({"a": PropertyValue(pulumi.StringAsset("x"))}) == {
        "a": {wire.SIGNATURE: wire.ASSET, "text": "x"}
    }


def test_a_signature_of_a_newer_engine_is_refused() -> None:
    """What cannot be understood is not passed on as if it were plain."""
    with pytest.raises(ValueError, match="unknown signature 'new'"):
        wire.to_properties({"a": {wire.SIGNATURE: "new"}})
