"""Events for functions on the sandbox: put aside, tried again, given up, and kept over a restart."""

import json
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws import supervisor
from tests.sandbox.aws.alarming import ECHO, FAILS, Account, arn_of_queue
from tests.sandbox.aws.life_cycle import REGION


def test_an_event_is_put_aside_and_handled_later(account: Account) -> None:
    """Who sends it does not wait; whoever asks what ran does."""
    account.function("import time\ndef handle(event, context):\n    time.sleep(0.3)\n    return event\n")
    answer = account.functions.invoke(FunctionName="rollback", InvocationType="Event", Payload=b'{"n": 1}')
    assert answer["StatusCode"] == 202
    (run,) = account.aws.function_runs("rollback")
    assert (run["result"], run["type"], run["source"], run["attempt"]) == ({"n": 1}, "Event", "invoke", 1)


def _send(account: Account, **event: str) -> None:
    account.functions.invoke(FunctionName="rollback", InvocationType="Event", Payload=json.dumps(event))


def test_an_event_that_fails_is_tried_again_twice(account: Account) -> None:
    """After one minute and after two more."""
    account.function(FAILS)
    began = account.now()
    _send(account, what="data")
    account.aws.advance(3600)
    runs = account.aws.function_runs()
    assert [(run["attempt"], run["at"] - began) for run in runs] == [(1, 0), (2, 60), (3, 180)]
    assert len({run["id"] for run in runs}) == 1


def test_what_fails_in_the_end_goes_to_the_dead_letter_queue(account: Account) -> None:
    """The event itself, with what was wrong beside it."""
    account.queue("dead")
    account.function(FAILS, DeadLetterConfig={"TargetArn": arn_of_queue("dead")})
    configuration = account.functions.get_function_configuration(FunctionName="rollback")
    assert configuration["DeadLetterConfig"] == {"TargetArn": arn_of_queue("dead")}
    _send(account, what="data")
    account.aws.advance(179)
    assert account.messages("dead") == []
    account.aws.advance(1)
    (message,) = account.messages("dead")
    assert json.loads(message["Body"]) == {"what": "data"}
    attributes = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert attributes == {
        "RequestID": account.aws.function_runs()[0]["id"],
        "ErrorCode": "200",
        "ErrorMessage": "no data",
    }


def test_a_destination_for_failures(account: Account) -> None:
    """It is told the event, the answer, how often and why it was given up; retries are as configured."""
    account.queue("failed")
    arn = account.function(FAILS)
    given = {"FunctionName": "rollback", "DestinationConfig": {"OnFailure": {"Destination": arn_of_queue("failed")}}}
    account.functions.put_function_event_invoke_config(**given, MaximumRetryAttempts=0)
    _send(account, what="data")
    assert len(account.aws.function_runs()) == 1
    (message,) = [json.loads(message["Body"]) for message in account.messages("failed")]
    assert (message["version"], message["requestPayload"]) == ("1.0", {"what": "data"})
    context = message["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 1)
    assert context["functionArn"] == f"{arn}:$LATEST"
    assert message["responseContext"]["functionError"] == "Unhandled"
    assert message["responsePayload"]["errorMessage"] == "no data"


def test_an_event_that_is_too_old_is_given_up(account: Account) -> None:
    """Before its retries are used up; a setting that is updated leaves the others."""
    account.queue("failed")
    account.function(FAILS)
    destination = {"OnFailure": {"Destination": arn_of_queue("failed")}}
    account.functions.put_function_event_invoke_config(FunctionName="rollback", DestinationConfig=destination)
    account.functions.update_function_event_invoke_config(FunctionName="rollback", MaximumEventAgeInSeconds=90)
    told = account.functions.get_function_event_invoke_config(FunctionName="rollback")
    assert (told["DestinationConfig"]["OnFailure"], told["MaximumEventAgeInSeconds"]) == (destination["OnFailure"], 90)
    _send(account, what="data")
    account.aws.advance(3600)
    assert len(account.aws.function_runs()) == 2
    (message,) = account.messages("failed")
    assert json.loads(message["Body"])["requestContext"]["condition"] == "EventAgeExceeded"


def test_a_retry_that_succeeds(account: Account) -> None:
    """Nothing is sent to the dead-letter queue, and nothing is tried again."""
    account.queue("dead")
    account.queue("seen")
    source = """
import boto3
def handle(event, context):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="seen")["QueueUrl"]
    if not sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages"):
        sqs.send_message(QueueUrl=url, MessageBody="once")
        raise RuntimeError("not yet")
"""
    account.function(source, may="sqs:*", DeadLetterConfig={"TargetArn": arn_of_queue("dead")})
    _send(account)
    account.aws.advance(3600)
    assert [run["error"] for run in account.aws.function_runs()] == ["Unhandled", None]
    assert account.messages("dead") == []


def test_how_long_a_retry_waits_can_be_set(account: Account) -> None:
    """A rehearsal on a running clock need not wait for minutes."""
    account.aws.set_durations(function_retry=0)
    account.function(FAILS)
    _send(account, what="data")
    assert [run["attempt"] for run in account.aws.function_runs()] == [1, 2, 3]


def test_a_function_for_which_nothing_is_reserved(account: Account) -> None:
    """Who waits for it is turned away; events wait until it may run."""
    account.function(ECHO)
    account.functions.put_function_concurrency(FunctionName="rollback", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        account.invoke({})
    _send(account, n="1")
    account.aws.advance(600)
    assert account.aws.function_runs() == []
    account.functions.delete_function_concurrency(FunctionName="rollback")
    account.aws.advance(60)
    assert [run["result"] for run in account.aws.function_runs()] == [{"n": "1"}]


def test_on_a_running_clock_events_are_handled_by_themselves(account: Account) -> None:
    """Nobody has to move the time on."""
    account.aws.run_clock()
    account.queue("inbox")
    source = """
import boto3
def handle(event, context):
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="inbox")["QueueUrl"], MessageBody="done")
"""
    account.function(source, may="sqs:*")
    _send(account)
    url = account.sqs.get_queue_url(QueueName="inbox")["QueueUrl"]
    for _ in range(100):
        if account.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages"):
            break
        account.aws.control("clock")
    runs = account.aws.function_runs()
    assert [run["error"] for run in runs] == [None]
    assert datetime.fromtimestamp(runs[0]["at"], UTC) <= datetime.fromtimestamp(account.now(), UTC)


def test_runs_survive_the_server_and_are_not_repeated(tmp_path: Path) -> None:
    """What alarms did, what functions did and what waits to be tried again are there after a restart, once."""
    server = supervisor.start(tmp_path / "aws")

    def client(service: str) -> object:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y"}
        return boto3.client(service, endpoint_url=server.endpoint, region_name=REGION, **keys)  # type: ignore[call-overload]

    try:
        account = Account(client, server)
        account.stop_at_a_minute()
        account.queue("inbox")
        source = """
import boto3
def handle(event, context):
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="inbox")["QueueUrl"], MessageBody="done")
    raise RuntimeError("after all")
"""
        topic = account.topic("told")
        account.watch(AlarmActions=[account.function(source, may="sqs:*"), topic])
        account.let_in()
        account.minute(9)
        before = (account.aws.function_runs(), account.history("StateUpdate"), account.history("Action"))
        supervisor.stop(server.home)
        server = supervisor.start(server.home)
        account = Account(client, server)
        assert (account.aws.function_runs(), account.history("StateUpdate"), account.history("Action")) == before
        assert [len(account.messages(queue)) for queue in ("inbox", "told")] == [1, 1]
        (waiting,) = server.control("functions")["waiting"]
        assert (waiting["attempts"], waiting["id"]) == (1, before[0][0]["id"])
    finally:
        supervisor.stop(server.home)
