"""
Questions about property values.

The engine keeps properties as signed JSON (`sluice.provider.wire`): what protobuf and the checkpoint carry.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sluice.provider.wire import ARCHIVE, ASSET, OUTPUT, SECRET, SIGNATURE, UNKNOWNS, Json

Inputs = dict[str, Json]


def signature(value: Json) -> str | None:
    """Returns what kind of special value this is, or None for plain JSON."""
    return value.get(SIGNATURE) if isinstance(value, dict) else None


def is_unknown(value: Json) -> bool:
    return isinstance(value, str) and value in UNKNOWNS


def is_secret(value: Json) -> bool:
    return signature(value) == SECRET


def is_asset(value: Json) -> bool:
    return signature(value) in (ASSET, ARCHIVE)


def make_secret(value: Json) -> Json:
    """Returns the value as a secret; a secret stays one."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def unwrap(value: Json) -> Json:
    """Returns what a secret holds, or the value itself."""
    while is_secret(value):
        value = value["value"]
    return value


def contains_secret(value: Json) -> bool:
    return _any(value, is_secret)


def contains_unknown(value: Json) -> bool:
    return _any(value, is_unknown)


def plain(value: Json) -> Json:
    """Returns the value with every secret unwrapped, however deep."""
    return transform(value, unwrap)


def masked(value: Json) -> Json:
    """Returns the value fit to be shown: every secret replaced by `[secret]`, whole numbers without a fraction."""

    def mask(item: Json) -> Json:
        if isinstance(item, float) and item.is_integer():
            return int(item)
        return "[secret]" if is_secret(item) else item

    return transform(value, mask)


def elided(value: Json) -> Json:
    """Returns the value with assets reduced to their hash: what a provider learns of the past."""
    return transform(value, lambda item: _elide(item) if is_asset(item) else item)


def restored(value: Json, known: Json) -> Json:
    """Returns the value with each asset that was reduced to its hash as it is in `known`, where that has it."""
    contents: dict[str, Json] = {}

    def remember(item: Json) -> Json:
        if is_asset(item) and len(item) > len(_elide(item)):
            contents[item.get("hash", "")] = item
        return item

    transform(known, remember)
    return transform(value, lambda item: contents.get(item.get("hash", ""), item) if _is_elided(item) else item)


def lower_outputs(value: Json) -> Json:
    """Returns the value with outputs as what they hold: unknown, secret or plain."""

    def lower(item: Json) -> Json:
        if signature(item) != OUTPUT:
            return item
        inner = item.get("value", next(iter(UNKNOWNS)))
        return make_secret(inner) if item.get("secret") else inner

    return transform(value, lower)


def transform(value: Json, change: Callable[[Json], Json]) -> Json:
    """Returns the value with `change` applied to every node, outermost first."""
    value = change(value)
    if isinstance(value, dict):
        return {key: transform(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [transform(item, change) for item in value]
    return value


def _is_elided(value: Json) -> bool:
    return is_asset(value) and len(value) == len(_elide(value))


def _elide(asset: Mapping[str, Any]) -> Json:
    kept = {SIGNATURE: asset[SIGNATURE]}
    return {**kept, "hash": asset["hash"]} if "hash" in asset else kept


def _any(value: Json, predicate: Callable[[Json], bool]) -> bool:
    if predicate(value):
        return True
    if isinstance(value, dict):
        return any(_any(item, predicate) for item in value.values())
    return isinstance(value, list) and any(_any(item, predicate) for item in value)
