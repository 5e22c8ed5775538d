"""
Events that reach the handler. Standard library only.

Three kinds: an alarm's own, a message of the retry queue that holds one, and what Lambda says of one that failed.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sluice.handlers import armed
from sluice.handlers.armed import Armed
from sluice.rollout.figures import number

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Ring:
    """An alarm's change of state, as far as it matters here."""

    alarm: str
    """Its name."""
    arn: str
    state: str
    at: datetime
    """When it changed, in UTC."""
    reason: str
    """In CloudWatch's words."""
    armed: Armed
    request: str
    """The id that Lambda gave the event; it stays the same when the event is tried again."""
    value: float | None = None
    """The latest figure that was evaluated."""
    threshold: float | None = None

    @property
    def why(self) -> str:
        """What was measured, beside what may be; in CloudWatch's words where the event has no figure."""
        if self.value is None:
            return f"{self.armed.measure}: {self.reason}"
        threshold = "" if self.threshold is None else f", threshold {number(self.threshold)}"
        return f"{self.armed.measure}: {number(self.value)}{threshold}"

    @property
    def token(self) -> str:
        """What makes two deliveries of one change the same."""
        return f"{self.arn}@{self.at.isoformat()}"


@dataclass(frozen=True)
class Incoming:
    """One thing to see to."""

    event: Event
    """The alarm's event, unwrapped."""
    request: str
    ring: Ring | None
    """None: it is no event of an alarm that Sluice has armed."""
    message: str | None = None
    """The id of the queue's message that brought it; None when it came from the alarm itself."""


def incoming(event: Event, request: str) -> Iterator[Incoming]:
    """Yields what an invocation is about; `request` is the id of the invocation."""
    if not isinstance(event.get("Records"), list):
        yield Incoming(event, request, ring(event, request))
        return
    for record in event["Records"]:
        inner, first = _unwrapped(str(record.get("body", "")), request)
        yield Incoming(inner, first, ring(inner, first), str(record.get("messageId", "")))


def wrapped(item: Incoming) -> str:
    """Returns the message with which an event is put aside, to be tried again."""
    return json.dumps({"event": item.event, "request": item.request})


def ring(event: Event, request: str) -> Ring | None:
    """Returns the change of an armed alarm that an event tells, or None."""
    try:
        data = event["alarmData"]
        known = armed.read(str(data["configuration"]["description"]))
        if known is None:
            return None
        state = data["state"]
        value, threshold = _figures(str(state.get("reasonData", "")))
        return Ring(
            alarm=str(data["alarmName"]),
            arn=str(event["alarmArn"]),
            state=str(state["value"]),
            at=datetime.fromisoformat(str(state["timestamp"])).astimezone(UTC),
            reason=str(state.get("reason", "")),
            armed=known,
            request=request,
            value=value,
            threshold=threshold,
        )
    except (KeyError, TypeError, ValueError):
        return None


def _unwrapped(body: str, request: str) -> tuple[Event, str]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}, request
    if not isinstance(told, dict):
        return {}, request
    if isinstance(told.get("event"), dict):
        return told["event"], str(told.get("request", request))
    if isinstance(told.get("requestPayload"), dict):
        return told["requestPayload"], str(told.get("requestContext", {}).get("requestId", request))
    return told, request


def _figures(data: str) -> tuple[float | None, float | None]:
    """Returns the latest value and the threshold."""
    try:
        told = json.loads(data)
        points = [float(it["value"]) for it in told.get("evaluatedDatapoints", [])]
        return (points[0] if points and math.isfinite(points[0]) else None), float(told["threshold"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None, None
