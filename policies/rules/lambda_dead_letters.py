"""Events that a Lambda could not work off are kept."""

from collections.abc import Iterator, Sequence

from kit import at, is_given, of_type, refers
from rule import Concern, Finding, Resource, Settings, StackRule

FUNCTION, INVOKED = "aws:lambda/function:Function", "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"


def _is_sent_elsewhere(function: Resource, stack: Sequence[Resource]) -> bool:
    return any(
        refers(it, "functionName", function, "name", "arn")
        and is_given(at(it.props, "destinationConfig.onFailure.destination"))
        for it in of_type(stack, INVOKED)
    )


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for resource in of_type(stack, FUNCTION):
        if not is_given(at(resource.props, "deadLetterConfig.targetArn")) and not _is_sent_elsewhere(resource, stack):
            yield Finding(resource, "deadLetterConfig.targetArn", "missing")


RULE = StackRule(
    id="lambda-dead-letters",
    concern=Concern.SECURITY,
    types=("aws:lambda/function:Function", "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"),
    reason="An alarm whose event is lost is a rollback that nobody made.",
    fix="set targetArn of deadLetterConfig to a queue, or declare a FunctionEventInvokeConfig with a destination "
    "on failure",
    covers=("CKV_AWS_116",),
    check=check,
)
