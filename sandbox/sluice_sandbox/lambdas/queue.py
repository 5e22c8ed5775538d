"""What is to be run, what was, and what comes after a failure: Lambda's asynchronous invocation."""

import json
from dataclasses import dataclass, field
from typing import Any

from sluice_sandbox.moto_patches import durations


@dataclass
class Invocation:
    """One event for one function, until it is done with or given up."""

    id: str
    account: str
    region: str
    function: str
    """Name of the function."""
    payload: str
    """The event as JSON."""
    made_at: float
    due: float
    """When it is to be run next, in seconds since 1970."""
    attempts: int = 0
    source: str = "invoke"
    """Who asked: `invoke`, or the ARN of an alarm, a topic or a queue."""
    message: str = ""
    """The id of the queue's message that it is; empty for one that is no queue's."""


@dataclass
class Queue:
    """Everything that waits, in order, and a record of every run."""

    waiting: dict[str, Invocation] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)

    def add(self, invocation: Invocation) -> None:
        self.waiting[invocation.id] = invocation

    def next_due(self) -> float | None:
        """Returns when something is to be run next, or None when nothing waits."""
        return min((invocation.due for invocation in self.waiting.values()), default=None)

    def due(self, now: float) -> Invocation | None:
        """Returns what is to be run now, or None."""
        ready = [invocation for invocation in self.waiting.values() if invocation.due <= now]
        return min(ready, key=lambda invocation: invocation.due, default=None)

    def record(self, **told: Any) -> None:
        self.records.append(told)

    def failed(self, invocation: Invocation, now: float, retries: int, oldest: float) -> str | None:
        """
        Puts a failed event back, or gives it up and returns AWS's word for why.

        Lambda waits one minute before the first retry and two before the second (`function-retry` is that minute), and
        gives up an event that is older than `oldest` seconds.
        """
        wait = durations.seconds("function-retry") * invocation.attempts
        if invocation.attempts > retries:
            del self.waiting[invocation.id]
            return "RetriesExhausted"
        if now + wait - invocation.made_at > oldest:
            del self.waiting[invocation.id]
            return "EventAgeExceeded"
        invocation.due = now + wait
        return None

    def clear(self) -> None:
        self.waiting.clear()
        self.records.clear()


QUEUE = Queue()
"""The server's one."""


def failure_message(invocation: Invocation, arn: str, condition: str, response: str, at: str) -> str:
    """Returns what an OnFailure destination is told."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": at,
            "requestContext": {
                "requestId": invocation.id,
                "functionArn": f"{arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": invocation.attempts,
            },
            "requestPayload": json.loads(invocation.payload),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": json.loads(response),
        }
    )
