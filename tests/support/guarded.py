"""An endpoint with two slots, a journal, and a guard on the sandbox: users whose requests go wrong, and who hears."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pulumi

from sluice.journal import RolloutJournal
from sluice.rollback_guard import RollbackGuard
from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal import History
from sluice.rollout.movement import Kind, Movement, Served
from sluice_sandbox.aws.supervisor import Aws

ENDPOINT = "search-test"
ACCOUNT, REGION = "123456789012", "eu-west-1"
OLD, NEW = (Served(f"sha256:{number:064x}", f"digits@{number}") for number in (1, 2))
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/digits@sha256:{'a' * 64}"


def pinned(version: Served) -> dict[str, Any]:
    return {"label": version.label, "version_digest": version.digest, "model_name": "model", "release": 1}


@dataclass(frozen=True)
class Heard:
    """What a topic's subscriber heard."""

    rollbacks: list[dict[str, Any]]
    """Subject, text and attributes of what the function said."""
    alarms: list[dict[str, Any]]
    """What alarms said."""


class Guarded:
    """A stack with a journal and a guard, and beside it an endpoint that the clock of a test lets live."""

    def __init__(self, deploy: Any, client: Any, aws: Aws, **args: Any) -> None:
        self.client, self.aws = client, aws
        self.args: dict[str, Any] = {
            "endpoint": "search",
            "versions": {"blue": pinned(OLD), "green": pinned(NEW)},
            "baseline": "blue",
            "min_requests": 10,
            **args,
        }
        self.stack = deploy(self._declare)
        self.outputs: dict[str, Any] = {}

    def _declare(self) -> None:
        journal = RolloutJournal("movements", {"force_destroy": True})  # type: ignore[arg-type]
        given = {"journal_table_arn": journal.table_arn, "journal_key_arn": journal.key_arn, **self.args}
        guard = RollbackGuard("guard", given)  # type: ignore[arg-type]
        for name in (
            "alarm_names",
            "function_name",
            "function_arn",
            "topic_arn",
            "role_arn",
            "dead_letter_queue_url",
        ):
            pulumi.export(name, getattr(guard, name))
        pulumi.export("table", journal.table_name)

    def up(self) -> "Guarded":
        self.outputs = self.stack.up().outputs
        return self

    def serve(self, green: float = 10) -> "Guarded":
        """Makes the endpoint, gives green its share, and lets people listen; the clock stands from now on."""
        sagemaker = self.client("sagemaker")
        role = f"arn:aws:iam::{ACCOUNT}:role/serving"
        sagemaker.create_model(ModelName="model", ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE})
        for name in ("one", "two"):
            hosted = {"ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
            variants = [
                {"VariantName": slot, "InitialVariantWeight": weight, **hosted}
                for slot, weight in (("blue", 100 - green), ("green", green))
            ]
            sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
        sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName="one")
        self.aws.stop_clock()
        self.aws.set_durations(endpoint_weights=0)
        self.aws.advance(60 - self._seconds() % 60)
        self.record(Kind.RISE, green)
        self._listen()
        return self

    def record(self, kind: Kind, green: float, **more: Any) -> Movement:
        """Writes a movement of green's share into the journal, as somebody else would."""
        history = self.history()
        given: dict[str, Any] = {
            "endpoint": ENDPOINT,
            "sequence": history.next_sequence,
            "at": self.now(),
            "actor": "ci",
            "kind": kind,
            "versions": {"blue": OLD, "green": NEW},
            "before": history.last.after if history.last else {"blue": 100, "green": 0},
            "after": {"blue": 100 - green, "green": green},
            "baseline": "blue",
            "reason": "as declared",
            "token": f"up-{history.next_sequence}",
        }
        return self.journal.append(Movement(**{**given, **more}))

    @property
    def journal(self) -> DynamoJournal:
        return DynamoJournal(self.client("dynamodb"), self.outputs["table"])

    def history(self) -> History:
        return self.journal.read(ENDPOINT)

    def _seconds(self) -> float:
        return float(self.aws.control("clock")["now"])

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds(), UTC)

    def weights(self) -> dict[str, float]:
        described = self.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
        return {it["VariantName"]: it["CurrentWeight"] for it in described["ProductionVariants"]}

    def ask(self, slot: str, requests: int, errors: int = 0, milliseconds: float = 20.0) -> None:
        """Measures requests to a slot now."""
        figures = [
            ("Invocations", 1.0, requests),
            ("Invocation5XXErrors", 1.0, errors),
            ("ModelLatency", milliseconds * 1000, requests),
        ]
        dimensions = [{"Name": "EndpointName", "Value": ENDPOINT}, {"Name": "VariantName", "Value": slot}]
        data = [
            {"MetricName": name, "Dimensions": dimensions, "Values": [value], "Counts": [count]}
            for name, value, count in figures
            if count
        ]
        # So that alarms on ten seconds see it as well.
        finely = [{**datum, "StorageResolution": 1} for datum in data]
        self.client("cloudwatch").put_metric_data(Namespace="AWS/SageMaker", MetricData=finely)

    def spend(self, seconds: int, step: int = 60, **green: Any) -> float:
        """Lets time pass in which all is well with blue, and green is asked `green`; returns the seconds until green
        had no traffic, or infinity."""
        for passed in range(0, seconds, step):
            self.ask("blue", 90)
            self.ask("green", **{"requests": 20, **green})
            self.aws.advance(step)
            if self.weights()["green"] == 0:
                return passed + step
        return float("inf")

    def heard(self) -> "Heard":
        """Takes what people were told."""
        messages = list(self._messages("inbox"))
        rollbacks = [it for it in messages if "rollback" in it["attributes"]]
        return Heard(rollbacks, [json.loads(it["text"]) for it in messages if it not in rollbacks])

    def told(self) -> list[dict[str, Any]]:
        """Takes what people were told, and returns what the function said."""
        return self.heard().rollbacks

    def rung(self) -> list[str]:
        """Takes what people were told, and returns the names of alarms that said something."""
        return [it["AlarmName"] for it in self.heard().alarms]

    def dead_letters(self) -> list[dict[str, Any]]:
        return [json.loads(it["Body"]) for it in self._received(self.outputs["dead_letter_queue_url"])]

    def runs(self) -> list[dict[str, Any]]:
        return self.aws.function_runs(self.outputs["function_name"])

    def event(self, slot: str = "green", role: str = "errors") -> dict[str, Any]:
        """Returns the event of an alarm's last run of the function."""
        name = f"{ENDPOINT}-{slot}-{role}"
        events = [it["event"] for it in self.runs() if "alarmData" in it["event"]]
        return next(it for it in reversed(events) if it["alarmData"]["alarmName"] == name)

    def send(self, event: dict[str, Any]) -> dict[str, Any]:
        """Delivers an event as an alarm would, and returns the run that follows."""
        self.client("lambda").invoke(
            FunctionName=self.outputs["function_name"], InvocationType="Event", Payload=json.dumps(event)
        )
        return self.runs()[-1]

    def _listen(self) -> None:
        sqs, sns = self.client("sqs"), self.client("sns")
        url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=self.outputs["topic_arn"], Protocol="sqs", Endpoint=arn)

    def _messages(self, queue: str) -> Iterator[dict[str, Any]]:
        for message in self._received(self.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]):
            body = json.loads(message["Body"])
            attributes = {key: it["Value"] for key, it in body.get("MessageAttributes", {}).items()}
            yield {"subject": body.get("Subject"), "text": body["Message"], "attributes": attributes}

    def _received(self, url: str) -> Iterator[dict[str, Any]]:
        sqs = self.client("sqs")
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                yield message
