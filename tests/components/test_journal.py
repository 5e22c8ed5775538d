"""The journal's table, from creation to destruction, and what is kept in it."""

from typing import Any

import pulumi
import pytest

from sluice.errors import InvalidInput
from sluice.journal import RolloutJournal, RolloutJournalArgs
from sluice.rollout.dynamodb import EXPIRES, DynamoJournal
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import ClientOf, Deploy
from tests.support.movements import ENDPOINT, movement


class Journal:
    """A stack with a journal, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, **args: Any) -> None:
        self.args = args
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        journal = RolloutJournal("movements", self.args)  # type: ignore[arg-type]
        pulumi.export("table", journal.table_name)
        pulumi.export("arn", journal.table_arn)
        pulumi.export("key", journal.key_arn)

    def up(self) -> Result:
        return self.stack.up()


def described(client: ClientOf, table: str) -> dict[str, Any]:
    told: dict[str, Any] = client("dynamodb").describe_table(TableName=table)["Table"]
    return told


def recovery(client: ClientOf, table: str) -> dict[str, Any]:
    told = client("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    found: dict[str, Any] = told["PointInTimeRecoveryDescription"]
    return found


def test_a_journal_is_encrypted_restorable_protected_and_billed_by_use(deploy: Deploy, client: ClientOf) -> None:
    """What AWS then says of the table is what the component promises."""
    journal = Journal(deploy)
    assert not journal.stack.preview().errors()
    outputs = journal.up().outputs
    table = described(client, outputs["table"])
    assert table["TableArn"] == outputs["arn"]
    assert table["KeySchema"] == [
        {"AttributeName": "endpoint", "KeyType": "HASH"},
        {"AttributeName": "sequence", "KeyType": "RANGE"},
    ]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"]
    assert table["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": outputs["key"]}
    assert client("kms").get_key_rotation_status(KeyId=outputs["key"])["KeyRotationEnabled"]
    assert recovery(client, outputs["table"])["PointInTimeRecoveryStatus"] == "ENABLED"
    assert recovery(client, outputs["table"])["RecoveryPeriodInDays"] == 35
    ttl = client("dynamodb").describe_time_to_live(TableName=outputs["table"])["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "DISABLED"


def test_a_journal_stays_as_it_is(deploy: Deploy) -> None:
    """A second update and a refresh find nothing to do."""
    journal = Journal(deploy)
    journal.up()
    assert not journal.stack.refresh().changed
    assert not journal.up().changed


def test_a_given_key_encrypts_and_no_other_is_made(deploy: Deploy, client: ClientOf) -> None:
    """The key of the user's choice is what the table names."""
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    outputs = Journal(deploy, kms_key_arn=key).up().outputs
    assert described(client, outputs["table"])["SSEDescription"]["KMSMasterKeyArn"] == key
    assert outputs["key"] == key
    assert [it["KeyArn"] for it in client("kms").list_keys()["Keys"]] == [key]


def test_entries_may_expire_on_request_alone(deploy: Deploy, client: ClientOf) -> None:
    """By the attribute that the writer sets when an endpoint is gone; leaving the argument out stops that."""
    journal = Journal(deploy, retention_days=400)
    table = journal.up().outputs["table"]
    ask = client("dynamodb").describe_time_to_live
    told = ask(TableName=table)["TimeToLiveDescription"]
    assert (told["TimeToLiveStatus"], told["AttributeName"]) == ("ENABLED", EXPIRES)
    journal.args = {}
    assert journal.up().outputs["table"] == table
    assert ask(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"
    assert not journal.up().changed


def test_a_shorter_way_back_is_an_update(deploy: Deploy, client: ClientOf) -> None:
    """The table stays, with what it holds."""
    journal = Journal(deploy)
    table = journal.up().outputs["table"]
    DynamoJournal(client("dynamodb"), table).append(movement())
    journal.args = {"recovery_days": 7, "tags": {"team": "ml"}}
    assert journal.up().outputs["table"] == table
    assert recovery(client, table)["RecoveryPeriodInDays"] == 7
    assert len(DynamoJournal(client("dynamodb"), table).read(ENDPOINT)) == 1


def test_tags_tell_what_it_is_part_of(deploy: Deploy, client: ClientOf) -> None:
    """The user's stand beside the component's, and cannot take their place."""
    arn = Journal(deploy, tags={"team": "ml", "sluice:component": "mine"}).up().outputs["arn"]
    tags = {tag["Key"]: tag["Value"] for tag in client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"]}
    assert tags["team"] == "ml"
    assert tags["sluice:component"] == "RolloutJournal"
    assert tags["sluice:name"] == "movements"


@pytest.mark.parametrize("preview", [True, False])
def test_a_protected_journal_is_not_destroyed(deploy: Deploy, client: ClientOf, preview: bool) -> None:
    """A preview refuses it already, by name; what it holds can be read on, and AWS would refuse as well."""
    journal = Journal(deploy)
    table = journal.up().outputs["table"]
    DynamoJournal(client("dynamodb"), table).append(movement())
    with pytest.raises(UpdateFailed, match=r"Table::movements\" cannot be deleted\s+because it is protected"):
        journal.stack.destroy(preview=preview)
    assert len(DynamoJournal(client("dynamodb"), table).read(ENDPOINT)) == 1
    (key,) = client("kms").list_keys()["Keys"]
    assert client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
    with pytest.raises(client("dynamodb").exceptions.ClientError, match="DeletionProtectionEnabled"):
        client("dynamodb").delete_table(TableName=table)


def test_a_journal_is_destroyed_by_who_said_so_before(deploy: Deploy, client: ClientOf) -> None:
    """`force_destroy` takes both protections away, with an update of its own."""
    journal = Journal(deploy)
    table = journal.up().outputs["table"]
    DynamoJournal(client("dynamodb"), table).append(movement())
    journal.args = {"force_destroy": True}
    journal.up()
    journal.stack.destroy()
    assert journal.stack.state().resources == []
    assert client("dynamodb").list_tables()["TableNames"] == []


def test_a_lost_journal_is_seen(deploy: Deploy, client: ClientOf) -> None:
    """A refresh forgets the table, the next update makes another, empty one."""
    journal = Journal(deploy, force_destroy=True)
    table = journal.up().outputs["table"]
    client("dynamodb").delete_table(TableName=table)
    journal.stack.refresh()
    again = journal.up().outputs["table"]
    assert len(DynamoJournal(client("dynamodb"), again).read(ENDPOINT)) == 0


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"recovery_days": 36}, "recovery_days is 36; allowed 1 to 35"),
        ({"recovery_days": 0}, "recovery_days is 0; allowed 1 to 35"),
        ({"retention_days": 0}, "retention_days is 0; allowed 1 or more; leave it out to keep all"),
        ({"retention": 5}, "retention is not known here; did you mean 'retentionDays'?"),
    ],
)
def test_what_cannot_be_is_refused(deploy: Deploy, args: dict[str, Any], reason: str) -> None:
    """Before anything is made, with the journal's name."""
    errors = Journal(deploy, **args).stack.preview().errors()
    assert "RolloutJournal 'movements': 1 problem" in errors
    assert reason in errors


def test_arguments_are_checked_by_themselves() -> None:
    """A program may make them before it has a journal."""
    with pytest.raises(InvalidInput, match="recovery_days"):
        RolloutJournalArgs(recovery_days="many")  # type: ignore[arg-type]
