"""SNS: topics, who listens to them, and who may publish."""

import json
from collections.abc import Iterator

from sluice_sandbox.aws import policy_documents
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

# SNS keeps a topic's settings as texts under names of their own.
_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "deliveryPolicy": "DeliveryPolicy",
}
_SUBSCRIPTION_ATTRIBUTES = {
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}
_MISSING = ("NotFound", "NotFoundException", "InvalidParameter")


class Topic(ResourceType):
    """A topic."""

    token = "aws:sns/topic:Topic"
    service = "sns"
    create_operation, read_operation, delete_operation = "CreateTopic", "GetTopicAttributes", "DeleteTopic"
    autonamed, name_length = "name", 256
    extra_inputs = frozenset(_TOPIC_ATTRIBUTES)
    mutable = ResourceType.mutable | extra_inputs
    shared = frozenset({"policy"})
    missing = _MISSING
    tagging = Tagging(lists="ListTagsForResource", adds="TagResource", removes="UntagResource")

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        return policy_documents.failures("policy", inputs.get("policy"))

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        request = self.request(inputs)
        request["Attributes"] = {
            member: _text(inputs[key]) for key, member in _TOPIC_ATTRIBUTES.items() if key in inputs
        }
        arn = aws.call(self.service, self.create_operation, **request)["TopicArn"]
        return arn, self.read_existing(aws, arn)

    def read(self, aws: Clients, identity: str) -> Values | None:
        answer = aws.find(self.service, self.read_operation, self.missing, TopicArn=identity)
        if answer is None:
            return None
        attributes = answer["Attributes"]
        outputs = {key: attributes.get(member) or None for key, member in _TOPIC_ATTRIBUTES.items()}
        outputs |= {"arn": identity, "name": identity.rpartition(":")[2], "owner": attributes["Owner"]}
        return self.complete(aws, identity, outputs, attributes)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        for key, member in _TOPIC_ATTRIBUTES.items():
            if old.get(key) != new.get(key):
                value = _text(new.get(key) or "")
                aws.call(
                    self.service, "SetTopicAttributes", TopicArn=identity, AttributeName=member, AttributeValue=value
                )
        return super().update(aws, identity, old, new, timeout)

    def key(self, identity: str) -> Values:
        return {"TopicArn": identity}


class TopicSubscription(ResourceType):
    """Somebody who hears what a topic says."""

    token = "aws:sns/topicSubscription:TopicSubscription"
    service = "sns"
    create_operation, read_operation, delete_operation = "Subscribe", "GetSubscriptionAttributes", "Unsubscribe"
    names = {"topic": "TopicArn"}
    extra_inputs = frozenset(_SUBSCRIPTION_ATTRIBUTES)
    mutable = ResourceType.mutable | extra_inputs
    missing = _MISSING

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        request = self.request(inputs)
        request["Attributes"] = {
            member: _text(inputs[key]) for key, member in _SUBSCRIPTION_ATTRIBUTES.items() if key in inputs
        }
        arn = aws.call(self.service, self.create_operation, **request, ReturnSubscriptionArn=True)["SubscriptionArn"]
        return arn, self.read_existing(aws, arn)

    def read(self, aws: Clients, identity: str) -> Values | None:
        answer = aws.find(self.service, self.read_operation, self.missing, SubscriptionArn=identity)
        if answer is None:
            return None
        attributes = answer["Attributes"]
        outputs: Values = {key: attributes.get(member) for key, member in _SUBSCRIPTION_ATTRIBUTES.items()}
        outputs["rawMessageDelivery"] = attributes.get("RawMessageDelivery") == "true"
        return {
            **outputs,
            "arn": identity,
            "topic": attributes["TopicArn"],
            "protocol": attributes["Protocol"],
            "endpoint": attributes["Endpoint"],
            "ownerId": attributes["Owner"],
            "pendingConfirmation": attributes.get("PendingConfirmation") == "true",
            "region": aws.region,
        }

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        for key, member in _SUBSCRIPTION_ATTRIBUTES.items():
            if old.get(key) != new.get(key):
                attribute = {"AttributeName": member, "AttributeValue": _text(new.get(key) or "")}
                aws.call(self.service, "SetSubscriptionAttributes", SubscriptionArn=identity, **attribute)
        return self.read_existing(aws, identity)

    def key(self, identity: str) -> Values:
        return {"SubscriptionArn": identity}


class TopicPolicy(ResourceType):
    """Who may publish to a topic."""

    token = "aws:sns/topicPolicy:TopicPolicy"
    service = "sns"
    create_operation, read_operation, delete_operation = (
        "SetTopicAttributes",
        "GetTopicAttributes",
        "SetTopicAttributes",
    )
    identity = "arn"
    extra_inputs = frozenset({"arn", "policy"})
    mutable = ResourceType.mutable | {"policy"}
    missing = _MISSING

    def check(self, inputs: Values) -> list[Failure]:
        return [*self._lacking(inputs), *policy_documents.failures("policy", inputs.get("policy"))]

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        self._set(aws, inputs["arn"], inputs["policy"])
        return inputs["arn"], self.read_existing(aws, inputs["arn"])

    def read(self, aws: Clients, identity: str) -> Values | None:
        answer = aws.find(self.service, self.read_operation, self.missing, TopicArn=identity)
        if answer is None:
            return None
        attributes = answer["Attributes"]
        return {"arn": identity, "policy": attributes["Policy"], "owner": attributes["Owner"], "region": aws.region}

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        self._set(aws, identity, new["policy"])
        return self.read_existing(aws, identity)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        # A topic always has a policy; without this one it has the one that it was born with.
        there = self.read(aws, identity)
        if there is not None:
            self._set(aws, identity, _default_policy(identity, there["owner"]))

    def _set(self, aws: Clients, topic: str, policy: str) -> None:
        attribute = {"AttributeName": "Policy", "AttributeValue": policy}
        aws.call(self.service, "SetTopicAttributes", TopicArn=topic, **attribute)

    def _lacking(self, inputs: Values) -> Iterator[Failure]:
        for key in ("arn", "policy"):
            if inputs.get(key) is None:
                yield key, "is missing"


def _default_policy(topic: str, owner: str) -> str:
    """Returns what AWS gives to a new topic: its owner may do with it what topics are for."""
    actions = "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe"
    actions += " ListSubscriptionsByTopic Publish"
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions.split()],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
