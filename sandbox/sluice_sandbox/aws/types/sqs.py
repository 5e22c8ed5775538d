"""SQS: queues, and who may do what with them."""

import json
from collections.abc import Iterator

from sluice_sandbox.aws import policy_documents
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging, Tags

# SQS keeps a queue's settings as texts under names of their own.
_TEXTS = {
    "deduplicationScope": "DeduplicationScope",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "redrivePolicy": "RedrivePolicy",
}
_NUMBERS = {
    "delaySeconds": ("DelaySeconds", 0),
    "kmsDataKeyReusePeriodSeconds": ("KmsDataKeyReusePeriodSeconds", 300),
    "maxMessageSize": ("MaximumMessageSize", 262_144),
    "messageRetentionSeconds": ("MessageRetentionPeriod", 345_600),
    "receiveWaitTimeSeconds": ("ReceiveMessageWaitTimeSeconds", 0),
    "visibilityTimeoutSeconds": ("VisibilityTimeout", 30),
}
_FLAGS = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "fifoQueue": "FifoQueue",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
}
_ATTRIBUTES = {**_TEXTS, **{key: member for key, (member, _) in _NUMBERS.items()}, **_FLAGS}
_MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


class _QueueTagging(Tagging):
    """They are `tags` when a queue is made, and `Tags` when they are changed."""

    def change(self, aws: Clients, service: str, target: str, old: Tags | None, new: Tags | None) -> None:
        gone = sorted((old or {}).keys() - (new or {}).keys())
        if gone:
            aws.call(service, self.removes, QueueUrl=target, TagKeys=gone)
        if new:
            aws.call(service, self.adds, QueueUrl=target, Tags=dict(new))


class Queue(ResourceType):
    """A queue. Its id is its URL."""

    token = "aws:sqs/queue:Queue"
    service = "sqs"
    create_operation, read_operation, delete_operation = "CreateQueue", "GetQueueAttributes", "DeleteQueue"
    autonamed, name_length = "name", 80
    names = {"name": "QueueName"}
    extra_inputs = frozenset(_ATTRIBUTES)
    mutable = ResourceType.mutable | (extra_inputs - {"fifoQueue"})
    shared = frozenset({"policy", "sqsManagedSseEnabled"})
    missing = _MISSING
    tagging = _QueueTagging(
        member="tags", key="", target="QueueUrl", lists="ListQueueTags", adds="TagQueue", removes="UntagQueue"
    )

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        yield from policy_documents.failures("policy", inputs.get("policy"))
        yield from _redrive_failures(inputs.get("redrivePolicy"))
        if inputs.get("fifoQueue") is True and not str(inputs.get("name")).endswith(".fifo"):
            yield "name", "has to end in .fifo, because the queue is a FIFO queue"

    def input_names(self) -> frozenset[str]:
        return frozenset({"name", "region", "tags", *_ATTRIBUTES})

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        request = self.request({"name": inputs["name"], "tags": inputs.get("tags")})
        # Only a FIFO queue may say anything about it.
        given = {key: inputs[key] for key in _ATTRIBUTES if inputs.get(key) not in (None, "")}
        request["Attributes"] = {
            _ATTRIBUTES[key]: _text(value) for key, value in given.items() if key != "fifoQueue" or value
        }
        url = aws.call(self.service, self.create_operation, **request)["QueueUrl"]
        return url, self.read_existing(aws, url)

    def read(self, aws: Clients, identity: str) -> Values | None:
        asked = {"QueueUrl": identity, "AttributeNames": ["All"]}
        answer = aws.find(self.service, self.read_operation, self.missing, **asked)
        if answer is None:
            return None
        attributes = answer["Attributes"]
        outputs: Values = {key: attributes.get(member) or None for key, member in _TEXTS.items()}
        outputs |= {key: int(attributes.get(member, usual)) for key, (member, usual) in _NUMBERS.items()}
        outputs |= {key: attributes.get(member) == "true" for key, member in _FLAGS.items()}
        told = {"arn": attributes["QueueArn"], "url": identity, "name": identity.rpartition("/")[2]}
        return self.complete(aws, identity, {**outputs, **told}, attributes)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        usual = {key: number for key, (_, number) in _NUMBERS.items()}
        changed = {
            member: _text(new[key] if new.get(key) is not None else usual.get(key, _unset(key)))
            for key, member in _ATTRIBUTES.items()
            if old.get(key) != new.get(key)
        }
        if changed:
            aws.call(self.service, "SetQueueAttributes", QueueUrl=identity, Attributes=changed)
        return super().update(aws, identity, old, new, timeout)

    def key(self, identity: str) -> Values:
        return {"QueueUrl": identity}


class QueuePolicy(ResourceType):
    """Who may do what with a queue. Its id is the queue's URL."""

    token = "aws:sqs/queuePolicy:QueuePolicy"
    service = "sqs"
    create_operation, read_operation, delete_operation = (
        "SetQueueAttributes",
        "GetQueueAttributes",
        "SetQueueAttributes",
    )
    identity = "queueUrl"
    extra_inputs = frozenset({"queueUrl", "policy"})
    mutable = ResourceType.mutable | {"policy"}
    missing = _MISSING

    def check(self, inputs: Values) -> list[Failure]:
        lacking = [(key, "is missing") for key in ("queueUrl", "policy") if inputs.get(key) is None]
        unknown = [(key, "AWS has no such property") for key in inputs.keys() - self.input_names()]
        return [*lacking, *unknown, *policy_documents.failures("policy", inputs.get("policy"))]

    def input_names(self) -> frozenset[str]:
        return frozenset({*self.extra_inputs, "region"})

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        self._set(aws, inputs["queueUrl"], inputs["policy"])
        return inputs["queueUrl"], self.read_existing(aws, inputs["queueUrl"])

    def read(self, aws: Clients, identity: str) -> Values | None:
        asked = {"QueueUrl": identity, "AttributeNames": ["Policy"]}
        answer = aws.find(self.service, self.read_operation, self.missing, **asked)
        policy = (answer or {}).get("Attributes", {}).get("Policy")
        return None if not policy else {"queueUrl": identity, "policy": policy, "region": aws.region}

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        self._set(aws, identity, new["policy"])
        return self.read_existing(aws, identity)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        if self.read(aws, identity) is not None:
            self._set(aws, identity, "")

    def _set(self, aws: Clients, url: str, policy: str) -> None:
        aws.call(self.service, "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": policy})


def _redrive_failures(policy: object) -> Iterator[Failure]:
    if not isinstance(policy, str):
        return
    try:
        told = json.loads(policy)
    except ValueError as error:
        yield "redrivePolicy", f"is not JSON: {error}"
        return
    for member in ("deadLetterTargetArn", "maxReceiveCount"):
        if not isinstance(told, dict) or member not in told:
            yield "redrivePolicy", f"has no {member}"


def _unset(key: str) -> object:
    """Returns what a setting is when nothing is said of it."""
    return (key == "sqsManagedSseEnabled") if key in _FLAGS else ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value))
    return json.dumps(value) if isinstance(value, dict) else str(value)
