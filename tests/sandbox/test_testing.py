"""The pytest plugin, as another project has it once Sluice is installed."""

import pytest

pytest_plugins = ["pytester"]

LIFE_CYCLE = """
import pulumi
import pulumi_aws as aws
import pytest
from sluice_sandbox.errors import UpdateFailed


def program():
    days = pulumi.Config().require_int("days")
    aws.cloudwatch.LogGroup("requests", name="/requests", retention_in_days=days)


def test_retention_changes_in_place(sandbox):
    stack = sandbox.stack(program, config={"days": 7})
    stack.up()
    stack.config["days"] = 30
    step = stack.preview().step("requests")
    assert (step.op, list(step.changes)) == ("update", ["retentionInDays"])
    stack.up()
    assert not stack.up().changed


def test_every_test_begins_with_an_empty_cloud(sandbox, sandbox_aws):
    assert sandbox.stack(program, config={"days": 7}).up().changes == {"create": 2}


def test_stacks_share_a_cloud_and_nothing_else(sandbox):
    first = sandbox.stack(program, {"days": 7}, name="first")
    second = sandbox.stack(program, {"days": 7}, name="second")
    first.up()
    with pytest.raises(UpdateFailed, match="already exists"):
        second.up()
"""


def test_a_project_tests_its_own_life_cycles(pytester: pytest.Pytester) -> None:
    """With the fixture `sandbox` alone: no configuration, no cloud, no CLI."""
    pytester.makepyfile(LIFE_CYCLE)
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=3)


def test_the_plugin_costs_who_does_not_use_it_nothing(pytester: pytest.Pytester) -> None:
    """It loads neither Pulumi nor moto until a test asks for a sandbox."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            assert not {"pulumi", "moto", "boto3"} & set(sys.modules)
        """
    )
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)
