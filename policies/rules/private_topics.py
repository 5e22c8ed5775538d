"""Nobody from elsewhere may publish to a topic or a queue, or read from one."""

from collections.abc import Iterator

from public_access import public_statements
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for sid in public_statements(resource.props.get("policy")):
        yield Finding(resource, "policy", f"open to everybody in statement {sid}")


RULE = ResourceRule(
    id="private-topics",
    concern=Concern.SECURITY,
    types=(
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
        "aws:sqs/queuePolicy:QueuePolicy",
    ),
    reason="Who can publish to it can make an alarm, or drown one.",
    fix="name principals in the policy, or let a condition on aws:SourceAccount or aws:SourceArn say who may come",
    covers=("CKV_AWS_169", "CKV_AWS_168"),
    check=check,
)
