"""
An AWS that is just large enough for the handler: one endpoint, its journal, its alarms, a topic and two queues.

In memory and on a clock of its own, so that thousands of histories take seconds; every call can be made to go wrong,
before or after it took effect.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from sluice.handlers.rollback import Guard, Settings
from sluice.rollout.journal import History
from sluice.rollout.journal_errors import JournalConflict
from sluice.rollout.movement import Movement
from tests.support.movements import ENDPOINT, hour, movement

SETTINGS = Settings(ENDPOINT, "movements", "topic", "retries", "dead-letters")


class Crash(Exception):
    """The process ends: Lambda's time is over, or its machine's."""


def refused(code: str, text: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text}}, "Something")


@dataclass
class Fault:
    """What goes wrong with a run's call of a number, counted from 1."""

    call: int
    kind: str
    """`before` or `after`: the process ends before or after the call took effect; `throttle`: AWS refuses."""


@dataclass
class SmallAws:
    """What there is."""

    weights: dict[str, float] = field(default_factory=lambda: {"blue": 90.0, "green": 10.0})
    counts: dict[str, int] = field(default_factory=lambda: {"blue": 1, "green": 1})
    now: datetime = field(default_factory=lambda: hour(3))
    movements: list[Movement] = field(default_factory=list)
    ringing: set[str] = field(default_factory=set)
    """Names of alarms in ALARM."""
    busy_until: datetime | None = None
    settles_after: timedelta = timedelta(seconds=3)
    """How long the endpoint takes to take weights."""
    published: list[dict[str, Any]] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    dead_letters: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """The calls of the latest run."""
    fault: Fault | None = None
    blind: bool = False
    """Nobody may read metrics."""
    gone: bool = False
    _wanted: dict[str, float] | None = None

    def run(self, event: dict[str, Any], request: str, fault: Fault | None = None) -> dict[str, Any]:
        """Runs the handler in a process of its own."""
        self.made, self.fault = [], fault
        guard = Guard(SETTINGS, self.client, self, lambda: self.now, self._sleep)  # type: ignore[arg-type]
        return guard.respond(event, request)

    def client(self, service: str) -> Any:
        return _Client(self)

    def begin_update(self, minutes: float) -> None:
        """Begins an update of the endpoint that leaves its weights."""
        self.busy_until = self.now + timedelta(minutes=minutes)

    def busy(self) -> bool:
        if self.busy_until is not None and self.now >= self.busy_until:
            self.busy_until = None
            self.weights, self._wanted = self._wanted or self.weights, None
        return self.busy_until is not None

    def history(self) -> History:
        return History(ENDPOINT, tuple(self.movements))

    # The journal

    def read(self, endpoint: str) -> History:
        found: History = self.call("Query", self.history)
        return found

    def append(self, movement: Movement) -> Movement:
        written: Movement = self.call("TransactWriteItems", lambda: self.write(movement))
        return written

    def write(self, movement: Movement) -> Movement:
        taken = [it for it in self.movements if it.sequence == movement.sequence]
        if mine := next((it for it in self.movements if it.token == movement.token), None):
            return mine
        if taken:
            raise JournalConflict(movement, taken)
        assert movement.sequence == len(self.movements) + 1
        self.movements.append(movement)
        return movement

    # The rest

    def call(self, name: str, effect: Callable[[], Any]) -> Any:
        self.made.append(name)
        fault = self.fault if self.fault is not None and self.fault.call == len(self.made) else None
        if fault is not None and fault.kind == "throttle":
            raise refused("ThrottlingException", "Rate exceeded")
        if fault is not None and fault.kind == "before":
            raise Crash(name)
        result = effect()
        if fault is not None:
            raise Crash(name)
        return result

    def described(self) -> dict[str, Any]:
        busy = self.busy()
        if self.gone:
            raise refused("ValidationException", 'Could not find endpoint "it".')
        variants = [
            {"VariantName": slot, "CurrentWeight": weight, "CurrentInstanceCount": self.counts[slot]}
            for slot, weight in self.weights.items()
        ]
        return {"EndpointStatus": "Updating" if busy else "InService", "ProductionVariants": variants}

    def shift(self, asked: list[dict[str, Any]]) -> dict[str, Any]:
        if self.busy():
            raise refused("ValidationException", 'Cannot update in-progress endpoint "it".')
        self._wanted = {**self.weights, **{it["VariantName"]: it["DesiredWeight"] for it in asked}}
        self.busy_until = self.now + self.settles_after
        return {}

    def measured(self) -> dict[str, Any]:
        if self.blind:
            raise refused("AccessDenied")
        figures = {"s0_requests": 1204.0, "s0_errors_5xx": 23.0, "s0_p95": 812_000.0, "s1_requests": 12_310.0}
        return {"MetricDataResults": [{"Id": key, "Values": [value]} for key, value in figures.items()]}

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class _Client:
    """boto3's client of any of the services."""

    aws: SmallAws

    def describe_endpoint(self, EndpointName: str) -> Any:
        return self.aws.call("DescribeEndpoint", self.aws.described)

    def update_endpoint_weights_and_capacities(self, EndpointName: str, DesiredWeightsAndCapacities: Any) -> Any:
        effect = lambda: self.aws.shift(DesiredWeightsAndCapacities)  # noqa: E731
        return self.aws.call("UpdateEndpointWeightsAndCapacities", effect)

    def describe_alarms(self, AlarmNames: list[str]) -> Any:
        told = [{"StateValue": "ALARM" if name in self.aws.ringing else "OK"} for name in AlarmNames]
        return self.aws.call("DescribeAlarms", lambda: {"MetricAlarms": told})

    def get_metric_data(self, **_: Any) -> Any:
        return self.aws.call("GetMetricData", self.aws.measured)

    def publish(self, **told: Any) -> Any:
        attributes = {key: it["StringValue"] for key, it in told["MessageAttributes"].items()}
        message = {"subject": told["Subject"], "text": told["Message"], **attributes}
        return self.aws.call("Publish", lambda: self.aws.published.append(message))

    def send_message(self, QueueUrl: str, MessageBody: str, **_: Any) -> Any:
        queue = {"retries": self.aws.retries, "dead-letters": self.aws.dead_letters}[QueueUrl]
        return self.aws.call("SendMessage", lambda: queue.append(MessageBody))


def risen(**more: Any) -> SmallAws:
    """Returns an AWS on which green has had 10 percent for an hour, and its alarm rings just now."""
    return replace(SmallAws(movements=[movement(1), movement(2, 10, 0)]), **more)
