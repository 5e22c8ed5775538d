"""Writing to the journal and reading it: what DynamoDB guarantees."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice.rollout import journal
from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal import History
from sluice.rollout.journal_errors import JournalConflict, JournalGap
from sluice.rollout.movement import Kind, Movement
from tests.components.conftest import ClientOf
from tests.support.movements import ENDPOINT, TABLE, hour, movement, with_table


@pytest.fixture
def dynamodb(client: ClientOf) -> Any:
    """A client, with an empty table as the component makes it."""
    return with_table(client("dynamodb"))


@pytest.fixture
def store(dynamodb: Any) -> DynamoJournal:
    return DynamoJournal(dynamodb, TABLE)


def asked(dynamodb: Any) -> list[str]:
    """Returns a list that every call adds its operation to."""
    calls: list[str] = []
    dynamodb.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    return calls


# Writing and reading


def test_what_is_written_is_read(store: DynamoJournal) -> None:
    """Down to the last digit, and with all that a movement can have."""
    one = movement(1, 0.1, 0.1, evidence={"rate": Decimal("0.0081"), "n": 12310, "gate": "worse"}, forced="fire")
    two = movement(2, 0, 0.1, kind=Kind.ROLLBACK, rollback="rb-1", baseline="blue")
    three = movement(3, kind=Kind.ACKNOWLEDGE, acknowledges="rb-1", after={}, baseline=None)
    for it in (one, two, three):
        assert store.append(it) == it
    history = store.read(ENDPOINT)
    assert history.movements == (one, two, three)
    assert not any(isinstance(it, float) for it in history.movements[0].evidence.values())
    assert store.last(ENDPOINT) == three


def test_endpoints_have_journals_of_their_own(store: DynamoJournal) -> None:
    """Each counts from 1; of one that never moved there is nothing."""
    store.append(movement())
    store.append(movement(endpoint="other"))
    assert len(store.read(ENDPOINT)) == len(store.read("other")) == 1
    assert len(store.read("third")) == 0
    assert store.last("third") is None


def test_writing_and_asking_for_the_newest_take_one_call_each(store: DynamoJournal, dynamodb: Any) -> None:
    """A rollback cannot wait for more."""
    store.append(movement(1))
    calls = asked(dynamodb)
    store.append(movement(2))
    assert calls == ["TransactWriteItems"]
    store.last(ENDPOINT)
    assert calls == ["TransactWriteItems", "Query"]


def test_a_long_journal_is_read_to_its_end(store: DynamoJournal, dynamodb: Any) -> None:
    """DynamoDB tells one megabyte at a time, and every page is read consistently."""
    for number in range(1, 6):
        store.append(movement(number, evidence={"report": "x" * 300_000}))
    requests: list[Any] = []
    dynamodb.meta.events.register("provide-client-params.dynamodb.Query", lambda params, **_: requests.append(params))
    assert len(store.read(ENDPOINT)) == 5
    assert len(requests) > 1
    assert all(it["ConsistentRead"] for it in requests)


# Two writers


def test_of_two_writers_one_loses_and_hears_of_what_was_written(store: DynamoJournal) -> None:
    """What it wanted to write may not be right any more; nothing of it is written."""
    winner = movement(1, 25, actor="alice")
    store.append(winner)
    with pytest.raises(JournalConflict, match=r"movement 1 of digits-prod was not written.*1 \(rise by alice\)") as it:
        store.append(movement(1, 0, token="other"))
    assert it.value.written == (winner,)
    assert store.read(ENDPOINT).movements == (winner,)


def test_a_second_try_of_a_movement_writes_nothing(store: DynamoJournal) -> None:
    """Its token tells that it is there already; the first try's is what counts, even when others have gone on."""
    first = store.append(movement(1, 25))
    store.append(movement(2, 25, 25))
    assert store.append(movement(1, 25, at=hour(9))) == first
    assert len(store.read(ENDPOINT)) == 2


def test_a_movement_that_follows_none_is_refused(store: DynamoJournal) -> None:
    """A gap could hide a rollback."""
    store.append(movement(1))
    with pytest.raises(JournalGap, match="movement 3 of digits-prod follows none: the newest is 1"):
        store.append(movement(3))
    assert len(store.read(ENDPOINT)) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["read", "append", "append", "again"])), max_size=20),
)
def test_however_writers_interleave_there_is_no_gap_and_no_loss(store: DynamoJournal, steps: list[Any]) -> None:
    """A writer wins exactly when nobody wrote since it read, and the journal is what the winners wrote, in order."""
    endpoint = f"endpoint-{next(NUMBERS)}"
    seen, tried = [0, 0, 0], dict[int, Movement]()
    written: list[Movement] = []
    for number, (writer, action) in enumerate(steps):
        if action == "read":
            seen[writer] = len(store.read(endpoint))
            continue
        if action == "append":
            tried[writer] = movement(seen[writer] + 1, endpoint=endpoint, token=f"{writer}-{number}")
        elif writer not in tried:
            continue
        mine = tried[writer]
        if mine in written or mine.sequence == len(written) + 1:
            assert store.append(mine) == mine
            written += [] if mine in written else [mine]
        else:
            with pytest.raises(JournalConflict) as caught:
                store.append(mine)
            assert caught.value.written == tuple(written[mine.sequence - 1 :])
    assert store.read(endpoint).movements == tuple(written)


NUMBERS = count()


@pytest.mark.parametrize("repeat", range(3))
def test_all_who_write_at_once_get_their_turn(store: DynamoJournal, repeat: int) -> None:
    """Each in a place of its own, decided from what was there before it."""
    seen: dict[str, int] = {}

    def decide(history: History, token: str) -> Movement:
        seen[token] = len(history)
        return movement(history.next_sequence)

    with ThreadPoolExecutor(4) as pool:
        tokens = [f"writer-{number}" for number in range(4)]
        made = list(pool.map(lambda token: store.record(ENDPOINT, token, lambda it: decide(it, token)), tokens))
    history = store.read(ENDPOINT)
    assert sorted(history.movements, key=lambda it: it.token) == made
    assert {it.token: it.sequence - 1 for it in history.movements} == seen


# Deciding


def test_who_was_too_slow_decides_again(store: DynamoJournal) -> None:
    """From the history as it is then."""
    seen = []

    def decide(history: History) -> Movement:
        if not seen:
            store.append(movement(1, token="quicker"))
        seen.append(len(history))
        return movement(history.next_sequence, 25)

    made = store.record(ENDPOINT, "mine", decide)
    assert seen == [0, 1]
    assert made is not None
    assert (made.sequence, made.token) == (2, "mine")


def test_an_event_that_comes_twice_is_decided_once(store: DynamoJournal) -> None:
    """Whatever was written between."""
    first = store.record(ENDPOINT, "event-1", lambda it: movement(it.next_sequence, 25))
    store.append(movement(2))
    assert store.record(ENDPOINT, "event-1", lambda it: pytest.fail("was decided again")) == first
    assert len(store.read(ENDPOINT)) == 2


def test_nothing_need_follow(store: DynamoJournal) -> None:
    """Who decides that there is nothing to do writes nothing."""
    assert store.record(ENDPOINT, "event-1", lambda it: None) is None
    assert len(store.read(ENDPOINT)) == 0


def test_who_is_always_too_slow_hears_so(store: DynamoJournal) -> None:
    """Rather than trying for ever."""

    def decide(history: History) -> Movement:
        store.append(movement(history.next_sequence, token=f"quicker-{len(history)}"))
        return movement(history.next_sequence)

    with pytest.raises(JournalConflict):
        store.record(ENDPOINT, "mine", decide)
    assert len(store.read(ENDPOINT)) == 5


def test_a_latch_is_found_in_what_was_written(store: DynamoJournal) -> None:
    """From the table to the version that may not rise."""
    store.append(movement(1, 25))
    store.append(movement(2, 0, 25, kind=Kind.ROLLBACK, rollback="rb-1"))
    found = journal.barred_by(store.read(ENDPOINT), "v2")
    assert found is not None
    assert found.at - hour(0) == timedelta(hours=2)
