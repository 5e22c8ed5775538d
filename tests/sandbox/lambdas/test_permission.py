"""Who may invoke a function or publish to a topic."""

from typing import Any

import pytest

from sluice_sandbox.lambdas.permission import permits

SERVICE, ACTION = "lambda.alarms.cloudwatch.amazonaws.com", "lambda:InvokeFunction"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:f"
ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"
SOURCE = {"aws:sourcearn": ALARM, "aws:sourceaccount": "123456789012"}


def _statement(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": ACTION, "Resource": FUNCTION, **more}


def _permitted(*statements: dict[str, Any]) -> bool:
    return permits(statements, SERVICE, ACTION, FUNCTION, SOURCE)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Action": "lambda:*"},
        {"Action": ["lambda:GetFunction", "LAMBDA:invokefunction"]},
        {"Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": ALARM}}},
        {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*"}}},
        {"Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}},
    ],
)
def test_what_lets_an_alarm_in(more: dict[str, Any]) -> None:
    """A statement that names the service, the action and the resource, and whose conditions are met."""
    assert _permitted(_statement(**more))


@pytest.mark.parametrize(
    "more",
    [
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Principal": {"AWS": "123456789012"}},
        {"Action": "lambda:GetFunction"},
        {"Resource": FUNCTION + ":1"},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"AWS:SourceAccount": "210987654321"}}},
        {"Condition": {"ArnLike": {"AWS:SourceArn": ALARM + "-2"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Condition": {"NumericLessThan": {"aws:sourceaccount": "1"}}},
    ],
)
def test_what_does_not(more: dict[str, Any]) -> None:
    """Another service, action, resource or source, and a condition that cannot be judged."""
    assert not _permitted(_statement(**more))


def test_a_denial_wins() -> None:
    """Whatever else allows it."""
    assert not _permitted(_statement(), _statement(Effect="Deny", Principal="*"))
    assert not _permitted()
