"""Journals for tests: movements of an endpoint with the slots blue and green, an hour apart."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.rollout.journal import History
from sluice.rollout.movement import Kind, Movement, Served

START = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
ENDPOINT = "digits-prod"
TABLE = "movements"


def hour(number: int) -> datetime:
    """Returns when the movement of that sequence was made."""
    return START + timedelta(hours=number)


def movement(sequence: int = 1, green: Any = 0, was: Any = 0, *, version: str = "v2", **more: Any) -> Movement:
    """Returns a movement of green's share, in percent; blue has the rest and `v1`."""
    given: dict[str, Any] = {
        "endpoint": ENDPOINT,
        "sequence": sequence,
        "at": hour(sequence),
        "actor": "ci",
        "kind": Kind.RISE,
        "versions": {"blue": Served("v1", "digits@1"), "green": Served(version, f"digits@{version[1:]}")},
        "before": {"blue": 100 - was, "green": was},
        "after": {"blue": 100 - green, "green": green},
        "baseline": "blue",
        "reason": "the next rung",
        "token": f"t{sequence}",
    }
    return Movement(**{**given, **more})


def history(*movements: Movement) -> History:
    """Returns the history of those."""
    return History(ENDPOINT, movements)


def with_table(dynamodb: Any) -> Any:
    """Returns a client that has an empty journal, TABLE, with the keys that the component gives it."""
    keys = {"endpoint": ("HASH", "S"), "sequence": ("RANGE", "N")}
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": role} for name, (role, _) in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, (_, kind) in keys.items()],
    )
    return dynamodb
