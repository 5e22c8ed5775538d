"""The handler, against an AWS of its size."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sluice.handlers.decision import MOST_AGE
from sluice.handlers.rollback import Unsettled
from sluice.rollout.movement import Movement
from tests.support.movements import hour
from tests.support.movements import movement as moved
from tests.support.rings import event
from tests.support.small_aws import Crash, Fault, refused, risen

SHIFT = "UpdateEndpointWeightsAndCapacities"


def outcome(told: dict[str, Any]) -> tuple[str, str]:
    (one,) = told["outcomes"]
    return one["outcome"], one["why"]


def queued(body: str, message: str = "m1") -> dict[str, Any]:
    return {"Records": [{"messageId": message, "body": body, "eventSource": "aws:sqs"}]}


def test_traffic_moves_with_the_fourth_call() -> None:
    """The journal is read, the endpoint described, the movement written, the weights given; then comes the rest."""
    aws = risen(settles_after=timedelta(0))
    assert outcome(aws.run(event(), "r1"))[0] == "tell"
    assert aws.made[:4] == ["Query", "DescribeEndpoint", "TransactWriteItems", SHIFT]
    assert aws.made[4:] == ["DescribeEndpoint", "GetMetricData", "Publish"]
    assert aws.weights == {"blue": 100, "green": 0}
    assert [it.kind for it in aws.movements][-1] == "rollback"
    assert aws.published[0]["rollback"] == aws.movements[-1].rollback


def test_it_waits_until_the_weights_are_live() -> None:
    """Looking again and again, for a while; people hear of it once."""
    aws = risen(settles_after=timedelta(seconds=20))
    aws.run(event(), "r1")
    assert aws.made.count("DescribeEndpoint") == 12
    assert len(aws.published) == 1


def test_a_slow_endpoint_is_looked_at_again_later() -> None:
    """The event goes into the retry queue; what it brings back is told as if nothing had happened."""
    aws = risen(settles_after=timedelta(minutes=2))
    assert outcome(aws.run(event(), "r1"))[0] == "wait"
    assert (aws.published, len(aws.retries)) == ([], 1)
    aws.now += timedelta(minutes=3)
    assert outcome(aws.run(queued(aws.retries[0]), "another"))[0] == "tell"
    assert len(aws.published) == 1
    assert aws.made.count(SHIFT) == 0


def test_an_update_in_flight_is_waited_for() -> None:
    """The entry is written at once; the queue keeps the message until the weights can be given."""
    aws = risen()
    aws.begin_update(30)
    assert outcome(aws.run(event(), "r1")) == ("wait", "the endpoint is Updating")
    assert aws.movements[-1].rollback is not None
    message = queued(aws.retries[0])
    for _ in range(5):
        aws.now += timedelta(minutes=5)
        assert aws.run(message, "again")["batchItemFailures"] == [{"itemIdentifier": "m1"}]
    aws.now += timedelta(minutes=6)
    told = aws.run(message, "again")
    assert (told["batchItemFailures"], outcome(told)[0]) == ([], "tell")
    assert aws.weights["green"] == 0
    assert (len(aws.movements), len(aws.published), len(aws.retries)) == (3, 1, 1)


def test_an_update_that_begins_between_two_calls() -> None:
    """SageMaker refuses the weights, and the event waits."""
    aws = risen()
    described = aws.described
    calls: list[dict[str, Any]] = []

    def then_busy() -> dict[str, Any]:
        told = described()
        if not calls:
            aws.begin_update(10)
        calls.append(told)
        return told

    aws.described = then_busy  # type: ignore[method-assign]
    assert outcome(aws.run(event(), "r1")) == ("wait", "the endpoint is Updating")
    assert SHIFT in aws.made


def test_what_lambda_gave_up_comes_by_the_queue() -> None:
    """With the id of the first run: people are told as if it had been that one."""
    aws = risen()
    with pytest.raises(Crash):
        aws.run(event(), "r1", Fault(5, "before"))
    aws.now += timedelta(minutes=1)
    body = json.dumps({"requestContext": {"requestId": "r1"}, "requestPayload": event()})
    assert outcome(aws.run(queued(body), "r9"))[0] == "tell"
    assert (len(aws.movements), len(aws.published)) == (3, 1)


@pytest.mark.parametrize("call", range(1, 8))
@pytest.mark.parametrize("kind", ["before", "after", "throttle"])
def test_a_run_that_ends_is_taken_up(call: int, kind: str) -> None:
    """Wherever it ended: one entry, and people are told; twice only if it ended just after telling."""
    aws = risen()
    failed = False
    try:
        aws.run(event(), "r1", Fault(call, kind))
    except Exception:
        failed = True
    if failed:
        aws.now += timedelta(minutes=1)
        assert outcome(aws.run(event(), "r1"))[0] == "tell"
    assert aws.weights == {"blue": 100, "green": 0}
    assert len(aws.movements) == 3
    assert len(aws.published) in ((1, 2) if kind == "after" else (1,))
    assert {it["rollback"] for it in aws.published} == {aws.movements[-1].rollback}


def test_a_race_for_the_journal_is_decided_again() -> None:
    """Somebody took the traffic away in the meantime: nothing is left to do, and nothing is recorded."""
    aws = risen()
    write = aws.write

    def raced(movement: Movement) -> Movement:
        aws.write = write  # type: ignore[method-assign]
        write(moved(3, 0, 10, actor="somebody", at=hour(3), kind="fall"))
        aws.weights = {"blue": 100.0, "green": 0.0}
        return write(movement)

    aws.write = raced  # type: ignore[method-assign]
    aws.run(event(), "r1")
    assert [it.kind.value for it in aws.movements] == ["rise", "rise", "fall"]
    assert aws.made.count(SHIFT) == 0


def test_what_never_settles_is_an_error() -> None:
    """Lambda tries again, and its errors are an alarm."""
    aws = risen(settles_after=timedelta(0))
    aws.shift = lambda asked: {}  # type: ignore[method-assign]
    with pytest.raises(Unsettled, match="changes all the time"):
        aws.run(event(), "r1")


def test_giving_up_is_loud() -> None:
    """People are told what they have to do now, and the event is kept."""
    aws = risen(counts={"blue": 0, "green": 1})
    told, why = outcome(aws.run(event(), "r1"))
    assert (told, why) == ("give up", "the baseline blue has no instance that could answer")
    (message,) = aws.published
    assert message["subject"] == "ROLLBACK FAILED: digits@2 on digits-prod"
    assert "sluice rollback digits-prod" in message["text"]
    assert json.loads(aws.dead_letters[0])["event"] == event()
    assert len(aws.movements) == 2


def test_an_event_that_waited_too_long_is_given_up() -> None:
    """Its entry stays, so that nothing rises; the queue forgets the message."""
    aws = risen()
    aws.begin_update(600)
    aws.run(event(), "r1")
    aws.now += MOST_AGE + timedelta(seconds=1)
    told = aws.run(queued(aws.retries[0]), "again")
    assert (told["batchItemFailures"], outcome(told)[0]) == ([], "give up")
    assert str(aws.movements[-1].rollback) in aws.published[0]["text"]
    assert len(aws.dead_letters) == 1


def test_people_are_told_although_there_are_no_figures() -> None:
    """That CloudWatch refuses is no reason to be silent."""
    aws = risen(blind=True)
    assert outcome(aws.run(event(), "r1"))[0] == "tell"
    assert "could not be read" in aws.published[0]["text"]


def test_a_late_event_asks_whether_the_alarm_still_rings() -> None:
    """Traffic rose after it rang, past gates that saw no alarm."""
    for ringing, after in ((set[str](), 25), ({"digits-prod-green-errors"}, 0)):
        aws = risen(ringing=ringing, weights={"blue": 75.0, "green": 25.0}, now=hour(5))
        aws.movements.append(moved(3, 25, 10, at=hour(4)))
        aws.run(event(), "r1")
        assert "DescribeAlarms" in aws.made
        assert aws.weights["green"] == after


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"alarmData": {}},
        {"Records": [{"messageId": "m", "body": "no json"}]},
        {"Records": [{"messageId": "m", "body": "[1]"}]},
        {"Records": []},
        {**event(), "alarmData": {**event()["alarmData"], "configuration": {"description": "somebody else's"}}},
        {**event(), "alarmData": {**event()["alarmData"], "configuration": {"description": "x\nsluice:{}"}}},
        event(state="OK"),
        event(state="INSUFFICIENT_DATA"),
    ],
)
def test_other_events_cost_nothing(odd: dict[str, Any]) -> None:
    """No call is made for them, and none of them comes back."""
    aws = risen()
    told = aws.run(odd, "r1")
    assert (told["batchItemFailures"], aws.made) == ([], [])
    assert {it["outcome"] for it in told["outcomes"]} <= {"ignore"}


def test_an_endpoint_that_is_gone_is_left() -> None:
    """There is nothing to roll back."""
    aws = risen(gone=True)
    assert outcome(aws.run(event(), "r1")) == ("ignore", "the endpoint is gone")


def test_a_refusal_is_passed_on() -> None:
    """So that Lambda tries again, and its errors ring."""
    aws = risen()
    aws.shift = lambda asked: (_ for _ in ()).throw(refused("AccessDeniedException"))  # type: ignore[method-assign]
    with pytest.raises(Exception, match="AccessDenied"):
        aws.run(event(), "r1")
    assert aws.published == []
