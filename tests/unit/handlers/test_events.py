"""What the handler understands of the events that reach it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.handlers import armed
from sluice.handlers.armed import Armed
from sluice.handlers.events import incoming, ring, wrapped
from sluice.rollout.movement import Served
from tests.support.rings import ALARM, ARMED, ARN, RANG, event

TEXTS = st.text(max_size=40)


@given(st.builds(Armed, TEXTS, TEXTS, st.builds(Served, TEXTS, TEXTS), TEXTS, st.builds(Served, TEXTS, TEXTS), TEXTS))
def test_what_an_alarm_is_armed_for_is_found_again(known: Armed) -> None:
    """Behind any sentence for people."""
    assert armed.read(known.described("Too many\nerrors, sluice: {}")) == known


@pytest.mark.parametrize(
    "other", ["", "somebody's alarm", "x\nsluice:{", "x\nsluice:[]", 'x\nsluice:{"endpoint":"it"}']
)
def test_other_alarms_are_not_armed(other: str) -> None:
    """Whatever they say."""
    assert armed.read(other) is None


def test_an_alarms_event_is_read() -> None:
    """When it changed, to what, why, and by which figure."""
    found = ring(event(), "r1")
    assert found is not None
    assert (found.alarm, found.arn, found.state, found.at) == (ALARM, ARN, "ALARM", RANG)
    assert (found.value, found.threshold, found.armed, found.request) == (3.2, 1.0, ARMED, "r1")
    assert found.token == f"{ARN}@2026-11-23T13:15:00+00:00"


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    """So that two deliveries of one change have one token."""
    told = event()
    told["alarmData"]["state"]["timestamp"] = "2026-11-23T14:15:00.000+0100"
    found = ring(told, "r1")
    assert found is not None
    assert found.at == datetime(2026, 11, 23, 13, 15, tzinfo=UTC)
    assert found.token == ring(event(), "r2").token  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "no json",
        "{}",
        "[]",
        '{"threshold": 1, "evaluatedDatapoints": [{"value": NaN}]}',
        '{"threshold": 1, "evaluatedDatapoints": []}',
    ],
)
def test_a_figure_that_is_missing_is_no_reason_to_do_nothing(data: str) -> None:
    """The alarm rang all the same."""
    told = event()
    told["alarmData"]["state"]["reasonData"] = data
    found = ring(told, "r1")
    assert found is not None
    assert found.value is None


def test_an_event_that_was_put_aside_comes_back_as_it_was() -> None:
    """With the id of its first run, and the id of the message that brought it."""
    (first,) = incoming(event(), "r1")
    record = {"messageId": "m1", "body": wrapped(first)}
    (again,) = incoming({"Records": [record]}, "r2")
    assert (again.ring, again.request, again.message) == (first.ring, "r1", "m1")
    (twice,) = incoming({"Records": [{"messageId": "m2", "body": wrapped(again)}]}, "r3")
    assert (twice.ring, twice.event) == (first.ring, event())


def test_an_event_that_lambda_gave_up_is_unwrapped() -> None:
    """Of its destination for failures."""
    body = {"requestContext": {"requestId": "r1"}, "requestPayload": event(), "responsePayload": {"errorType": "x"}}
    (found,) = incoming({"Records": [{"messageId": "m1", "body": json.dumps(body)}]}, "r2")
    assert found.ring == ring(event(), "r1")


def test_several_messages_are_several_things() -> None:
    """Each with its own id."""
    records: list[dict[str, Any]] = [{"messageId": f"m{at}", "body": json.dumps(event())} for at in range(3)]
    assert [it.message for it in incoming({"Records": records}, "r1")] == ["m0", "m1", "m2"]
