"""A movement: what it consists of, and what keeps it from being one."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from sluice.errors import InvalidInput
from sluice.rollout.movement import Kind, Served, rollback_id
from tests.support.movements import START, movement

ROLLBACK = {"kind": Kind.ROLLBACK, "rollback": "rb-1"}


def test_floats_become_what_was_written() -> None:
    """A tenth of a percent is a tenth, as DynamoDB, which has no floats, keeps it."""
    made = movement(green=0.1, evidence={"rate": 0.25, "n": 1204, "gate": "pass"})
    assert made.after == {"blue": Decimal("99.9"), "green": Decimal("0.1")}
    assert made.evidence == {"rate": Decimal("0.25"), "n": 1204, "gate": "pass"}
    assert not any(isinstance(it, float) for it in [*made.after.values(), *made.evidence.values()])


def test_time_is_kept_in_utc() -> None:
    """Wherever the writer was."""
    there = START.astimezone(timezone(timedelta(hours=-7)))
    assert movement(at=there).at.isoformat() == "2026-11-23T10:15:00+00:00"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"endpoint": ""}, "endpoint is ''; allowed: a text that is not empty"),
        ({"actor": " "}, "actor is ' '; allowed: a text that is not empty"),
        ({"sequence": 0}, "sequence is 0; allowed: a whole number, 1 or more"),
        ({"sequence": True}, "sequence is True; allowed: a whole number, 1 or more"),
        ({"kind": "climb"}, "kind is 'climb'; allowed: deploy, rise, fall, promote, rollback, acknowledge, observed"),
        ({"kind": "rollback"}, "rollback is missing; a movement of kind rollback has the id of a rollback"),
        ({"rollback": "rb-1"}, "rollback is 'rb-1'; only a movement of kind rollback has one"),
        ({"kind": "acknowledge"}, "acknowledges is missing; a movement of kind acknowledge has the id of a rollback"),
        ({"acknowledges": "rb-1"}, "acknowledges is 'rb-1'; only a movement of kind acknowledge has one"),
        ({"forced": ""}, "forced is empty; say why, or leave it out"),
        ({"after": {"blue": 60, "green": 50}}, "after sums to 110; traffic sums to 100"),
        ({"after": {"blue": 101, "green": -1}}, "after.blue is 101; allowed: 0 to 100 percent"),
        ({"after": {"blue": float("nan"), "green": 0}}, "after.blue is nan; allowed: 0 to 100 percent"),
        ({"after": {"blue": 90, "red": 10}}, "after.red has no version; name one in versions"),
        ({"before": {"blue": 90, "red": 10}}, "before.red has no version; name one in versions"),
        ({"baseline": "red"}, "baseline is 'red'; allowed: blue, green"),
        ({"versions": {"blue": Served("", "x"), "green": Served("v2", "y")}}, "versions.blue needs a digest and a"),
        ({"evidence": {"rate": float("inf")}}, "evidence.rate is inf; allowed: a text, or a number of up to 38 digits"),
        ({"evidence": {"rate": 1e-131}}, "evidence.rate is 1e-131; allowed: a text, or a number of up to 38"),
        ({"evidence": {"n": 10**38 + 1}}, "evidence.n is 100000000000000000000000000000000000001; allowed: a text,"),
        ({"schema": 2}, "schema is 2; allowed: 1 to 1"),
        ({"evidence": {"passed": True}}, "evidence.passed is True; allowed: a text, or a number of up to 38 digits"),
    ],
)
def test_what_is_no_movement_is_refused(change: dict[str, Any], expected: str) -> None:
    """The message says the field, what it is and what is allowed."""
    with pytest.raises(InvalidInput) as caught:
        movement(**change)
    assert expected in str(caught.value)


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody could tell when it was."""
    with pytest.raises(InvalidInput, match="allowed: a time that knows its zone"):
        movement(at=datetime(2026, 11, 23))  # noqa: DTZ001


def test_all_problems_are_told_together() -> None:
    """With the movement that they are of."""
    with pytest.raises(InvalidInput, match=r"movement 7 of digits-prod: 2 problems") as caught:
        movement(7, actor="", forced="")
    assert len(caught.value.problems) == 2


def test_a_slot_without_traffic_may_go() -> None:
    """Its version need not be told any more."""
    gone = movement(versions={"blue": Served("v1", "digits@1")}, after={"blue": 100})
    assert gone.share("green") == 0
    assert gone.digest("green") is None


def test_what_a_rollback_takes_traffic_from_has_fallen() -> None:
    """Whoever rose, and the baseline's version in another slot, has not."""
    assert movement(green=0, was=25, **ROLLBACK).fallen == {"v2"}
    assert movement(green=25, was=0, **ROLLBACK).fallen == frozenset()
    assert movement(green=0, was=25, version="v1", **ROLLBACK).fallen == frozenset()
    assert movement(green=25, was=100, baseline="blue", **ROLLBACK).fallen == {"v2"}


def test_the_id_of_a_rollback_is_readable_and_its_own() -> None:
    """The time in UTC, and four digits by which rollbacks of one second differ."""
    it = movement(green=0, was=25)
    one = rollback_id(it.endpoint, START, it.versions, "errors 4 %")
    assert one.startswith("rb-20261123T101500-")
    assert len(one.rpartition("-")[2]) == 4
    assert one == rollback_id(it.endpoint, START.astimezone(timezone(timedelta(hours=2))), it.versions, "errors 4 %")
    others = {
        rollback_id("other", START, it.versions, "errors 4 %"),
        rollback_id(it.endpoint, START, it.versions, "errors 5 %"),
        rollback_id(it.endpoint, START + timedelta(microseconds=1), it.versions, "errors 4 %"),
        rollback_id(it.endpoint, START, movement(version="v3").versions, "errors 4 %"),
    }
    assert len({one, *others}) == 5
