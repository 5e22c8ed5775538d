"""Every type of resource: created, left alone, changed, replaced, meddled with, lost and deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.sandbox.aws.cases import CASES
from tests.sandbox.aws.cases.case import Case, Props
from tests.sandbox.aws.conftest import Client

Begin = Callable[[Case], SandboxStack]


@pytest.fixture
def begin(sandbox: Sandbox, sandbox_aws: Aws) -> Begin:
    """Returns a stack that has made what a case begins with."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_delete=0)

    def make(case: Case) -> SandboxStack:
        stack = sandbox.stack(lambda: _declare(case, case.first), {"aws:region": "eu-west-1"})
        stack.up()
        return stack

    return make


def _declare(case: Case, props: Props) -> None:
    case.declare(props)


def _with(stack: SandboxStack, case: Case, props: Props) -> SandboxStack:
    stack.declare(lambda: _declare(case, props))
    return stack


def _it(stack: SandboxStack) -> Any:
    (found,) = [resource for resource in stack.state().resources if resource.name == "it"]
    return found


def _cases(wanted: Callable[[Case], object]) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES if wanted(case)])


@_cases(lambda case: True)
def test_it_is_made_stays_and_goes(begin: Begin, case: Case) -> None:
    """A second update and a refresh find nothing to do; after a destroy a refresh would find nothing at all."""
    stack = begin(case)
    assert not stack.up().changed
    refreshed = stack.refresh()
    assert not refreshed.changed, [(step.name, dict(step.changes)) for step in refreshed.visible if step.changes]
    stack.destroy()
    assert stack.state().resources == []
    stack.up()


@_cases(lambda case: case.changed is not None)
def test_it_changes_in_place(begin: Begin, case: Case) -> None:
    """It is the same one afterwards, and as it is declared."""
    stack = begin(case)
    before = _it(stack).id
    assert case.changed is not None
    _with(stack, case, case.changed)
    step = stack.up().step("it")
    assert step.op == "update", dict(step.changes)
    assert step.changes
    assert _it(stack).id == before
    assert not stack.refresh().changed
    assert not stack.up().changed


@_cases(lambda case: case.replacing is not None)
def test_it_is_replaced(begin: Begin, case: Case) -> None:
    """What cannot be changed makes a new one of it."""
    stack = begin(case)
    assert case.replacing is not None
    _with(stack, case, case.replacing)
    assert stack.preview().step("it").op == "replace"
    assert stack.up().step("it").op == "replace"
    assert not stack.up().changed


@_cases(lambda case: case.meddle is not None)
def test_meddling_is_seen_and_put_right(begin: Begin, client: Client, case: Case) -> None:
    """A refresh shows what somebody did, the next update undoes it."""
    stack = begin(case)
    assert case.meddle is not None
    case.meddle(client, _it(stack))
    assert stack.refresh().step("it").op == "update"
    assert stack.up().step("it").op == "update"
    assert not stack.refresh().changed
    assert not stack.up().changed


@_cases(lambda case: case.lose is not None)
def test_a_loss_is_seen_and_made_good(begin: Begin, client: Client, case: Case) -> None:
    """A refresh forgets what is gone, the next update makes it again."""
    stack = begin(case)
    assert case.lose is not None
    case.lose(client, _it(stack))
    assert stack.refresh().step("it").op == "delete"
    assert stack.up().step("it").op == "create"
    assert not stack.up().changed
