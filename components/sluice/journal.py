"""The component `RolloutJournal`: where it is kept what happened to endpoints' traffic."""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from sluice.args import ArgsModel
from sluice.errors import InvalidInput, Problem
from sluice.tags import identity_tags

_RECOVERY_DAYS = 35


class RolloutJournalArgs(ArgsModel):
    """How a journal is kept."""

    kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts it. Omitted: one of the journal's own, rotated yearly."""
    recovery_days: int | None = None
    """How far back its content can be restored to any second. Omitted: 35, the most that there is."""
    retention_days: int | None = None
    """How long the entries of an endpoint that is gone are kept. Omitted: for ever. Those of one that is there stay."""
    force_destroy: bool | None = None
    """Lets the journal be deleted with all that it holds. Omitted: false; neither Pulumi nor AWS deletes it."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class RolloutJournal(pulumi.ComponentResource):
    """
    A table of the movements of all endpoints' traffic: encrypted, restorable, billed by use.

    It is protected twice, because gates and rollbacks judge by it: Pulumi plans no deletion and AWS does none.
    """

    table_name: pulumi.Output[str]
    """The table."""
    table_arn: pulumi.Output[str]
    """Its ARN."""
    key_arn: pulumi.Output[str]
    """The key that encrypts it; whoever reads or writes it may use this key."""
    retention_days: pulumi.Output[int | None]
    """How long the entries of an endpoint that is gone are kept; nothing for ever."""

    def __init__(self, name: str, args: RolloutJournalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"RolloutJournal {name!r}"
        args = RolloutJournalArgs.parse(subject, args)
        if problems := list(_problems(args)):
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:RolloutJournal", name, {}, opts)

        self._name, self._tags = name, identity_tags("RolloutJournal", name, args.tags)
        self.key_arn = pulumi.Output.from_input(args.kms_key_arn) if args.kms_key_arn is not None else self._key()
        table = self._table(args)
        self.table_name, self.table_arn = table.name, table.arn
        self.retention_days = pulumi.Output.from_input(args.retention_days)
        self.register_outputs(
            {
                "tableName": self.table_name,
                "tableArn": self.table_arn,
                "keyArn": self.key_arn,
                "retentionDays": self.retention_days,
            }
        )

    def _key(self) -> pulumi.Output[str]:
        key = aws.kms.Key(
            self._name,
            description=f"Rollout journal {self._name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.kms.Alias(self._name, target_key_id=key.key_id, opts=pulumi.ResourceOptions(parent=self))
        return key.arn

    def _table(self, args: RolloutJournalArgs) -> aws.dynamodb.Table:
        kept = not args.force_destroy
        days = _RECOVERY_DAYS if args.recovery_days is None else args.recovery_days
        return aws.dynamodb.Table(
            self._name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="endpoint",
            range_key="sequence",
            attributes=[
                aws.dynamodb.TableAttributeArgs(name="endpoint", type="S"),
                aws.dynamodb.TableAttributeArgs(name="sequence", type="N"),
            ],
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
                enabled=True, recovery_period_in_days=days
            ),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=self.key_arn),
            deletion_protection_enabled=kept,
            # Entries say themselves when they may go, and none does before its endpoint is gone.
            ttl=aws.dynamodb.TableTtlArgs(enabled=args.retention_days is not None, attribute_name="expires"),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, protect=kept),
        )


def _problems(args: RolloutJournalArgs) -> Iterator[Problem]:
    if args.recovery_days is not None and not 1 <= args.recovery_days <= _RECOVERY_DAYS:
        yield Problem("recovery_days", f"is {args.recovery_days}; allowed 1 to {_RECOVERY_DAYS}")
    if args.retention_days is not None and args.retention_days < 1:
        yield Problem("retention_days", f"is {args.retention_days}; allowed 1 or more; leave it out to keep all")
