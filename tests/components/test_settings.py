"""A stack's configuration, read by a program."""

from typing import Any

import pytest

from sluice import CheckpointStoreArgs, EndpointSettings, VersionRole, in_use, read_settings
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox

SLOT = {"version": "v2", "image": "i@sha256:0", "instanceType": "ml.m5.large"}
FILE = {"path": "model.tar.gz", "sha256": "0" * 64}
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
    wrong = {"variants": {"blue": {**SLOT, "instanceCount": "two", "image": 3}, "green": []}, "traffc": {}}
    assert refused(sandbox, endpoint=wrong) == [
        "Pulumi.dev.yaml: config shop:endpoint: 5 problems",
        "  variants.blue.image is 3; expected a text; write it in quotes",
        "  variants.blue.instanceCount is 'two'; allowed: a valid integer, unable to parse string as an integer",
        "  variants.green is []; allowed: a valid dictionary or instance of SlotSettings",
        "  traffic is missing",
        "  traffc is not known here; did you mean 'traffic'? known are: traffic, variants",
    ]


def used(sandbox: Sandbox, store: dict[str, Any], endpoint: dict[str, Any]) -> dict[str, VersionRole | None]:
    found: dict[str, VersionRole | None] = {}

    def program() -> None:
        args = in_use(CheckpointStoreArgs.parse("s", store), EndpointSettings.parse("e", endpoint))
        found.update({version.name: version.role for version in args.versions})

    sandbox.stack(program, name="dev", project="shop").up()
    return found


def test_what_is_in_a_slot_is_protected_without_saying_so(sandbox: Sandbox) -> None:
    """With traffic a version serves, without it stands by; a declared role of another version stays."""
    names = ("v1", "v2", "v3", "v4")
    store = {"versions": [{"name": name, "prefix": f"{name}/", "artifact": FILE} for name in names]}
    store["versions"][0]["role"] = "rollbackTarget"
    slots = {"blue": "v2", "green": "v3", "grey": "v2"}
    endpoint = {
        "variants": {slot: {**SLOT, "version": version} for slot, version in slots.items()},
        "traffic": {"blue": 100, "green": 0},
    }
    assert used(sandbox, store, endpoint) == {
        "v1": VersionRole.ROLLBACK_TARGET,
        "v2": VersionRole.SERVING,
        "v3": VersionRole.STANDBY,
        "v4": None,
    }


def test_a_slot_holds_what_the_store_has(sandbox: Sandbox) -> None:
    """A version that is not in the store, or there without a file, is named with its slot."""
    store = {"versions": [{"name": "v1", "prefix": "v1/"}]}
    variants = {"blue": {**SLOT, "version": "v1"}, "green": {**SLOT, "version": "v9"}}
    with pytest.raises(UpdateFailed) as error:
        used(sandbox, store, {"variants": variants, "traffic": {"blue": 100}})
    assert error.value.result.errors().splitlines() == [
        "Pulumi.dev.yaml: config shop:endpoint: 2 problems",
        "  variants.blue.version is 'v1', which has no artifact in the store; declare the file that is to be served",
        "  variants.green.version is 'v9', which is not in the store; versions there are: v1",
    ]
