"""A journal that cannot be used: missing, unreadable, newer than Sluice, refused or busy."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal import JournalError, JournalTooNew, JournalUnreadable
from sluice.rollout.journal_errors import JournalBusy, JournalDenied, JournalMissing
from sluice.rollout.journal_items import encode
from tests.components.conftest import ClientOf
from tests.support.movements import ENDPOINT, TABLE, hour, movement, with_table


@pytest.fixture
def dynamodb(client: ClientOf) -> Any:
    """A client, with an empty table as the component makes it."""
    return with_table(client("dynamodb"))


@pytest.fixture
def store(dynamodb: Any) -> DynamoJournal:
    return DynamoJournal(dynamodb, TABLE)


class Broken:
    """A client whose every call is refused with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def query(self, **_: Any) -> Any:
        raise self.error

    transact_write_items = query


def refused(code: str, operation: str = "Query", **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, **more}, operation)


def stored(dynamodb: Any, **change: Any) -> None:
    """Puts an item that is a movement but for a change; None takes an attribute away."""
    item = {**encode(movement()), **change}
    dynamodb.put_item(TableName=TABLE, Item={name: value for name, value in item.items() if value is not None})


def test_a_newer_schema_is_not_judged_by(store: DynamoJournal, dynamodb: Any) -> None:
    """It may say what this Sluice would overlook."""
    stored(dynamodb, schema={"N": "2"}, kind={"S": "hover"})
    for use in (store.read, store.last):
        with pytest.raises(
            JournalTooNew, match=r"movement 1 of digits-prod has schema 2, and.*up to 1; upgrade Sluice"
        ):
            use(ENDPOINT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"at": None}, "at is missing"),
        ({"at": {"S": "yesterday"}}, "at is 'yesterday'; allowed: a time with its zone"),
        ({"at": {"S": "2026-11-23T10:15:00"}}, "at is '2026-11-23T10:15:00'; allowed: a time with its zone"),
        ({"schema": {"S": "1"}}, "schema is '1', no number"),
        ({"schema": {"N": "0"}}, "schema is 0; allowed: a whole number, 1 or more"),
        ({"kind": {"S": "hover"}}, "kind is 'hover'; allowed: deploy, rise"),
        ({"actor": {"N": "5"}}, "actor is Decimal('5'), no text"),
        ({"actor": {"S": ""}}, "actor is ''; allowed: a text that is not empty"),
        ({"after": {"M": {"blue": {"S": "all"}}}}, "after.blue is 'all', no number"),
        ({"after": {"M": {"blue": {"N": "50"}}}}, "after sums to 50; traffic sums to 100"),
        ({"versions": {"M": {"blue": {"S": "v1"}}}}, "versions.blue is 'v1'; allowed: a digest and a label"),
        ({"evidence": {"M": {"gates": {"L": []}}}}, "evidence.gates is [], neither text nor number"),
        ({"evidence": {"L": []}}, "evidence is [], no map"),
        ({"rollback": {"S": "rb-1"}}, "rollback is 'rb-1'; only a movement of kind rollback has one"),
    ],
)
def test_an_item_that_is_no_movement_is_told(
    store: DynamoJournal, dynamodb: Any, change: dict[str, Any], reason: str
) -> None:
    """With the endpoint, the sequence, what is wrong and what to do."""
    stored(dynamodb, **change)
    with pytest.raises(JournalUnreadable) as caught:
        store.read(ENDPOINT)
    assert str(caught.value).startswith("movement 1 of digits-prod cannot be read: ")
    assert reason in str(caught.value)
    assert "restore the table" in str(caught.value)


def test_everything_that_is_wrong_with_an_item_is_told(store: DynamoJournal, dynamodb: Any) -> None:
    """And what a newer hand has added to it is not."""
    stored(dynamodb, at=None, kind={"S": "hover"}, note={"S": "hello"})
    with pytest.raises(JournalUnreadable, match=r"at is missing; kind is 'hover'"):
        store.read(ENDPOINT)


def test_an_item_that_was_taken_out_is_noticed(store: DynamoJournal, dynamodb: Any) -> None:
    """Whoever can delete one could otherwise hide a rollback."""
    for number in range(1, 4):
        store.append(movement(number))
    dynamodb.delete_item(TableName=TABLE, Key={"endpoint": {"S": ENDPOINT}, "sequence": {"N": "2"}})
    with pytest.raises(JournalUnreadable, match="movement 2 is missing, the next is 3"):
        store.read(ENDPOINT)


def uses(store: DynamoJournal) -> Iterator[Any]:
    yield lambda: store.read(ENDPOINT)
    yield lambda: store.last(ENDPOINT)
    yield lambda: store.append(movement(1))
    yield lambda: store.append(movement(2))
    yield lambda: store.retire(ENDPOINT, hour(500))


def test_a_journal_that_is_missing(dynamodb: Any) -> None:
    """Whatever is asked, the answer names the table and what makes one."""
    for use in [*uses(DynamoJournal(dynamodb, "elsewhere"))]:
        with pytest.raises(JournalMissing, match="there is no journal elsewhere here; deploy the component"):
            use()


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (refused("AccessDeniedException"), JournalDenied, "refuses Query: no; grant dynamodb:Query on the table"),
        (refused("ThrottlingException"), JournalBusy, "is busy (ThrottlingException): no; try again"),
        (refused("ProvisionedThroughputExceededException"), JournalBusy, "is busy"),
        (refused("InternalServerError"), JournalBusy, "is busy"),
        (refused("ValidationException"), JournalError, "Query on the journal movements failed: ValidationException"),
        (EndpointConnectionError(endpoint_url="https://x"), JournalBusy, "cannot be reached"),
    ],
    ids=lambda it: it.response["Error"]["Code"] if isinstance(it, ClientError) else None,
)
def test_what_aws_refuses_is_told_in_a_persons_words(error: Exception, kind: type[Exception], reason: str) -> None:
    """Reading and writing alike, and nothing of it is an answer."""
    for use in uses(DynamoJournal(Broken(error), TABLE)):
        with pytest.raises(JournalError) as caught:
            use()
        assert type(caught.value) is kind
        assert reason in str(caught.value)


def test_who_may_not_write_hears_what_to_grant(dynamodb: Any) -> None:
    """IAM knows no transactions, only what they consist of."""
    broken = Broken(refused("AccessDeniedException", "TransactWriteItems"))
    with pytest.raises(JournalDenied, match="grant dynamodb:PutItem, dynamodb:ConditionCheckItem and"):
        DynamoJournal(broken, TABLE).append(movement(1))


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_was_throttled_is_not_taken_for_a_lost_race(dynamodb: Any, code: str) -> None:
    """Nothing was written, by nobody."""
    reasons = [{"Code": "ConditionalCheckFailed"}, {"Code": code}]
    broken = Broken(refused("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons))
    with pytest.raises(JournalBusy, match=rf"the journal movements is busy \({code}\)"):
        DynamoJournal(broken, TABLE).append(movement(1))


def test_writers_that_get_in_each_others_way_try_again(dynamodb: Any) -> None:
    """A transaction that another one has stopped is no loss; after a while it is an error."""
    conflict = refused("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])

    class Crowded:
        left = 2

        def transact_write_items(self, **request: Any) -> Any:
            if self.left:
                self.left -= 1
                raise conflict
            return self.client.transact_write_items(**request)

        def __init__(self, client: Any) -> None:
            self.client, self.query = client, client.query

    assert DynamoJournal(Crowded(dynamodb), TABLE).append(movement(1)).sequence == 1
    crowded = Crowded(dynamodb)
    crowded.left = 100
    with pytest.raises(JournalBusy, match="others write to the journal of digits-prod all the time"):
        DynamoJournal(crowded, TABLE).append(movement(2))
