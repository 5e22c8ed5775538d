"""Every policy in the engine: a program that it objects to, for that reason alone."""

from collections.abc import Sequence
from pathlib import Path

import pulumi
import pytest

from rule import Resource
from sluice_sandbox.harness import Sandbox
from tests.policies import good
from tests.policies.cases import all_cases
from tests.policies.conftest import PACK, Foreseen

CASES = all_cases()


pytestmark = pytest.mark.usefixtures("loaded_once")


@pytest.fixture(scope="module")
def all_mandatory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of the pack in which every policy is mandatory."""
    file = tmp_path_factory.mktemp("config") / "all.json"
    file.write_text('{"all": "mandatory"}')
    return file


def _objections(sandbox: Sandbox, config: Path, stack: Sequence[Resource]) -> list[tuple[str, str, str]]:
    """Returns level, policy and message of what a preview of a program with these resources finds."""

    def program() -> None:
        for resource in stack:
            pulumi.CustomResource(resource.type, resource.name, dict(resource.props))

    served = dict.fromkeys(("aws", "aws-native", "sluice", "gcp"), Foreseen)
    result = sandbox.stack(
        program,
        name="prod",
        project="digits",
        providers=served,
        policy_packs=[PACK],
        policy_pack_configs=[config],
    ).preview()
    assert result.errors() == ""
    assert result.succeeded is not any(violation.mandatory for violation in result.violations)
    return [(it.level, it.policy, it.message.splitlines()[-1]) for it in result.violations]


def test_the_good_program(sandbox: Sandbox, all_mandatory: Path) -> None:
    """Nobody objects, and all have something to look at."""
    assert _objections(sandbox, all_mandatory, good.stack()) == []


@pytest.mark.parametrize("policy", CASES)
def test_a_program_that_fails_for_one_reason(policy: str, sandbox: Sandbox, all_mandatory: Path) -> None:
    """That policy alone stops it, and says what was changed."""
    given, expected = next(iter(CASES[policy].failing.values()))
    objections = _objections(sandbox, all_mandatory, given())
    assert {(level, name) for level, name, _ in objections} == {("mandatory", policy)}
    for (_, _, message), text in zip(objections, expected, strict=True):
        assert f": {text}" in message
