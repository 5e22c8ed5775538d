"""
Adds to Lambda that functions are fed from queues on the sandbox's time.

A message is handled once its delay is over; one that fails, alone or as a batch item that its function names, comes
back after the visibility timeout, and goes to the dead-letter queue after as many times as the queue says.
"""

from inspect import getsource
from typing import Any

from moto.awslambda.models import LambdaBackend
from moto.sqs.models import Message, Queue

from sluice_sandbox.moto_patches import queue_feeds
from sluice_sandbox.moto_patches.replacing import replace_methods

_add = Queue.add_message
_update = LambdaBackend.update_event_source_mapping


def needed() -> bool:
    return "send_sqs_batch" in getsource(_add)


def apply() -> None:
    replace_methods(Queue, add_message=add_message)
    replace_methods(LambdaBackend, update_event_source_mapping=update_event_source_mapping)


def add_message(self: Queue, message: Message) -> None:
    mappings = self.lambda_event_source_mappings
    # moto would run them by itself, in Docker.
    self.lambda_event_source_mappings = {}
    try:
        _add(self, message)
    finally:
        self.lambda_event_source_mappings = mappings
    for mapping in mappings.values():
        if mapping.enabled and any(it is message for it in self._messages):
            queue_feeds.feed(self, message, mapping)


def update_event_source_mapping(self: LambdaBackend, uuid: str, spec: dict[str, Any]) -> Any:
    mapping = _update(self, uuid, spec)
    if mapping is not None:
        # moto keeps these as they were.
        mapping.scaling_config = spec.get("ScalingConfig", mapping.scaling_config)
        mapping.function_response_types = spec.get("FunctionResponseTypes", mapping.function_response_types)
    return mapping
