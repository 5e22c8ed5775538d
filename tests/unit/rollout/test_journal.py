"""What follows from a history: stages, what is drained, what is barred, who served, since when."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout import journal
from sluice.rollout.journal import History, JournalUnreadable
from sluice.rollout.movement import Kind, Movement, Served
from tests.support.movements import ENDPOINT, history, hour, movement


def rollback(sequence: int, was: Any, identity: str, **more: Any) -> Movement:
    return movement(sequence, 0, was, kind=Kind.ROLLBACK, rollback=identity, reason="errors 4 %", **more)


def acknowledge(sequence: int, identity: str, **more: Any) -> Movement:
    return movement(sequence, kind=Kind.ACKNOWLEDGE, acknowledges=identity, **more)


# Whole or damaged


@pytest.mark.parametrize(
    ("movements", "reason"),
    [
        ([movement(2)], "movement 1 is missing, the next is 2"),
        ([movement(1), movement(3)], "movement 2 is missing, the next is 3"),
        ([movement(1), movement(1)], "movement 2 is missing, the next is 1"),
        ([movement(1, endpoint="other")], "movement 1 is other's"),
    ],
)
def test_a_history_with_a_gap_is_none(movements: list[Movement], reason: str) -> None:
    """What happened in it nobody knows; the message says where it is and what to do."""
    with pytest.raises(JournalUnreadable, match=f"the journal of digits-prod is damaged: {reason}; restore the table"):
        history(*movements)


def test_an_empty_history_says_nothing() -> None:
    """An endpoint that nobody has moved yet has no stage, no latch and no past."""
    empty = History(ENDPOINT)
    assert (len(empty), empty.last, empty.next_sequence) == (0, None, 1)
    assert journal.stage_since(empty, "blue") is None
    assert journal.drained_since(empty, "blue") is None
    assert journal.latch(empty) is None
    assert journal.last_full(empty) is None
    assert journal.timeline(empty) == []


def test_a_movement_is_found_by_its_token_and_a_rollback_by_its_id() -> None:
    """So that a second try sees the first, and an acknowledgement what it is of."""
    it = history(movement(1, 25), rollback(2, 25, "rb-1"))
    assert it.with_token("t1") == it.movements[0]
    assert it.rollback("rb-1") == it.movements[1]
    assert it.with_token("t9") is it.rollback("rb-9") is None


# Stages


def test_a_stage_stands_since_its_share_was_reached() -> None:
    """Movements that leave the slot as it is do not begin it anew."""
    it = history(movement(1, 5), movement(2, 10, 5), movement(3, 10, 10, kind=Kind.PROMOTE))
    assert journal.stage_since(it, "green") == hour(2)


def test_another_version_begins_a_stage() -> None:
    """The time that one version has soaked is not another's."""
    it = history(movement(1, 10, version="v2"), movement(2, 10, 10, version="v3"))
    assert journal.stage_since(it, "green") == hour(2)
    assert journal.stage_since(it, "blue") == hour(1)


def test_a_change_by_hand_begins_a_stage() -> None:
    """A movement that found 50 where 10 was recorded put it back: since then it stands, not before."""
    it = history(movement(1, 10), movement(2, 10, 50, kind=Kind.FALL))
    assert journal.stage_since(it, "green") == hour(2)


def test_a_slot_that_is_gone_has_no_stage() -> None:
    """Nor has one that there never was."""
    gone = movement(2, versions={"blue": Served("v1", "digits@1")}, after={"blue": 100})
    assert journal.stage_since(history(movement(1), gone), "green") is None
    assert journal.stage_since(history(movement(1)), "red") is None


def test_weights_that_differ_by_rounding_are_one_stage() -> None:
    """Live weights are ratios of floats."""
    nearly = movement(2, 10.0000001, 10, kind=Kind.OBSERVED)
    assert journal.stage_since(history(movement(1, 10), nearly), "green") == hour(1)


def test_a_writers_clock_that_is_behind_makes_no_stage_longer() -> None:
    """What came later was not earlier: a stage does not begin before the movement in front of it."""
    behind = movement(3, 25, 10, at=hour(0))
    it = history(movement(1, 10), movement(2, 10, 10), behind)
    assert journal.stage_since(it, "green") == hour(2)
    assert [(span.since, span.until) for span in journal.timeline(it)[-2:]] == [(hour(2), None)] * 2


# Drained


def test_a_slot_is_drained_since_its_last_traffic_went() -> None:
    """Later movements of nothing leave that as it is."""
    it = history(movement(1, 25), movement(2, 0, 25, kind=Kind.FALL), movement(3, 0, 0, kind=Kind.DEPLOY))
    assert journal.drained_since(it, "green") == hour(2)


@pytest.mark.parametrize(
    "movements",
    [
        [movement(1, 25)],
        [movement(1, 0)],
        [movement(1, 25, version="v2"), movement(2, 0, 25, version="v3")],
    ],
    ids=["it serves", "it never served", "another version served"],
)
def test_a_slot_that_is_not_drained(movements: list[Movement]) -> None:
    """Only a version that has served, and does not any more, stands by."""
    assert journal.drained_since(history(*movements), "green") is None


def test_what_was_drained_by_hand_and_then_seen() -> None:
    """The record begins when somebody saw it."""
    it = history(movement(1, 25), movement(2, 0, 25, kind=Kind.OBSERVED))
    assert journal.drained_since(it, "green") == hour(2)
    assert journal.drained_since(history(movement(1, 0, 25, kind=Kind.OBSERVED)), "green") == hour(1)


# Latch


def test_a_rolled_back_version_is_barred_until_somebody_acknowledges() -> None:
    """A new version is not, and neither is the baseline."""
    rolled = [movement(1, 25), rollback(2, 25, "rb-1")]
    found = journal.latch(history(*rolled))
    assert found is not None
    assert (found.id, found.at, found.reason, found.barred) == ("rb-1", hour(2), "errors 4 %", {"v2"})
    assert journal.barred_by(history(*rolled), "v2") == found
    assert journal.barred_by(history(*rolled), "v3") is journal.barred_by(history(*rolled), "v1") is None
    assert journal.latch(history(*rolled, acknowledge(3, "rb-1"))) is None


def test_an_older_rollback_bars_beside_a_newer_one() -> None:
    """To acknowledge the newest does not free the version of the one before."""
    it = history(
        movement(1, 25, version="v2"),
        rollback(2, 25, "rb-1", version="v2"),
        movement(3, 5, version="v3"),
        rollback(4, 5, "rb-2", version="v3"),
        acknowledge(5, "rb-2", version="v3"),
    )
    assert journal.barred_by(it, "v3") is None
    found = journal.barred_by(it, "v2")
    assert found is not None
    assert journal.latch(it) == found
    assert found.id == "rb-1"


def test_an_acknowledgement_is_of_what_was_before_it() -> None:
    """A version that is rolled back again is barred again."""
    it = history(
        movement(1, 25), rollback(2, 25, "rb-1"), acknowledge(3, "rb-1"), movement(4, 5), rollback(5, 5, "rb-2")
    )
    assert [found.id for found in journal.open_rollbacks(it)] == ["rb-2"]


@given(st.lists(st.tuples(st.sampled_from(["rise", "rollback", "acknowledge"]), st.integers(2, 4)), max_size=25))
def test_whatever_happens_a_version_is_barred_by_its_newest_open_rollback(story: Sequence[tuple[str, int]]) -> None:
    """Told by bookkeeping of another kind: by version, the rollbacks of it that nobody has acknowledged."""
    movements: list[Movement] = []
    books: dict[str, list[str]] = {"v2": [], "v3": [], "v4": []}
    for number, (what, version) in enumerate(story, start=1):
        name, open_of = f"v{version}", books[f"v{version}"]
        if what == "rollback":
            open_of.append(f"rb-{number}")
            movements.append(rollback(number, 25, f"rb-{number}", version=name))
        elif what == "acknowledge" and open_of:
            movements.append(acknowledge(number, open_of.pop(0), version=name))
        else:
            movements.append(movement(number, 25, version=name))
    it = history(*movements)
    for name, open_of in books.items():
        barrier = journal.barred_by(it, name)
        assert (None if barrier is None else barrier.id) == (open_of[-1] if open_of else None)
    assert len(journal.open_rollbacks(it)) == sum(map(len, books.values()))


# Who served


def test_the_version_that_served_fully_last() -> None:
    """With one to pass over, the one before: where a rollback goes."""
    it = history(movement(1, 0), movement(2, 50, 0), movement(3, 100, 50), movement(4, 100, 100, kind=Kind.PROMOTE))
    now, before = journal.last_full(it), journal.last_full(it, other_than="v2")
    assert now is not None
    assert before is not None
    assert (now.slot, now.version.digest, now.since) == ("green", "v2", hour(3))
    assert (before.slot, before.version.digest, before.since) == ("blue", "v1", hour(1))


def test_what_served_fully_is_told_in_order_of_the_record() -> None:
    """Not of the writers' clocks."""
    it = history(movement(1, 0, at=hour(9)), movement(2, 100, 0, at=hour(1)))
    now = journal.last_full(it)
    assert now is not None
    assert now.version.digest == "v2"


def test_a_slot_that_went_and_came_back_has_two_spans() -> None:
    """Between them there is none, even while the record still names its version."""
    it = history(movement(1), movement(2, after={"blue": 100}), movement(3))
    green = [(span.since, span.until) for span in journal.timeline(it) if span.slot == "green"]
    assert green == [(hour(1), hour(2)), (hour(3), None)]


def test_the_timeline_tells_every_share_once() -> None:
    """By beginning and slot; what stands has no end."""
    it = history(movement(1, 0), movement(2, 25, 0), movement(3, 25, 25, kind=Kind.OBSERVED), rollback(4, 25, "rb-1"))
    told = [(span.slot, int(span.percent), span.since, span.until) for span in journal.timeline(it)]
    assert told == [
        ("blue", 100, hour(1), hour(2)),
        ("green", 0, hour(1), hour(2)),
        ("blue", 75, hour(2), hour(4)),
        ("green", 25, hour(2), hour(4)),
        ("blue", 100, hour(4), None),
        ("green", 0, hour(4), None),
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(2, 3)), min_size=1, max_size=20))
def test_at_any_time_the_timeline_sums_to_all_traffic(story: Sequence[tuple[int, int]]) -> None:
    """No share is lost or told twice, and the present stage is the span that stands."""
    shares = [quarter * 25 for quarter, _ in story]
    pairs = zip([0, *shares], shares, story, strict=False)
    it = history(*(movement(n, now, was, version=f"v{part[1]}") for n, (was, now, part) in enumerate(pairs, start=1)))
    spans = journal.timeline(it)
    for one in it.movements:
        current = [span for span in spans if span.since <= one.at and (span.until is None or one.at < span.until)]
        assert sum(span.percent for span in current) == 100
        assert {span.slot: span.version.digest for span in current} == {s: one.digest(s) for s in ("blue", "green")}
    standing = {span.slot: span.since for span in spans if span.until is None}
    assert standing == {slot: journal.stage_since(it, slot) for slot in ("blue", "green")}
    assert all(isinstance(span.percent, Decimal) for span in spans)
