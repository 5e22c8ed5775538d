"""The journals of endpoints that are gone, and of those that come back."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal_errors import JournalBusy
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


class Meanwhile:
    """A client behind whose queries something happens."""

    def __init__(self, client: Any, happens: Any) -> None:
        self.client, self.happens = client, happens
        self.transact_write_items = client.transact_write_items

    def query(self, **request: Any) -> Any:
        answer = self.client.query(**request)
        self.happens()
        return answer


def test_a_retired_endpoints_journal_expires_as_a_whole(store: DynamoJournal, dynamodb: Any) -> None:
    """Until then it is read like any other, and from then on it is as if it had never been."""
    for number in range(1, 121):
        dynamodb.put_item(TableName=TABLE, Item=encode(movement(number)))
    store.retire(ENDPOINT, hour(500))
    items = dynamodb.query(**by_endpoint())["Items"]
    assert {it["expires"]["N"] for it in items} == {str(int(hour(500).timestamp()))}
    assert len(store.read(ENDPOINT)) == 120
    later = DynamoJournal(dynamodb, TABLE, now=lambda: hour(501))
    assert len(later.read(ENDPOINT)) == 0
    assert later.last(ENDPOINT) is None


def by_endpoint() -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "KeyConditionExpression": "endpoint = :e",
        "ExpressionAttributeValues": {":e": {"S": ENDPOINT}},
    }


def test_an_endpoint_that_comes_back_keeps_its_journal(store: DynamoJournal, dynamodb: Any) -> None:
    """Nothing expires while an endpoint refers to it."""
    store.append(movement(1))
    store.append(movement(2))
    store.retire(ENDPOINT, hour(500))
    store.append(movement(3))
    assert len(store.read(ENDPOINT)) == 3
    assert not any("expires" in it for it in dynamodb.query(**by_endpoint())["Items"])


def test_an_endpoint_that_comes_back_too_late_begins_anew(store: DynamoJournal, dynamodb: Any) -> None:
    """Even while DynamoDB, which takes days, has not deleted the old entries."""
    for number in range(1, 4):
        store.append(movement(number))
    store.retire(ENDPOINT, hour(500))
    later = DynamoJournal(dynamodb, TABLE, now=lambda: hour(501))
    for number in range(1, 3):
        again = movement(number, 25, at=hour(501), token=f"again-{number}")
        assert later.append(again) == again
        assert later.last(ENDPOINT) == again
    assert [it.token for it in later.read(ENDPOINT).movements] == ["again-1", "again-2"]


def test_nobody_retires_what_somebody_writes_to(store: DynamoJournal, dynamodb: Any) -> None:
    """Or the newest entries would outlive those before them."""
    store.append(movement(1))
    slow = DynamoJournal(Meanwhile(dynamodb, lambda: store.append(movement(2))), TABLE)
    with pytest.raises(JournalBusy, match="somebody writes to the journal of an endpoint that is retired"):
        slow.retire(ENDPOINT, hour(500))
    assert not any("expires" in it for it in dynamodb.query(**by_endpoint())["Items"])


def test_a_retirement_that_was_cut_off_is_seen_by_who_writes(store: DynamoJournal, dynamodb: Any) -> None:
    """Entries that were to expire stay: a journal is kept as a whole or not at all."""
    for number in range(1, 121):
        dynamodb.put_item(TableName=TABLE, Item=encode(movement(number)))
    with pytest.raises(JournalBusy):
        DynamoJournal(CutOff(dynamodb), TABLE).retire(ENDPOINT, hour(500))
    assert any("expires" in it for it in dynamodb.query(**by_endpoint())["Items"])
    store.append(movement(121))
    assert not any("expires" in it for it in dynamodb.query(**by_endpoint())["Items"])
    assert len(store.read(ENDPOINT)) == 121


class CutOff:
    """A client that cannot reach DynamoDB any more after its first write."""

    def __init__(self, client: Any) -> None:
        self.client, self.query, self.writes = client, client.query, 0

    def transact_write_items(self, **request: Any) -> Any:
        self.writes += 1
        if self.writes > 1:
            raise EndpointConnectionError(endpoint_url="https://x")
        return self.client.transact_write_items(**request)


def test_an_empty_journal_is_retired_at_once(store: DynamoJournal) -> None:
    """There is nothing to keep."""
    store.retire(ENDPOINT, hour(500))
    assert len(store.read(ENDPOINT)) == 0
