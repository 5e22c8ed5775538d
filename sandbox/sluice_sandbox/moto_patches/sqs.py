"""Adds to SQS that a queue keeps its policy while other attributes of it are set (moto forgets it)."""

from typing import Any

from moto.sqs.models import Queue

from sluice_sandbox.moto_patches.replacing import replace_methods

_set = Queue._set_attributes


def needed() -> bool:
    queue: Any = Queue("needed", "us-east-1", "123456789012", Policy='{"Statement": []}')  # type: ignore[abstract]
    _set(queue, {"DelaySeconds": "1"})
    return queue.policy is None


def apply() -> None:
    replace_methods(Queue, _set_attributes=_set_attributes)


def _set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    before = getattr(self, "policy", None)
    _set(self, attributes, now)
    self.policy = attributes["Policy"] or None if "Policy" in attributes else before
