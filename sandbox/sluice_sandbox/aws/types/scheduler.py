"""EventBridge Scheduler: schedules. The sandbox keeps them; nothing starts by itself in there."""

import json
from collections.abc import Iterator
from typing import Any

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values

_UNIVERSAL = ":aws-sdk:"


class Schedule(ResourceType):
    """A schedule of the default group, or of one that is there. Its id is `group/name`."""

    token = "aws:scheduler/schedule:Schedule"
    service = "scheduler"
    create_operation, read_operation, delete_operation = "CreateSchedule", "GetSchedule", "DeleteSchedule"
    autonamed, name_length = "name", 64
    refused = frozenset({"clientToken", "startDate", "endDate", "actionAfterCompletion"})
    mutable = ResourceType.mutable | {
        "description",
        "flexibleTimeWindow",
        "kmsKeyArn",
        "scheduleExpression",
        "scheduleExpressionTimezone",
        "state",
        "target",
    }
    missing = ("ResourceNotFoundException",)
    computed = {"arn": "Arn"}

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        target = inputs.get("target")
        if not isinstance(target, dict) or not isinstance(target.get("input"), str):
            return
        # A universal target gets the parameters of an operation; any other may get a text.
        if _UNIVERSAL in str(target.get("arn")):
            try:
                json.loads(target["input"])
            except ValueError as error:
                yield "target.input", f"is not JSON: {error}"

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        aws.call(self.service, self.create_operation, **self.request(inputs))
        identity = self.identity_of(inputs)
        return identity, self.read_existing(aws, identity)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        # What an update leaves out is lost: it takes all of a schedule.
        aws.call(self.service, "UpdateSchedule", **self.request(new))
        return self.read_existing(aws, identity)

    def identity_of(self, inputs: Values) -> str:
        return f"{inputs.get('groupName') or 'default'}/{inputs['name']}"

    def key(self, identity: str) -> Values:
        group, _, name = identity.partition("/")
        return {"GroupName": group, "Name": name}

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Any) -> Values:
        return {**{key: value for key, value in outputs.items() if value is not None}, "region": aws.region}
