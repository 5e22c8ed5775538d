"""A movement as an item of DynamoDB, and back. boto3 and the standard library only, for Lambda."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from sluice.errors import InvalidInput
from sluice.rollout.journal import JournalTooNew, JournalUnreadable
from sluice.rollout.movement import SCHEMA, Kind, Movement, Number, Served

Item = dict[str, Any]
"""As the client of DynamoDB has it, `{"sequence": {"N": "1"}}`."""

_TEXTS = ("endpoint", "at", "actor", "kind", "reason", "token")
_OPTIONAL_TEXTS = ("baseline", "forced", "rollback", "acknowledges")
_MAPS = ("versions", "before", "after", "evidence")


def encode(movement: Movement) -> Item:
    """Returns a movement as an item. What it has not is left out."""
    plain = {
        "endpoint": movement.endpoint,
        "sequence": movement.sequence,
        "schema": movement.schema,
        "at": movement.at.isoformat(),
        "actor": movement.actor,
        "kind": movement.kind.value,
        "versions": {slot: {"digest": it.digest, "label": it.label} for slot, it in movement.versions.items()},
        "before": movement.before,
        "after": movement.after,
        "reason": movement.reason,
        "token": movement.token,
        "evidence": movement.evidence,
        **{name: value for name in _OPTIONAL_TEXTS if (value := getattr(movement, name)) is not None},
    }
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in plain.items()}


def decode(item: Item) -> Movement:
    """
    Returns the movement that an item is.

    Raises JournalTooNew when it was written by a newer Sluice, and JournalUnreadable with everything that is wrong.
    """
    try:
        plain = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    except (ArithmeticError, AttributeError, TypeError) as error:
        raise JournalUnreadable(f"an item of the journal is none that DynamoDB has: {error}") from None
    which = f"movement {plain.get('sequence')} of {plain.get('endpoint')}"
    schema = plain.get("schema")
    if isinstance(schema, Decimal) and schema > SCHEMA:
        raise JournalTooNew(
            f"{which} has schema {schema}, and this Sluice reads up to {SCHEMA}; upgrade Sluice to one as new as "
            "whoever wrote it"
        )
    found = list(_problems(plain))
    if found:
        raise JournalUnreadable(f"{which} cannot be read: {'; '.join(found)}; {_FIX}")
    try:
        return _movement(plain)
    except InvalidInput as error:
        told = "; ".join(map(str, error.problems))
        raise JournalUnreadable(f"{which} cannot be read: {told}; {_FIX}") from None


_FIX = "nobody changes an item: restore the table to a point in time before, or take the item's change back"


def _movement(plain: Mapping[str, Any]) -> Movement:
    return Movement(
        endpoint=plain["endpoint"],
        sequence=int(plain["sequence"]),
        at=datetime.fromisoformat(plain["at"]),
        actor=plain["actor"],
        kind=Kind(plain["kind"]),
        versions={slot: Served(it["digest"], it["label"]) for slot, it in plain["versions"].items()},
        before=plain["before"],
        after=plain["after"],
        baseline=plain.get("baseline"),
        reason=plain["reason"],
        token=plain["token"],
        evidence={name: _told(it) for name, it in plain["evidence"].items()},
        forced=plain.get("forced"),
        rollback=plain.get("rollback"),
        acknowledges=plain.get("acknowledges"),
        schema=int(plain["schema"]),
    )


def _problems(plain: Mapping[str, Any]) -> Iterator[str]:
    wanted: dict[str, type] = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_MAPS, dict)}
    wanted |= {"sequence": Decimal, "schema": Decimal}
    for name in sorted(wanted.keys() - plain.keys()):
        yield f"{name} is missing"
    wanted |= dict.fromkeys(_OPTIONAL_TEXTS, str)
    for name in sorted(wanted.keys() & plain.keys()):
        if not isinstance(plain[name], wanted[name]):
            yield f"{name} is {plain[name]!r}, no {_WORDS[wanted[name]]}"
    for name in ("sequence", "schema"):
        number = plain.get(name)
        if isinstance(number, Decimal) and (number != number.to_integral_value() or number < 1):
            yield f"{name} is {number}; allowed: a whole number, 1 or more"
    if isinstance(plain.get("kind"), str) and plain["kind"] not in set(Kind):
        yield f"kind is {plain['kind']!r}; allowed: {', '.join(Kind)}"
    if isinstance(plain.get("at"), str) and not _is_time(plain["at"]):
        yield f"at is {plain['at']!r}; allowed: a time with its zone, 2026-11-23T10:15:00+00:00"
    yield from _map_problems(plain)


_WORDS = {str: "text", dict: "map", Decimal: "number"}


def _map_problems(plain: Mapping[str, Any]) -> Iterator[str]:
    for name in _MAPS:
        for key, value in (plain[name] if isinstance(plain.get(name), dict) else {}).items():
            path = f"{name}.{key}"
            if name == "versions" and not _is_version(value):
                yield f"{path} is {value!r}; allowed: a digest and a label"
            if name in ("before", "after") and not isinstance(value, Decimal):
                yield f"{path} is {value!r}, no number"
            if name == "evidence" and not isinstance(value, str | Decimal):
                yield f"{path} is {value!r}, neither text nor number"


def _is_version(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("digest", "label"))


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _told(value: str | Decimal) -> str | Number:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
