"""The journal in DynamoDB. boto3 and the standard library only, for Lambda."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from sluice.rollout.journal import History
from sluice.rollout.journal_errors import JournalBusy, JournalConflict, JournalGap, explained, refusals
from sluice.rollout.journal_items import Item, decode, encode
from sluice.rollout.movement import Movement

EXPIRES = "expires"
"""The attribute that says, in seconds since 1970, when an item of a retired endpoint may go."""
_TRIES = 5
_CHUNK = 100
"""The most that a transaction of DynamoDB takes."""
_NAMES = {"#endpoint": "endpoint", "#expires": EXPIRES}

Decide = Callable[[History], Movement | None]
"""Returns the movement that follows from a history, or None for none."""


def _now() -> datetime:
    return datetime.now(UTC)


class DynamoJournal:
    """
    The journals of all endpoints in one table.

    A movement is written only behind the one before it, so that there are no gaps and of two writers one loses.
    Every method raises JournalMissing, JournalDenied, JournalBusy, JournalTooNew or JournalUnreadable.
    """

    def __init__(self, client: Any, table: str, now: Callable[[], datetime] = _now) -> None:
        """`client` is boto3's of DynamoDB, `table` the table's name or ARN; `now` tells which items have expired."""
        self._client, self._table, self._now = client, table, now

    def read(self, endpoint: str) -> History:
        """Returns everything that happened to an endpoint, up to date."""
        return History(endpoint, tuple(map(decode, self._items(endpoint))))

    def last(self, endpoint: str) -> Movement | None:
        """Returns the newest movement, in one call, or None when there is none."""
        newest = next(self._query(endpoint, ScanIndexForward=False, Limit=1), None)
        if newest is None:
            return None
        if not self._is_gone(newest):
            return decode(newest)
        # An endpoint's name has come back: behind its new items there are old ones that DynamoDB has yet to delete.
        return self.read(endpoint).last

    def append(self, movement: Movement) -> Movement:
        """
        Writes a movement in one call, and returns what is written: for a second try of one token the first try's.

        Raises JournalConflict when that sequence is taken, and JournalGap when the one before it is missing.
        """
        for _ in range(_TRIES):
            if self._put(movement):
                return movement
            written = [decode(it) for it in self._items(movement.endpoint, movement.sequence)]
            if mine := next((it for it in written if it.token == movement.token), None):
                return mine
            if written:
                raise JournalConflict(movement, written)
            self._make_way(movement)
        raise JournalBusy(f"others write to the journal of {movement.endpoint} all the time; try again")

    def record(self, endpoint: str, token: str, decide: Decide) -> Movement | None:
        """
        Writes what is decided from the history, and decides again when somebody else was quicker.

        Returns what is written: for a token that is in the journal already that movement, without deciding.
        Raises JournalConflict when others are quicker again and again.
        """
        for attempt in range(_TRIES):
            history = self.read(endpoint)
            if (mine := history.with_token(token)) is not None:
                return mine
            movement = decide(history)
            if movement is None:
                return None
            try:
                return self.append(replace(movement, token=token))
            except JournalConflict:
                if attempt == _TRIES - 1:
                    raise
        return None

    def retire(self, endpoint: str, until: datetime) -> None:
        """
        Lets DynamoDB delete an endpoint's journal after a time, because the endpoint is gone.

        Whoever writes to it before then keeps it: nothing expires while an endpoint refers to it.
        Raises JournalBusy when somebody writes meanwhile.
        """
        items = self._items(endpoint)
        if not items:
            return
        # The newest first, because that one tells a writer.
        self._mark([items[-1], *items[:-1]], int(until.timestamp()), after=int(items[-1]["sequence"]["N"]) + 1)

    def _make_way(self, movement: Movement) -> None:
        """Finds out why a movement could not be written although its place is free, and makes that better."""
        items = self._items(movement.endpoint)
        newest = int(items[-1]["sequence"]["N"]) if items else 0
        if newest + 1 < movement.sequence:
            raise JournalGap(
                f"movement {movement.sequence} of {movement.endpoint} follows none: the newest is {newest}; read the "
                "journal again and decide again"
            )
        if any(EXPIRES in it for it in items):
            self._mark(items, None, after=None)

    def _put(self, movement: Movement) -> bool:
        """Writes a movement, and returns whether its place was free and the one before it there, in the same moment."""
        put = {
            "TableName": self._table,
            "Item": encode(movement),
            "ConditionExpression": "attribute_not_exists(#endpoint) OR #expires <= :now",
            "ExpressionAttributeNames": _NAMES,
            "ExpressionAttributeValues": {":now": {"N": str(int(self._now().timestamp()))}},
        }
        before = {
            "TableName": self._table,
            "Key": _key(movement.endpoint, movement.sequence - 1),
            "ConditionExpression": "attribute_exists(#endpoint) AND attribute_not_exists(#expires)",
            "ExpressionAttributeNames": _NAMES,
        }
        check = [{"ConditionCheck": before}] if movement.sequence > 1 else []
        return self._transact([*check, {"Put": put}])

    def _mark(self, items: list[Item], expires: int | None, after: int | None) -> None:
        """Sets or takes away when items expire, in order; nothing must be numbered `after`."""
        for start in range(0, len(items), _CHUNK - 1):
            chunk = [self._marking(it, expires) for it in items[start : start + _CHUNK - 1]]
            if after is not None and start == 0:
                chunk.append({"ConditionCheck": self._free(items[0]["endpoint"]["S"], after)})
            if not self._transact(chunk):
                raise JournalBusy("somebody writes to the journal of an endpoint that is retired; try again")

    def _marking(self, item: Item, expires: int | None) -> dict[str, Any]:
        update = {
            "TableName": self._table,
            "Key": {name: item[name] for name in ("endpoint", "sequence")},
            "UpdateExpression": "REMOVE #expires",
            "ConditionExpression": "attribute_exists(#endpoint)",
            "ExpressionAttributeNames": _NAMES,
        }
        if expires is not None:
            update |= {
                "UpdateExpression": "SET #expires = :expires",
                "ExpressionAttributeValues": {":expires": {"N": str(expires)}},
            }
        return {"Update": update}

    def _free(self, endpoint: str, sequence: int) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "Key": _key(endpoint, sequence),
            "ConditionExpression": "attribute_not_exists(#endpoint) OR attribute_exists(#expires)",
            "ExpressionAttributeNames": _NAMES,
        }

    def _transact(self, writes: list[dict[str, Any]]) -> bool:
        """Writes all or nothing, and returns whether; False means that a condition was not met or somebody wrote."""
        with explained(self._table):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except ClientError as error:
                reasons = refusals(error)
                if not reasons or not reasons <= {"ConditionalCheckFailed", "TransactionConflict"}:
                    raise
                return False
        return True

    def _items(self, endpoint: str, since: int = 1) -> list[Item]:
        return [it for it in self._query(endpoint, since) if not self._is_gone(it)]

    def _query(self, endpoint: str, since: int = 1, **options: Any) -> Iterator[Item]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#endpoint = :endpoint AND #sequence >= :since",
            "ExpressionAttributeNames": {"#endpoint": "endpoint", "#sequence": "sequence"},
            "ExpressionAttributeValues": {":endpoint": {"S": endpoint}, ":since": {"N": str(since)}},
            **options,
        }
        with explained(self._table):
            while True:
                page = self._client.query(**request)
                yield from page["Items"]
                if "LastEvaluatedKey" not in page or "Limit" in options:
                    return
                request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _is_gone(self, item: Item) -> bool:
        # DynamoDB deletes within days, and until then tells what has expired like everything else.
        return EXPIRES in item and int(item[EXPIRES]["N"]) <= self._now().timestamp()


def _key(endpoint: str, sequence: int) -> Item:
    return {"endpoint": {"S": endpoint}, "sequence": {"N": str(sequence)}}
