"""A stack's configuration, read by a program."""

from typing import Any

import pytest

from sluice import EndpointSettings, PinnedVersionArgs, read_settings
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox

SLOT = {"version": "digits@2", "instanceType": "ml.m5.large"}
GOOD = {"variants": {"blue": SLOT}, "traffic": {"blue": 100}}


def read(sandbox: Sandbox, **config: Any) -> EndpointSettings:
    found: list[EndpointSettings] = []
    stack = sandbox.stack(
        lambda: found.append(read_settings(EndpointSettings, "endpoint")), config, name="dev", project="shop"
    )
    stack.up()
    return found[0]


def refused(sandbox: Sandbox, **config: Any) -> list[str]:
    with pytest.raises(UpdateFailed) as error:
        read(sandbox, **config)
    return str(error.value.result.errors()).splitlines()


def test_settings_are_read_as_the_file_says_them(sandbox: Sandbox) -> None:
    """Maps arrive as maps and numbers as numbers."""
    settings = read(sandbox, endpoint={"variants": {"blue": {**SLOT, "instanceCount": 2}}, "traffic": {"blue": 100}})
    assert settings.variants["blue"].instance_count == 2
    assert settings.traffic == {"blue": 100}


def test_a_missing_key_says_what_the_file_needs(sandbox: Sandbox) -> None:
    """The message names the stack's file and what to write into it."""
    assert refused(sandbox) == [
        "Pulumi.dev.yaml: config shop:endpoint: 1 problem",
        "  is missing; the file needs `shop:endpoint:` under `config:`",
    ]


@pytest.mark.parametrize(("given", "told"), [("blue", "'blue'"), ([1], "[1]"), (3, "3"), ("{", "'{'")])
def test_what_is_no_map_is_named(sandbox: Sandbox, given: Any, told: str) -> None:
    """The value that was found and what was expected."""
    assert refused(sandbox, endpoint=given)[1:] == [f"  is {told}; expected a map"]


def test_every_wrong_value_is_told_by_its_key_path(sandbox: Sandbox) -> None:
    """However deep it is: path, value, expectation, under the file and the key."""
    wrong = {"variants": {"blue": {**SLOT, "instanceCount": "two", "version": 3}, "green": []}, "traffc": {}}
    assert [line.partition("; did you mean 'traffic'?")[0] for line in refused(sandbox, endpoint=wrong)] == [
        "Pulumi.dev.yaml: config shop:endpoint: 5 problems",
        "  variants.blue.version is 3; expected a text; write it in quotes",
        "  variants.blue.instanceCount is 'two'; allowed: a valid integer, unable to parse string as an integer",
        "  variants.green is []; allowed: a valid dictionary or instance of SlotSettings",
        "  traffic is missing",
        "  traffc is not known here",
    ]


def test_what_the_file_leaves_out_the_program_may_say(sandbox: Sandbox) -> None:
    """A key of the stack's own for the logs; one that the file names stays."""
    plain = read(sandbox, endpoint=GOOD)
    pinned = {"digits@2": PinnedVersionArgs(label="digits@2", version_digest="x", model_name="m", release=1)}
    assert plain.serving(pinned, log_kms_key_arn="ours").log_kms_key_arn == "ours"
    own = read(sandbox, endpoint={**GOOD, "logKmsKeyArn": "theirs"})
    assert own.serving(pinned, log_kms_key_arn="ours").log_kms_key_arn == "theirs"


def test_serverless_variants_have_no_disks(sandbox: Sandbox) -> None:
    """Who encrypts disks has to know whether there are any."""
    serverless = {"version": "digits@2", "serverless": {"memoryMb": 2048, "maxConcurrency": 5}}
    assert read(sandbox, endpoint=GOOD).has_instances
    assert not read(sandbox, endpoint={**GOOD, "variants": {"blue": serverless}}).has_instances
