"""CloudWatch Logs: log groups."""

import pulumi
import pulumi_aws as aws

from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle

GROUP = "aws:cloudwatch/logGroup:LogGroup"


class TestLife(LifeCycle):
    cases = [
        Case(
            GROUP,
            lambda props: aws.cloudwatch.LogGroup("it", **props),
            {"retention_in_days": 7},
            {"retention_in_days": 30, "tags": {"team": "ml"}},
            {"retention_in_days": 7, "name": "/other"},
            lambda client, it: client("logs").put_retention_policy(logGroupName=it.id, retentionInDays=1),
            lambda client, it: client("logs").delete_log_group(logGroupName=it.id),
        ),
        Case(
            GROUP,
            lambda props: aws.cloudwatch.LogGroup("it", kms_key_id=aws.kms.Key("key").arn, **props),
            {"retention_in_days": 0},
            note="encrypted",
        ),
    ]


def test_a_group_that_keeps_for_ever_again(sandbox: Sandbox, client: Client) -> None:
    """A retention that is no longer declared is taken away."""
    days: dict[str, int] = {"retention_in_days": 7}
    stack = sandbox.stack(lambda: aws.cloudwatch.LogGroup("it", name="/group", **days) and None, CONFIG)
    stack.up()
    days.clear()
    stack.up()
    (group,) = client("logs").describe_log_groups()["logGroups"]
    assert "retentionInDays" not in group


def test_what_is_not_kept_is_refused(sandbox: Sandbox) -> None:
    """Rather than ignored."""

    def program() -> None:
        aws.cloudwatch.LogGroup("it", log_group_class="INFREQUENT_ACCESS")

    errors = sandbox.stack(program, CONFIG).preview().errors()
    assert "property logGroupClass: the sandbox's AWS does not support this property" in errors


def test_retention_is_one_of_those_that_there_are(sandbox: Sandbox) -> None:
    """CloudWatch Logs knows certain numbers of days."""

    def program() -> None:
        aws.cloudwatch.LogGroup("it", retention_in_days=8)

    errors = sandbox.stack(program, CONFIG).preview().errors()
    assert "property retentionInDays: is 8" in errors
    assert "allowed: 0, 1, 3, 5, 7" in errors


def test_groups_that_begin_alike(sandbox: Sandbox) -> None:
    """A group is not taken for another whose name begins with its own."""

    def program() -> None:
        longer = aws.cloudwatch.LogGroup("longer", name="/app-old", retention_in_days=1)
        aws.cloudwatch.LogGroup(
            "it", name="/app", retention_in_days=30, opts=pulumi.ResourceOptions(depends_on=[longer])
        )

    stack = sandbox.stack(program, CONFIG)
    stack.up()
    assert not stack.refresh().changed
