"""
Returns traffic to the baseline when an alarm rings: AWS Lambda's handler.

Four calls move the traffic: the journal is read, the endpoint described, the movement written, the weights given. What
comes after, to see that it is so and to tell people, delays nothing. An event whose endpoint is busy is put into the
retry queue, which brings it back every minute for six hours; a run that fails is tried again by Lambda.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sluice.errors import SluiceError
from sluice.handlers.decision import Decision, Live, Step, decide
from sluice.handlers.events import Event, Incoming, Ring, incoming, wrapped
from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal import History
from sluice.rollout.journal_errors import JournalConflict
from sluice.rollout.movement import Movement

if TYPE_CHECKING:
    from sluice.handlers.cohort_figures import Figures

_ROUNDS = 12
"""So many steps a run takes at most; each but a race is taken once or twice."""
_BUSY = ("in-progress", "currently being", "ResourceInUse")
_RETRIES = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})


class Unsettled(SluiceError):
    """Others change the endpoint or the journal all the time; Lambda tries again."""


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment."""

    endpoint: str
    journal: str
    """Table, by name or ARN."""
    topic: str
    retries: str
    """URL of the retry queue."""
    dead_letters: str
    """URL of the dead-letter queue."""
    verify_seconds: float = 45.0
    """How long to wait until the endpoint has taken its weights."""
    poll_seconds: float = 2.0


def handle(event: Event, context: Any) -> dict[str, Any]:
    """Handles an alarm's event, or what the retry queue brings back of one."""
    return _guard().respond(event, str(context.aws_request_id))


class Guard:
    """Guards one endpoint."""

    def __init__(
        self,
        settings: Settings,
        client: Callable[[str], Any],
        journal: DynamoJournal | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`client` returns boto3's client of a service; `journal` is read and appended to, by default DynamoDB's."""
        self._settings, self._client, self._now, self._sleep = settings, client, now, sleep
        self._given = journal

    def respond(self, event: Event, request: str) -> dict[str, Any]:
        """
        Returns what was done, or for messages of the queue those that must come back.

        Raises whatever keeps it from being done, so that it is tried again.
        """
        outcomes: list[dict[str, str]] = []
        again: list[dict[str, str]] = []
        for item in incoming(event, request):
            decision = self._see_to(item)
            told = {"outcome": decision.step.value, "why": decision.why}
            _log({**told, "request": item.request, "alarm": item.ring.alarm if item.ring else None})
            outcomes.append(told)
            if decision.step is Step.WAIT and item.message is not None:
                again.append({"itemIdentifier": item.message})
            elif decision.step is Step.WAIT:
                sqs = self._client("sqs")
                sqs.send_message(QueueUrl=self._settings.retries, MessageBody=wrapped(item), DelaySeconds=30)
            elif decision.step is Step.GIVE_UP:
                self._client("sqs").send_message(QueueUrl=self._settings.dead_letters, MessageBody=wrapped(item))
        return {"batchItemFailures": again, "outcomes": outcomes}

    def _see_to(self, item: Incoming) -> Decision:
        if item.ring is None:
            return Decision(Step.IGNORE, "this is no event of an alarm that was armed here")
        if item.ring.state != "ALARM":
            return Decision(Step.IGNORE, f"the alarm is {item.ring.state}")
        return self._roll_back(item.ring)

    def _roll_back(self, ring: Ring) -> Decision:
        """Takes one step after the other until there is none left in this run."""
        endpoint = self._settings.endpoint
        history, live = self._journal.read(endpoint), self._live()
        rings_on: bool | None = None
        for _ in range(_ROUNDS):
            decision = decide(ring, history, live, self._now(), rings_on)
            if decision.step is Step.ASK:
                rings_on = self._rings(ring)
            elif decision.step is Step.RECORD and decision.movement is not None:
                written = self._record(history, decision.movement)
                # Whoever was quicker may have moved traffic as well.
                history, live = (self._journal.read(endpoint), self._live()) if written is None else (written, live)
            elif decision.step is Step.SHIFT and decision.weights is not None:
                live = self._shift(live, decision.weights)
            else:
                self._tell(ring, history, decision)
                return decision
        raise Unsettled(f"the endpoint {endpoint} or its journal changes all the time; it is tried again")

    @property
    def _journal(self) -> DynamoJournal:
        if self._given is None:
            self._given = DynamoJournal(self._client("dynamodb"), self._settings.journal, self._now)
        return self._given

    def _live(self) -> Live:
        try:
            described = self._client("sagemaker").describe_endpoint(EndpointName=self._settings.endpoint)
        except ClientError as error:
            if error.response["Error"]["Message"].startswith("Could not find"):
                return Live(None, {}, {})
            raise
        variants = described.get("ProductionVariants", [])
        return Live(
            described["EndpointStatus"],
            {it["VariantName"]: float(it.get("CurrentWeight", 0)) for it in variants},
            {it["VariantName"]: int(it["CurrentInstanceCount"]) for it in variants if "CurrentInstanceCount" in it},
        )

    def _record(self, history: History, movement: Movement) -> History | None:
        """Returns the history with a movement, or None when somebody else was quicker."""
        try:
            written = self._journal.append(movement)
        except JournalConflict:
            return None
        if written.sequence != history.next_sequence:
            return None
        return History(history.endpoint, (*history.movements, written))

    def _shift(self, live: Live, weights: Mapping[str, float]) -> Live:
        """Gives new weights, waits a while until they are live, and returns what is."""
        asked = [{"VariantName": slot, "DesiredWeight": weight} for slot, weight in weights.items()]
        try:
            self._client("sagemaker").update_endpoint_weights_and_capacities(
                EndpointName=self._settings.endpoint, DesiredWeightsAndCapacities=asked
            )
        except ClientError as error:
            problem = error.response["Error"]
            if any(word in problem["Message"] or word in problem["Code"] for word in _BUSY):
                return replace(live, status="Updating")
            raise
        waited = 0.0
        while (found := self._live()).busy and waited < self._settings.verify_seconds:
            self._sleep(self._settings.poll_seconds)
            waited += self._settings.poll_seconds
        return found

    def _rings(self, ring: Ring) -> bool:
        found = self._client("cloudwatch").describe_alarms(AlarmNames=[ring.alarm])["MetricAlarms"]
        return any(it["StateValue"] == "ALARM" for it in found)

    def _tell(self, ring: Ring, history: History, decision: Decision) -> None:
        if decision.step not in (Step.TELL, Step.GIVE_UP):
            return
        # What is only needed by now has not delayed what had to be quick.
        from sluice.handlers import message

        if decision.step is Step.TELL and decision.movement is not None:
            entry = decision.movement
            self._publish(*message.done(ring, entry, self._now(), self._figures(ring)), str(entry.rollback))
        elif decision.step is Step.GIVE_UP:
            known = history.with_token(ring.token)
            self._publish(
                *message.given_up(ring, known, decision.why), "none" if known is None else str(known.rollback)
            )

    def _figures(self, ring: Ring) -> "dict[str, Figures] | None":
        from sluice.handlers import cohort_figures

        # That figures cannot be had must not keep people from being told.
        try:
            return cohort_figures.measure(self._client("cloudwatch"), ring)
        except (BotoCoreError, ClientError) as error:
            _log({"figures": str(error)})
            return None

    def _publish(self, subject: str, text: str, rollback: str) -> None:
        attributes = {"endpoint": self._settings.endpoint, "rollback": rollback}
        self._client("sns").publish(
            TopicArn=self._settings.topic,
            Subject=subject,
            Message=text,
            MessageAttributes={key: {"DataType": "String", "StringValue": it} for key, it in attributes.items()},
        )


def _log(told: Mapping[str, Any]) -> None:
    # Lambda makes a line of the log of it.
    sys.stdout.write(json.dumps(told) + "\n")


@cache
def _guard() -> Guard:
    # Kept while Lambda keeps the process.
    return Guard(
        Settings(
            endpoint=os.environ["SLUICE_ENDPOINT"],
            journal=os.environ["SLUICE_JOURNAL"],
            topic=os.environ["SLUICE_TOPIC"],
            retries=os.environ["SLUICE_RETRIES"],
            dead_letters=os.environ["SLUICE_DEAD_LETTERS"],
        ),
        cache(lambda service: boto3.client(service, config=_RETRIES)),
    )
