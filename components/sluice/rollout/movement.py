"""One movement of an endpoint's traffic: what an entry of the journal says. Standard library only, for Lambda."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from sluice.errors import InvalidInput, Problem

SCHEMA = 1
"""The version of what an entry consists of. Whoever knows less must not judge by it."""
Number = int | Decimal
SAME = Decimal("0.000001")
"""Live weights are ratios of floats: shares in percent this close are the same."""
_WHOLE = Decimal("0.01")


class Kind(StrEnum):
    """What a movement was."""

    DEPLOY = "deploy"
    RISE = "rise"
    FALL = "fall"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    ACKNOWLEDGE = "acknowledge"
    OBSERVED = "observed"
    """Somebody changed it by hand, and that was seen later."""


@dataclass(frozen=True)
class Served:
    """A model version in a slot."""

    digest: str
    """Of the version: the same content has the same digest."""
    label: str
    """For people, `digits@2`."""


@dataclass(frozen=True)
class Movement:
    """
    One entry: who moved an endpoint's traffic, when, how and why.

    Raises InvalidInput with every problem. Floats become decimals as they are written: `0.1` is a tenth.
    """

    endpoint: str
    sequence: int
    """From 1, without gaps."""
    at: datetime
    """Kept in UTC."""
    actor: str
    """Who or what did it: a person's or role's name, an alarm."""
    kind: Kind
    versions: Mapping[str, Served]
    """What is in each slot, also in one that goes."""
    before: Mapping[str, Decimal]
    """Percent of traffic by slot."""
    after: Mapping[str, Decimal]
    baseline: str | None
    """The slot that others are compared with afterwards; None where there is none."""
    reason: str
    token: str
    """What makes two tries of one movement the same: the id of a deployment or of an event."""
    evidence: Mapping[str, str | Number] = field(default_factory=dict)
    """What was known: figures, verdicts of gates."""
    forced: str | None = None
    """Why gates were passed over. None: they were not."""
    rollback: str | None = None
    """The id of a rollback; `rollback_id` makes one."""
    acknowledges: str | None = None
    """The id of the rollback that may be undone from now on."""
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        found = list(_problems(self))
        if found:
            raise InvalidInput(f"movement {self.sequence} of {self.endpoint}", found)
        settled = {
            "at": self.at.astimezone(UTC),
            "kind": Kind(self.kind),
            "versions": dict(self.versions),
            "before": {slot: exact(share) for slot, share in self.before.items()},
            "after": {slot: exact(share) for slot, share in self.after.items()},
            "evidence": {name: it if isinstance(it, str | int) else exact(it) for name, it in self.evidence.items()},
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def share(self, slot: str) -> Decimal:
        """Returns a slot's percent of traffic afterwards; 0 for one that there is not."""
        return self.after.get(slot, Decimal(0))

    def was(self, slot: str) -> Decimal:
        """Returns a slot's percent of traffic before."""
        return self.before.get(slot, Decimal(0))

    def digest(self, slot: str) -> str | None:
        """Returns the digest of the version in a slot, or None."""
        served = self.versions.get(slot)
        return None if served is None else served.digest

    @property
    def fallen(self) -> frozenset[str]:
        """The digests of what lost traffic, except for the baseline's."""
        slots = {slot for slot in self.before if self.was(slot) > self.share(slot) + SAME}
        kept = None if self.baseline is None else self.digest(self.baseline)
        return frozenset(self.versions[slot].digest for slot in slots) - {kept}


def rollback_id(endpoint: str, at: datetime, versions: Mapping[str, Served], reason: str) -> str:
    """Returns a rollback's id, `rb-20261123T101500-3f0a`: the time in UTC and a digest of what it is about."""
    moment = at.astimezone(UTC)
    told = [endpoint, moment.isoformat(), reason, *(f"{slot}={it.digest}" for slot, it in sorted(versions.items()))]
    digits = hashlib.sha256("\0".join(told).encode()).hexdigest()[:4]
    return f"rb-{moment:%Y%m%dT%H%M%S}-{digits}"


def exact(value: float | Number) -> Decimal:
    """Returns a number as it is written; a float by its shortest form."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _problems(it: Movement) -> Iterator[Problem]:
    for name, text in {"endpoint": it.endpoint, "actor": it.actor, "reason": it.reason, "token": it.token}.items():
        if not isinstance(text, str) or not text.strip():
            yield Problem(name, f"is {text!r}; allowed: a text that is not empty")
    if not _is_count(it.sequence):
        yield Problem("sequence", f"is {it.sequence!r}; allowed: a whole number, 1 or more")
    if not isinstance(it.at, datetime) or it.at.tzinfo is None:
        yield Problem("at", f"is {it.at!r}; allowed: a time that knows its zone")
    if not _is_count(it.schema) or it.schema > SCHEMA:
        yield Problem("schema", f"is {it.schema!r}; allowed: 1 to {SCHEMA}")
    yield from _kind_problems(it)
    yield from _traffic_problems("before", it.before)
    yield from _traffic_problems("after", it.after)
    yield from _slot_problems(it)
    for name, value in it.evidence.items():
        if not isinstance(value, str) and not _is_number(value):
            yield Problem(f"evidence.{name}", f"is {value!r}; allowed: a text, or a number of up to 38 digits")


def _kind_problems(it: Movement) -> Iterator[Problem]:
    if it.kind not in set(Kind):
        yield Problem("kind", f"is {it.kind!r}; allowed: {', '.join(Kind)}")
        return
    for name, value, kind in (
        ("rollback", it.rollback, Kind.ROLLBACK),
        ("acknowledges", it.acknowledges, Kind.ACKNOWLEDGE),
    ):
        if it.kind == kind and not value:
            yield Problem(name, f"is missing; a movement of kind {kind} has the id of a rollback")
        if it.kind != kind and value is not None:
            yield Problem(name, f"is {value!r}; only a movement of kind {kind} has one")
    if it.forced is not None and not it.forced.strip():
        yield Problem("forced", "is empty; say why, or leave it out")


def _traffic_problems(path: str, traffic: Mapping[str, Number]) -> Iterator[Problem]:
    wrong = {slot: share for slot, share in traffic.items() if not _is_number(share) or not 0 <= share <= 100}
    for slot, share in wrong.items():
        yield Problem(f"{path}.{slot}", f"is {share!r}; allowed: 0 to 100 percent")
    total = sum((exact(share) for slot, share in traffic.items() if slot not in wrong), Decimal(0))
    if traffic and not wrong and abs(total - 100) > _WHOLE:
        yield Problem(path, f"sums to {total}; traffic sums to 100")


def _slot_problems(it: Movement) -> Iterator[Problem]:
    for slot, served in it.versions.items():
        if not served.digest or not served.label:
            yield Problem(f"versions.{slot}", "needs a digest and a label")
    for path, traffic in {"before": it.before, "after": it.after}.items():
        # A slot that never had traffic may be forgotten without a word.
        slots = it.after.keys() if path == "after" else {slot for slot, share in traffic.items() if share}
        for slot in sorted(slots - it.versions.keys()):
            yield Problem(f"{path}.{slot}", "has no version; name one in versions")
    if it.baseline is not None and it.baseline not in it.versions:
        yield Problem("baseline", f"is {it.baseline!r}; allowed: {', '.join(sorted(it.versions)) or 'none'}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: object) -> bool:
    """True for what DynamoDB takes as a number, by its documentation of data types."""
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        return False
    number = exact(value)
    if not number.is_finite():
        return False
    return number == 0 or (len(number.as_tuple().digits) <= 38 and -130 <= number.adjusted() <= 125)
