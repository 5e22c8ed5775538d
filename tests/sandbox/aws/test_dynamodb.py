"""DynamoDB: tables."""

from pathlib import Path
from typing import Any

import boto3
import pulumi
import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.life_cycle import CONFIG, REGION, Case, Client, LifeCycle, Props

BY_ENDPOINT: Props = {"hash_key": "endpoint", "attributes": [{"name": "endpoint", "type": "S"}]}
NUMBERED: Props = {
    "hash_key": "endpoint",
    "range_key": "sequence",
    "attributes": [{"name": "endpoint", "type": "S"}, {"name": "sequence", "type": "N"}],
}
ON_DEMAND: Props = {**BY_ENDPOINT, "billing_mode": "PAY_PER_REQUEST"}


def _table(props: Props) -> pulumi.CustomResource:
    return aws.dynamodb.Table("it", **props)


def _encrypted(props: Props) -> pulumi.CustomResource:
    keys = [aws.kms.Key(f"key{number}") for number in range(2)]
    encryption = {"enabled": True, "kms_key_arn": keys[props["key"]].arn}
    return aws.dynamodb.Table("it", **ON_DEMAND, server_side_encryption=encryption)  # type: ignore[arg-type]


def _forget(client: Client, it: Any) -> None:
    client("dynamodb").update_continuous_backups(
        TableName=it.id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:dynamodb/table:Table",
            _table,
            {**ON_DEMAND, "point_in_time_recovery": {"enabled": True}, "tags": {"team": "ml"}},
            {
                **ON_DEMAND,
                "point_in_time_recovery": {"enabled": True, "recovery_period_in_days": 7},
                "ttl": {"enabled": True, "attribute_name": "expires"},
                "stream_enabled": True,
                "stream_view_type": "NEW_IMAGE",
                "tags": {f"tag{number}": "x" for number in range(12)},
            },
            {**NUMBERED, "billing_mode": "PAY_PER_REQUEST", "point_in_time_recovery": {"enabled": True}},
            _forget,
            lambda client, it: client("dynamodb").delete_table(TableName=it.id),
        ),
        Case(
            "aws:dynamodb/table:Table",
            _table,
            {**NUMBERED, "read_capacity": 5, "write_capacity": 1},
            {**NUMBERED, "billing_mode": "PAY_PER_REQUEST"},
            {
                "hash_key": "endpoint",
                "attributes": [{"name": "endpoint", "type": "B"}],
                "read_capacity": 5,
                "write_capacity": 1,
            },
            lambda client, it: client("dynamodb").update_table(
                TableName=it.id, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}
            ),
            note="with capacity of its own",
        ),
        Case(
            "aws:dynamodb/table:Table",
            _table,
            {**ON_DEMAND, "ttl": {"enabled": True, "attribute_name": "expires"}},
            {**ON_DEMAND, "ttl": {"enabled": False, "attribute_name": "expires"}},
            {**ON_DEMAND, "name": "other", "ttl": {"enabled": True, "attribute_name": "expires"}},
            lambda client, it: client("dynamodb").update_time_to_live(
                TableName=it.id, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"}
            ),
            note="that forgets",
        ),
        Case("aws:dynamodb/table:Table", _encrypted, {"key": 0}, {"key": 1}, note="with a key of the account"),
        Case(
            "aws:dynamodb/table:Table",
            _table,
            {**ON_DEMAND, "server_side_encryption": {"enabled": True}},
            ON_DEMAND,
            note="with the service's key",
        ),
    ]


def test_a_protected_table_is_deleted_once_its_protection_is_gone(sandbox: Sandbox, client: Client) -> None:
    """As AWS has it: the protection has to be taken away by an update of its own."""
    protection = {"deletion_protection_enabled": True}
    stack = sandbox.stack(lambda: aws.dynamodb.Table("it", **ON_DEMAND, **protection) and None, CONFIG)
    stack.up()
    with pytest.raises(UpdateFailed, match="can't be deleted while DeletionProtectionEnabled is set to True"):
        stack.destroy()
    assert len(client("dynamodb").list_tables()["TableNames"]) == 1
    protection["deletion_protection_enabled"] = False
    stack.up()
    stack.destroy()
    assert client("dynamodb").list_tables()["TableNames"] == []


WRONG: dict[str, tuple[Props, str, str]] = {
    "an attribute that is no key": (
        {**ON_DEMAND, "attributes": [{"name": "endpoint", "type": "S"}, {"name": "at", "type": "S"}]},
        "attributes",
        "has at, which is no key",
    ),
    "a key that is no attribute": (
        {**ON_DEMAND, "range_key": "sequence"},
        "rangeKey",
        "is 'sequence', which is no attribute; attributes are: endpoint",
    ),
    "a type that there is not": (
        {**ON_DEMAND, "attributes": [{"name": "endpoint", "type": "TEXT"}]},
        "attributes[0].type",
        "is 'TEXT'; AWS says: Member must satisfy enum value set: [S, N, B]",
    ),
    "no capacity": (BY_ENDPOINT, "readCapacity", "is missing; a table of billing mode PROVISIONED needs 1 or more"),
    "capacity on demand": ({**ON_DEMAND, "read_capacity": 5}, "readCapacity", "is 5; a table that is billed per req"),
    "a stream of nothing": ({**ON_DEMAND, "stream_enabled": True}, "streamViewType", "is missing; a stream that is"),
    "too long a way back": (
        {**ON_DEMAND, "point_in_time_recovery": {"enabled": True, "recovery_period_in_days": 36}},
        "pointInTimeRecovery.recoveryPeriodInDays",
        "is 36; allowed: 1 to 35",
    ),
    "a time to live of nothing": ({**ON_DEMAND, "ttl": {"enabled": True}}, "ttl.attributeName", "is missing; a time"),
    "what moto forgets": (
        {**ON_DEMAND, "table_class": "STANDARD_INFREQUENT_ACCESS"},
        "tableClass",
        "the sandbox's AWS does not support this property",
    ),
}


@pytest.mark.parametrize(("props", "path", "reason"), WRONG.values(), ids=WRONG)
def test_what_dynamodb_would_refuse(sandbox: Sandbox, props: Props, path: str, reason: str) -> None:
    """A preview refuses it already."""
    errors = sandbox.stack(lambda: _table(props) and None, CONFIG).preview().errors()
    assert f"property {path}: {reason}" in errors


@pytest.fixture
def table(client: Client) -> Any:
    """A client, with the table `t` by the key `k`."""
    return _made(client("dynamodb"))


def _made(dynamodb: Any) -> Any:
    dynamodb.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    return dynamodb


def test_a_time_to_live_is_switched_once(table: Any) -> None:
    """AWS refuses to enable what is enabled, and to change the attribute; moto would have accepted it."""
    setting: Any = {"TableName": "t", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires"}}
    table.update_time_to_live(**setting)
    with pytest.raises(ClientError, match="TimeToLive is already enabled"):
        table.update_time_to_live(**setting)
    setting["TimeToLiveSpecification"]["AttributeName"] = "until"
    with pytest.raises(ClientError, match="active on a different AttributeName: current AttributeName is expires"):
        table.update_time_to_live(**setting)
    setting["TimeToLiveSpecification"] = {"Enabled": False, "AttributeName": "expires"}
    table.update_time_to_live(**setting)
    with pytest.raises(ClientError, match="TimeToLive is already disabled"):
        table.update_time_to_live(**setting)


def test_of_two_writes_on_one_condition_the_second_is_refused(table: Any) -> None:
    """What is there already is not written over, in a single write and within a transaction."""
    put: Any = {"Item": {"k": {"S": "one"}, "by": {"S": "first"}}, "ConditionExpression": "attribute_not_exists(k)"}
    table.put_item(TableName="t", **put)
    put["Item"] = {"k": {"S": "one"}, "by": {"S": "second"}}
    with pytest.raises(ClientError) as single:
        table.put_item(TableName="t", **put)
    assert single.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    with pytest.raises(ClientError) as several:
        table.transact_write_items(TransactItems=[_putting("two"), {"Put": {"TableName": "t", **put}}])
    assert several.value.response["Error"]["Code"] == "TransactionCanceledException"
    codes = [it["Code"] for it in several.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    (item,) = table.scan(TableName="t", ConsistentRead=True)["Items"]
    assert item["by"] == {"S": "first"}


def test_a_transaction_checks_what_it_does_not_write(table: Any) -> None:
    """All of it happens, or nothing."""
    check = {"TableName": "t", "Key": {"k": {"S": "one"}}, "ConditionExpression": "attribute_exists(k)"}
    writes = [{"ConditionCheck": check}, _putting("two")]
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        table.transact_write_items(TransactItems=writes)
    table.put_item(TableName="t", Item={"k": {"S": "one"}})
    table.transact_write_items(TransactItems=writes)
    assert {it["k"]["S"] for it in table.scan(TableName="t")["Items"]} == {"one", "two"}


def _putting(key: str) -> dict[str, Any]:
    return {"Put": {"TableName": "t", "Item": {"k": {"S": key}}}}


def _filled(server: Aws) -> Any:
    """Returns a client of a server, which has the table with content and every setting."""
    table = _made(_client(server))
    table.update_table(TableName="t", DeletionProtectionEnabled=True)
    table.update_table(TableName="t", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    table.update_time_to_live(TableName="t", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    table.update_continuous_backups(
        TableName="t", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    table.put_item(TableName="t", Item={"k": {"S": "large"}, "text": {"S": "x" * 20_000}, "n": {"N": "0.0081"}})
    table.transact_write_items(TransactItems=[_putting("one"), _putting("two")])
    check = {"TableName": "t", "Key": {"k": {"S": "none"}}, "ConditionExpression": "attribute_exists(k)"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        table.transact_write_items(TransactItems=[_putting("three"), {"ConditionCheck": check}])
    return table


def _client(server: Aws) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id="somebody",
        aws_secret_access_key="else",
    )


def _content(table: Any) -> Any:
    asked = (table.describe_table, table.describe_time_to_live, table.describe_continuous_backups, table.scan)
    told = [ask(TableName="t") for ask in asked]
    return [{key: value for key, value in answer.items() if key != "ResponseMetadata"} for answer in told]


def test_a_tables_content_outlives_its_server(tmp_path: Path) -> None:
    """What was put, what a transaction wrote and what it did not, settings and protection."""
    home = tmp_path / "aws"
    try:
        before = _content(_filled(supervisor.start(home)))
        assert [it["k"]["S"] for it in before[3]["Items"]] == ["large", "one", "two"]
        supervisor.stop(home)
        assert _content(_client(supervisor.start(home))) == before
    finally:
        supervisor.stop(home)
