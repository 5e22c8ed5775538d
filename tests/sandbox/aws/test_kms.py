"""KMS: keys and their aliases."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.documents import document
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Props

OWNER = document("kms:*", "*", principal={"AWS": "arn:aws:iam::123456789012:root"})


def _alias(props: Props) -> pulumi.CustomResource:
    keys = [aws.kms.Key(f"key{number}", deletion_window_in_days=7) for number in range(2)]
    return aws.kms.Alias("it", target_key_id=keys[props["key"]].key_id, name=props["name"])


def _lose(client: Client, it: Any) -> None:
    client("kms").schedule_key_deletion(KeyId=it.id, PendingWindowInDays=7)


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:kms/key:Key",
            lambda props: aws.kms.Key("it", deletion_window_in_days=7, **props),
            {"description": "one", "enable_key_rotation": True},
            {
                "description": "two",
                "enable_key_rotation": True,
                "policy": OWNER,
                "tags": {"team": "ml"},
            },
            {"description": "one", "enable_key_rotation": True, "multi_region": True},
            lambda client, it: client("kms").disable_key_rotation(KeyId=it.id),
            _lose,
        ),
        Case(
            "aws:kms/key:Key",
            lambda props: aws.kms.Key("it", **props),
            {"enable_key_rotation": True},
            {"enable_key_rotation": False, "is_enabled": False, "deletion_window_in_days": 10},
            meddle=lambda client, it: client("kms").disable_key(KeyId=it.id),
            note="disabled",
        ),
        Case(
            "aws:kms/key:Key",
            lambda props: aws.kms.Key("it", **props),
            {"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"},
            replacing={"customer_master_key_spec": "ECC_NIST_P256", "key_usage": "SIGN_VERIFY"},
            note="that signs",
        ),
        Case(
            "aws:kms/alias:Alias",
            _alias,
            {"key": 0, "name": "alias/models"},
            {"key": 1, "name": "alias/models"},
            {"key": 0, "name": "alias/others"},
            lose=lambda client, it: client("kms").delete_alias(AliasName="alias/models"),
        ),
    ]


def test_a_deleted_key_waits_as_long_as_declared(sandbox: Sandbox, client: Client) -> None:
    """It can be saved until then."""
    stack = sandbox.stack(lambda: aws.kms.Key("it", deletion_window_in_days=9) and None, CONFIG)
    stack.up()
    stack.destroy()
    (key,) = client("kms").list_keys()["Keys"]
    described = client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert described["KeyState"] == "PendingDeletion"
    assert (described["DeletionDate"] - described["CreationDate"]).days in (8, 9)


def test_an_alias_without_a_name_gets_one(sandbox: Sandbox) -> None:
    """One that KMS takes."""

    def program() -> None:
        aws.kms.Alias("it", target_key_id=aws.kms.Key("key").key_id)

    stack = sandbox.stack(program, CONFIG)
    stack.up()
    (alias,) = [resource for resource in stack.state().resources if resource.name == "it"]
    assert alias.id.startswith("alias/it-")


def _window() -> None:
    aws.kms.Key("it", deletion_window_in_days=6)


def _period() -> None:
    aws.kms.Key("it", enable_key_rotation=True, rotation_period_in_days=90)


def _name() -> None:
    aws.kms.Alias("it", name="models", target_key_id="k")


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_window, "deletionWindowInDays", "is 6; allowed: 7 to 30"),
        (_period, "rotationPeriodInDays", "the sandbox's AWS does not support this property"),
        (_name, "name", "is 'models'; it must begin with alias/"),
    ],
)
def test_what_kms_would_refuse(sandbox: Sandbox, program: Any, path: str, reason: str) -> None:
    """A preview refuses it already."""
    assert f"property {path}: {reason}" in sandbox.stack(program, CONFIG).preview().errors()
