"""Functions on the sandbox that are fed from queues."""

import json
from pathlib import Path
from typing import Any

import boto3

from sluice_sandbox.aws import supervisor
from tests.sandbox.aws.alarming import ECHO, FAILS, Account, arn_of_queue
from tests.sandbox.aws.life_cycle import REGION


def _fed(account: Account, source: str, **queue: Any) -> str:
    """Makes a queue that feeds a function, and returns the queue's URL."""
    account.queue("dead")
    attributes = {"VisibilityTimeout": "90", **queue}
    url = str(account.sqs.create_queue(QueueName="work", Attributes=attributes)["QueueUrl"])
    account.function(source)
    account.functions.create_event_source_mapping(
        EventSourceArn=arn_of_queue("work"),
        FunctionName="rollback",
        BatchSize=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    return url


def _left(account: Account, url: str) -> int:
    told = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def _runs(account: Account, began: float) -> list[float]:
    return [run["at"] - began for run in account.aws.function_runs()]


def test_a_message_is_an_event(account: Account) -> None:
    """The function gets it as Lambda wraps it, and then it is out of the queue."""
    url = _fed(account, ECHO)
    account.sqs.send_message(QueueUrl=url, MessageBody="data")
    (run,) = account.aws.function_runs()
    (record,) = run["event"]["Records"]
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == (
        "data",
        "aws:sqs",
        arn_of_queue("work"),
    )
    assert (run["error"], run["source"]) == (None, arn_of_queue("work"))
    assert _left(account, url) == 0


def test_a_delayed_message_waits(account: Account) -> None:
    """Until its delay is over."""
    url, began = _fed(account, ECHO), account.now()
    account.sqs.send_message(QueueUrl=url, MessageBody="data", DelaySeconds=30)
    account.aws.advance(29)
    assert _runs(account, began) == []
    account.aws.advance(31)
    assert _runs(account, began) == [30]


def test_a_message_that_fails_comes_back(account: Account) -> None:
    """After the visibility timeout, and is told from a first one by how often it came."""
    url, began = _fed(account, FAILS), account.now()
    account.sqs.send_message(QueueUrl=url, MessageBody="data")
    account.aws.advance(200)
    assert _runs(account, began) == [0, 90, 180]
    counts = [
        run["event"]["Records"][0]["attributes"]["ApproximateReceiveCount"] for run in account.aws.function_runs()
    ]
    assert counts == ["1", "2", "3"]
    assert _left(account, url) == 1


def test_a_function_names_what_must_come_back(account: Account) -> None:
    """Without an error."""
    source = """
def handle(event, context):
    return {"batchItemFailures": [{"itemIdentifier": it["messageId"]} for it in event["Records"]]}
"""
    url, began = _fed(account, source), account.now()
    account.sqs.send_message(QueueUrl=url, MessageBody="data")
    account.aws.advance(100)
    assert _runs(account, began) == [0, 90]
    assert [run["error"] for run in account.aws.function_runs()] == [None, None]


def test_after_so_many_times_it_goes_where_the_queue_says(account: Account) -> None:
    """And is not tried again."""
    redrive = json.dumps({"deadLetterTargetArn": arn_of_queue("dead"), "maxReceiveCount": 2})
    url, began = _fed(account, FAILS, RedrivePolicy=redrive), account.now()
    account.sqs.send_message(QueueUrl=url, MessageBody="data")
    account.aws.advance(600)
    assert _runs(account, began) == [0, 90]
    assert [it["Body"] for it in account.messages("dead")] == ["data"]
    assert _left(account, url) == 0


def test_a_message_that_somebody_took_is_not_handled(account: Account) -> None:
    """It is gone before its time comes."""
    url = _fed(account, ECHO)
    account.sqs.send_message(QueueUrl=url, MessageBody="data", DelaySeconds=30)
    account.sqs.purge_queue(QueueUrl=url)
    account.aws.advance(60)
    assert account.aws.function_runs() == []


def test_a_queue_that_feeds_nothing_any_more(account: Account) -> None:
    """Keeps its messages."""
    url = _fed(account, ECHO)
    (mapping,) = account.functions.list_event_source_mappings(FunctionName="rollback")["EventSourceMappings"]
    account.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    account.sqs.send_message(QueueUrl=url, MessageBody="data")
    account.aws.advance(60)
    assert account.aws.function_runs() == []
    assert _left(account, url) == 1


def test_what_waits_survives_the_server(tmp_path: Path) -> None:
    """A message that failed is tried again after a restart, when it is due and not before."""
    server = supervisor.start(tmp_path / "aws")

    def client(service: str) -> object:
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y"}
        return boto3.client(service, endpoint_url=server.endpoint, region_name=REGION, **keys)  # type: ignore[call-overload]

    try:
        account = Account(client, server)
        began = account.stop_at_a_minute()
        url = _fed(account, FAILS)
        account.sqs.send_message(QueueUrl=url, MessageBody="data")
        assert _runs(account, began) == [0]
        supervisor.stop(server.home)
        server = supervisor.start(server.home)
        account = Account(client, server)
        assert _runs(account, began) == [0]
        account.aws.stop_clock()
        account.aws.advance(began + 91 - account.now())
        assert [round(at) for at in _runs(account, began)] == [0, 90]
    finally:
        supervisor.stop(server.home)
