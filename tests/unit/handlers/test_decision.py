"""What is to be done about an alarm that rang."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.handlers.decision import MOST_AGE, Live, Step, decide
from sluice.rollout.journal import History
from sluice.rollout.movement import Kind, Movement, Served
from tests.support.movements import ENDPOINT, history, hour, movement
from tests.support.rings import ARMED, NEW, live, ring

NOW = hour(3) + timedelta(seconds=8)
RISEN = history(movement(1), movement(2, 10, 0))
"""Green has its 10 percent since the second hour; the alarm rings in the third."""


def recorded(**more: Any) -> tuple[History, Movement]:
    """Returns the history after the rollback that the alarm brought about."""
    entry = decide(ring(**more), RISEN, live(), NOW).movement
    assert entry is not None
    return History(ENDPOINT, (*RISEN.movements, entry)), entry


def test_first_comes_the_journal() -> None:
    """What rang, what it was about, and where traffic goes, before anything moves."""
    decision = decide(ring(), RISEN, live(), NOW)
    assert decision.step is Step.RECORD
    entry = decision.movement
    assert entry is not None
    assert (entry.kind, entry.sequence, entry.baseline) == (Kind.ROLLBACK, 3, "blue")
    assert entry.before == {"blue": 90, "green": 10}
    assert entry.after == {"blue": 100, "green": 0}
    assert (entry.actor, entry.at) == ("alarm digits-prod-green-errors", NOW)
    assert entry.rollback is not None
    assert entry.rollback.startswith("rb-20261123T13150")
    assert entry.evidence["value"] == Decimal("3.2")
    assert entry.reason == "error rate, in times what is tolerated: 3.2, threshold 1"
    assert entry.evidence["alarmSaid"] == "Threshold Crossed."
    assert entry.fallen == {"v2"}


def test_then_come_the_weights() -> None:
    """The slot's go to the baseline, those of a third slot stay as they are."""
    known, _ = recorded()
    three = Live("InService", {"blue": 80.0, "green": 12.0, "red": 8.0}, {})
    decision = decide(ring(), known, three, NOW)
    assert (decision.step, decision.weights) == (Step.SHIFT, {"green": 0.0, "blue": 92.0})


def test_then_people_are_told() -> None:
    """Once traffic is seen to be back."""
    known, entry = recorded()
    decision = decide(ring(), known, live(0), NOW)
    assert (decision.step, decision.movement) == (Step.TELL, entry)


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack"])
def test_an_endpoint_that_is_busy_is_waited_for(status: str) -> None:
    """The journal gets its entry at once, so that nothing rises meanwhile; the weights wait, and so does telling."""
    assert decide(ring(), RISEN, live(status=status), NOW).step is Step.RECORD
    known, _ = recorded()
    assert decide(ring(), known, live(status=status), NOW).step is Step.WAIT
    assert decide(ring(), known, live(0, status=status), NOW).step is Step.WAIT


def test_a_duplicate_is_ignored() -> None:
    """The same change of the alarm, delivered as another event, while it is under way and when it is done."""
    known, _ = recorded()
    twin = ring(request="r2")
    assert decide(twin, known, live(status="Updating"), NOW).step is Step.IGNORE
    assert decide(twin, known, live(0), NOW).step is Step.IGNORE


def test_a_duplicate_finishes_what_was_left() -> None:
    """It may be the only one that is left; who began it tells people."""
    known, _ = recorded()
    assert decide(ring(request="r2"), known, live(), NOW).step is Step.SHIFT


def test_another_alarm_of_the_same_candidate_makes_no_second_rollback() -> None:
    """It helps while there is traffic, now or later, and then there is nothing left for it."""
    known, _ = recorded()
    other = ring(arn=f"{ring().arn}-p95", request="r2")
    assert decide(other, known, live(), NOW).step is Step.SHIFT
    assert decide(other, known, live(status="Updating"), NOW).step is Step.WAIT
    assert decide(other, known, live(status="Updating"), NOW + MOST_AGE).step is Step.GIVE_UP
    assert decide(other, known, live(0), NOW).step is Step.IGNORE


@pytest.mark.parametrize(
    ("changed", "endpoint", "past", "why"),
    [
        ({"state": "OK"}, live(), RISEN, "the alarm is OK"),
        ({}, live(0), RISEN, "green has no traffic"),
        ({}, live(status=None), RISEN, "the endpoint is gone"),
        ({}, live(status="Deleting"), RISEN, "the endpoint is gone"),
        ({}, live(), history(movement(1, 10, 0, version="v3")), "green holds another version"),
        ({}, live(), history(movement(1, 100, 0, baseline="green")), "green is the baseline by now"),
        ({"armed": replace(ARMED, endpoint="other")}, live(), RISEN, "this guards digits-prod"),
    ],
)
def test_what_is_none_of_its_business(changed: dict[str, Any], endpoint: Live, past: History, why: str) -> None:
    """Nothing is recorded, and nothing moves."""
    decision = decide(ring(**changed), past, endpoint, NOW)
    assert decision.step is Step.IGNORE
    assert why in decision.why


def test_a_stage_that_is_younger_than_the_alarm_is_asked_about() -> None:
    """A late event, or one that crossed a rise: if the alarm still rings it counts, otherwise it is over."""
    risen = history(movement(1), movement(2, 10, 0), movement(3, 25, 10, at=hour(4)))
    later = hour(5)
    assert decide(ring(), risen, live(25), later).step is Step.ASK
    assert decide(ring(), risen, live(25), later, rings_on=True).step is Step.RECORD
    assert decide(ring(), risen, live(25), later, rings_on=False).step is Step.IGNORE


@pytest.mark.parametrize("told", [{"forced": "we know about it"}, None])
def test_what_a_person_declared_later_stands(told: dict[str, str] | None) -> None:
    """A rise that was forced after the alarm, and one after its rollback was acknowledged, although it still rings."""
    if told is not None:
        known = history(movement(1), movement(2, 10, 0), movement(3, 25, 10, at=hour(4), **told))
    else:
        before = movement(2, 0, 10, kind=Kind.ROLLBACK, rollback="rb-1", at=hour(2))
        acknowledged = movement(3, 0, 0, kind=Kind.ACKNOWLEDGE, acknowledges="rb-1", at=hour(4))
        known = history(movement(1, 10), before, acknowledged, movement(4, 25, 0, at=hour(4)))
    assert decide(ring(), known, live(25), hour(5), rings_on=True).step is Step.IGNORE


def test_a_rollback_that_was_acknowledged_before_it_was_done_is_left() -> None:
    """Somebody wants the version to serve; who began the rollback still tells that it was one."""
    known, entry = recorded()
    told = movement(4, 0, 0, kind=Kind.ACKNOWLEDGE, acknowledges=entry.rollback, at=hour(4))
    later = History(ENDPOINT, (*known.movements, told))
    assert decide(ring(), later, live(25), hour(5)).step is Step.TELL
    assert decide(ring(request="r2"), later, live(25), hour(5)).step is Step.IGNORE


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        (live(status="Failed"), "the endpoint is Failed, and SageMaker takes no weights"),
        (live(status="UpdateRollbackFailed"), "the endpoint is UpdateRollbackFailed"),
        (live(blue=0), "the baseline blue has no instance that could answer"),
        (Live("InService", {"green": 1.0}, {}), "the baseline blue has no instance"),
    ],
)
def test_what_no_machine_can_do_is_given_up(endpoint: Live, why: str) -> None:
    """Before anything is recorded, and also afterwards; a duplicate does not say so again."""
    decision = decide(ring(), RISEN, endpoint, NOW)
    assert decision.step is Step.GIVE_UP
    assert why in decision.why
    known, _ = recorded()
    assert decide(ring(), known, endpoint, NOW).step is Step.GIVE_UP
    assert decide(ring(request="r2"), known, endpoint, NOW).step is Step.IGNORE


def test_after_six_hours_it_is_given_up() -> None:
    """Whether it waited for the endpoint or came that late."""
    late = hour(3) + MOST_AGE + timedelta(seconds=1)
    assert "more than 6 hours ago" in decide(ring(), RISEN, live(), late).why
    assert decide(ring(), RISEN, live(), late).step is Step.GIVE_UP
    known, _ = recorded()
    assert decide(ring(), known, live(status="Updating"), late).step is Step.GIVE_UP
    assert decide(ring(), known, live(status="Updating"), late - timedelta(seconds=2)).step is Step.WAIT


def test_without_a_journal_yet_the_alarm_knows_enough() -> None:
    """Its description has both versions."""
    entry = decide(ring(), history(), live(), NOW).movement
    assert entry is not None
    assert (entry.sequence, entry.baseline, entry.versions["green"]) == (1, "blue", NEW)


def test_a_slot_that_nobody_knows_is_recorded_as_unknown() -> None:
    """It keeps its traffic."""
    entry = decide(ring(), RISEN, Live("InService", {"blue": 5.0, "green": 3.0, "red": 2.0}, {}), NOW).movement
    assert entry is not None
    assert entry.versions["red"] == Served("unknown", "unknown")
    assert entry.after == {"blue": 80, "green": 0, "red": 20}


WEIGHTS = st.floats(0, 1000, allow_subnormal=False).map(lambda it: round(it, 3))


@given(
    weights=st.fixed_dictionaries({"blue": WEIGHTS, "green": WEIGHTS, "red": WEIGHTS}),
    status=st.sampled_from(["InService", "Updating", "Failed", None]),
    seconds=st.integers(0, 7 * 3600),
)
def test_every_alarm_ends(weights: dict[str, float], status: str | None, seconds: int) -> None:
    """
    From wherever it begins, at most one entry is written, and in the end the slot has nothing, or people know.

    Nobody else loses traffic, and somebody always serves.
    """
    now, known, endpoint = hour(3) + timedelta(seconds=seconds), RISEN, Live(status, weights, {})
    taken = []
    while (decision := decide(ring(), known, endpoint, now)).step in (Step.RECORD, Step.SHIFT, Step.WAIT):
        taken.append(decision.step)
        if decision.movement is not None:
            known = History(ENDPOINT, (*known.movements, decision.movement))
        if decision.weights is not None:
            endpoint = replace(endpoint, weights={**endpoint.weights, **decision.weights})
        if decision.step is Step.WAIT:
            endpoint = replace(endpoint, status="InService")
    assert taken.count(Step.RECORD) <= 1
    assert taken.count(Step.SHIFT) <= 1
    if decision.step is Step.TELL:
        assert endpoint.weights["green"] == 0
        assert endpoint.weights["blue"] == pytest.approx(weights["blue"] + weights["green"])
    else:
        assert decision.step in (Step.IGNORE, Step.GIVE_UP)
        assert Step.SHIFT not in taken
    assert endpoint.weights["red"] == weights["red"]
    assert sum(endpoint.weights.values()) == pytest.approx(sum(weights.values()))
