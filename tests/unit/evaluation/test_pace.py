"""Pauses, pace and time left: with a clock that is turned by hand."""

import asyncio
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.evaluation.failures import AskFailed, Failure, failure_of_status, seconds_of
from sluice.evaluation.pacing import Pacer
from sluice.evaluation.progress import Meter
from sluice.evaluation.retrying import BASE_SECONDS, MOST_SECONDS, Attempted, attempts, pause
from tests.unit.evaluation.asking import TurnedClock


def asking(*results: Failure | str, retries: int = 3) -> tuple[object, list[float]]:
    """Returns what comes of asking something that fails in these ways, one after the other, and the pauses."""
    clock, left = TurnedClock(), list(results)

    async def ask() -> str:
        result = left.pop(0)
        if isinstance(result, Failure):
            raise AskFailed(result, "failed")
        return result

    async def run() -> object:
        try:
            return await attempts(ask, retries, clock, lambda: 1.0)
        except Attempted as last:
            return last.failure.kind, last.attempts

    return asyncio.run(run()), clock.slept


@pytest.mark.parametrize("kind", [Failure.THROTTLED, Failure.SERVER, Failure.TIMEOUT, Failure.CONNECTION])
def test_what_may_go_well_another_time_is_asked_again(kind: Failure) -> None:
    """Throttling, the server's own faults, timeouts, and connections that break."""
    assert asking(kind, kind, "fine") == (("fine", 3), [0.5, 1.0])


@pytest.mark.parametrize("kind", [Failure.REQUEST, Failure.OUTPUT, Failure.EXCEPTION, Failure.CRASH])
def test_what_would_fail_alike_is_not_asked_again(kind: Failure) -> None:
    """It costs time and money, and says nothing new."""
    assert asking(kind, "fine") == ((kind, 1), [])


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_there_are_so_many_retries_and_no_more(retries: int) -> None:
    """The first attempt is no retry, and nobody waits after the last."""
    result, slept = asking(*[Failure.SERVER] * 9, retries=retries)
    assert result == (Failure.SERVER, retries + 1)
    assert len(slept) == retries


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 200))
def test_a_pause_is_part_of_a_doubled_span(attempt: int, jitter: float, wish: float | None) -> None:
    """It is never shorter than the target wishes, and has a bound of its own."""
    span = min(BASE_SECONDS * 2 ** (attempt - 1), MOST_SECONDS)
    assert (wish or 0) <= pause(attempt, wish, lambda: jitter) <= (wish or 0) + span


def test_pauses_differ() -> None:
    """Clients that were throttled together do not come back together."""
    chance = random.Random(1)
    assert len({pause(3, None, chance.random) for _ in range(50)}) == 50


def test_a_target_cannot_wish_forever() -> None:
    """An hour is not waited for."""
    assert pause(1, 3600, lambda: 0.0) == 300


def test_the_span_of_a_pause_has_an_end() -> None:
    """However often it is doubled."""
    assert [pause(attempt, None, lambda: 1.0) for attempt in (1, 2, 3, 6, 7, 10**6)] == [0.5, 1, 2, 16, 30, 30]


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "throttled"), (500, "server"), (503, "server"), (529, "server"), (408, "timeout"),
                         (400, "request"), (404, "request"), (302, "request")],
)  # fmt: skip
def test_a_status_means_a_kind_of_failure(status: int, kind: str) -> None:
    """5xx is the server's fault, 4xx that of the question."""
    assert failure_of_status(status) == kind


@pytest.mark.parametrize(("header", "seconds"), [("2", 2), ("0.5", 0.5), ("-1", 0), (None, None), ("Mon, 1", None)])
def test_a_wish_is_a_number_of_seconds(header: str | None, seconds: float | None) -> None:
    """Dates are not understood, and harm nothing."""
    assert seconds_of(header) == seconds


@given(st.floats(0.1, 1000), st.lists(st.floats(0, 3), min_size=2, max_size=40))
def test_in_no_second_do_more_calls_begin_than_the_rate(rate: float, pauses: list[float]) -> None:
    """Whenever calls want to begin, they are at least an interval apart, and none waits longer than it must."""
    clock, began = TurnedClock(), []

    async def run() -> None:
        pacer = Pacer(rate, clock)
        for wait in pauses:
            clock.time += wait
            wanted = clock.time
            await pacer.turn()
            due = max(wanted, began[-1] + 1 / rate) if began else wanted
            assert clock.time == pytest.approx(due)
            began.append(clock.time)

    asyncio.run(run())
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in pairwise(began))


def test_calls_that_wait_together_get_turns_of_their_own() -> None:
    """Eight that come at once at four a second begin over a second and three quarters."""
    clock = TurnedClock()

    async def run() -> None:
        pacer = Pacer(4, clock)
        await asyncio.gather(*(pacer.turn() for _ in range(8)))

    asyncio.run(run())
    assert clock.slept == pytest.approx([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75])


def test_without_a_rate_nobody_waits() -> None:
    """Calls begin as they come."""
    clock = TurnedClock()
    asyncio.run(Pacer(None, clock).turn())
    assert clock.slept == []


def test_the_time_left_is_told_by_the_pace_of_this_session() -> None:
    """What earlier sessions answered took no time in this one."""
    meter = Meter(total=100, done=80, failed=3, started=1000.0)
    assert meter.progress(1000.0).eta_seconds is None
    found = meter.count(failed=True, now=1002.0)
    assert (found.done, found.total, found.failed, found.eta_seconds) == (81, 100, 4, 38.0)


def test_nothing_is_left_at_the_end() -> None:
    """Also when nothing was to be done."""
    assert Meter(5, 5, 0, 0.0).progress(0.0).eta_seconds == 0
    assert Meter(1, 0, 0, 0.0).count(False, 9.0).eta_seconds == 0
