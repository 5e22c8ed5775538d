"""The life that every type of resource leads: made, left alone, changed, replaced, meddled with, lost and deleted."""

import importlib
import keyword
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import pulumi

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.aws.types import all_types
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.harness import Sandbox, SandboxStack

REGION = "eu-west-1"
CONFIG = {"aws:region": REGION}

MEMBER = "_of_cases_with"

Props = dict[str, Any]
Client = Callable[[str], Any]
"""Returns a client of a service, as somebody else in the account has it."""
Meddle = Callable[[Client, Resource], object]
"""Changes a resource behind everybody's back."""


@dataclass(frozen=True)
class Case:
    """A type, and what is done to one resource of it, which is named `it`."""

    token: str
    declare: Callable[[Props], pulumi.CustomResource]
    first: Props = field(default_factory=dict)
    changed: Props | None = None
    """Changes in place. None: nothing does."""
    replacing: Props | None = None
    """Needs a new one. None: not looked at in this case."""
    meddle: Meddle | None = None
    """Changes what `first` declares. None: nothing can be changed."""
    lose: Meddle | None = None
    """Deletes it. None: it cannot be deleted by itself."""
    resets: bool = False
    """Deleting it sets back to what there always is, so that there always is one."""
    note: str = ""
    """What sets this case apart from another of the type."""

    @property
    def id(self) -> str:
        return " ".join(filter(None, (self.token.rpartition(":")[2], self.note)))


@dataclass(frozen=True)
class Life:
    """A stack that declares one case's resource."""

    case: Case
    stack: SandboxStack
    aws: Aws

    def declare(self, props: Props | None) -> None:
        assert props is not None
        self.stack.declare(lambda: self.case.declare(props) and None)

    def it(self) -> Resource:
        (found,) = [resource for resource in self.resources() if resource.name == "it"]
        return found

    def resources(self) -> list[Resource]:
        return [item for item in self.stack.state().resources if item.custom and item.type.startswith("aws:")]

    def is_settled(self) -> bool:
        """Returns whether AWS has what the state says, and the state what the program says."""
        refreshed = self.stack.refresh()
        assert not refreshed.changed, {step.name: dict(step.changes) for step in refreshed.visible if step.changes}
        updated = self.stack.up()
        assert not updated.changed, {step.name: dict(step.changes) for step in updated.visible if step.changes}
        return True

    def exists(self, resource: Resource) -> bool:
        clients = Clients(REGION, self.aws.endpoint)
        return all_types()[resource.type].read(clients, resource.id) is not None


def begin(case: Case, sandbox: Sandbox, aws: Aws) -> Life:
    """Returns the life of a resource that was made as the case begins."""
    aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_delete=0)
    life = Life(case, sandbox.stack(lambda: case.declare(case.first) and None, CONFIG), aws)
    life.stack.up()
    return life


Test = TypeVar("Test", bound=Callable[..., None])


def of_cases_with(member: str) -> Callable[[Test], Test]:
    """Has a test run for those cases alone that say something about `member`."""

    def mark(test: Test) -> Test:
        setattr(test, MEMBER, member)
        return test

    return mark


class LifeCycle:
    """The tests of one service's types; a subclass has their cases."""

    cases: ClassVar[list[Case]]

    def test_it_is_made_stays_and_goes(self, life: Life) -> None:
        """It has no property that the real provider has not, stays as it was made, and leaves nothing behind."""
        assert life.it().type == life.case.token
        for resource in life.resources():
            told = {key for key in {*resource.outputs, *resource.inputs} if not key.startswith("__")}
            assert told <= declared_properties(resource.type), resource.type
        assert life.is_settled()
        made = life.resources()
        assert all(map(life.exists, made))
        life.stack.destroy()
        assert life.stack.state().resources == []
        assert not any(map(life.exists, made))

    @of_cases_with("changed")
    def test_it_changes_in_place(self, life: Life) -> None:
        """It is the same one afterwards, is as declared, and can be changed back."""
        before = life.it().id
        for props in (life.case.changed, life.case.first):
            life.declare(props)
            step = life.stack.up().step("it")
            assert step.op == "update", dict(step.changes)
            assert step.changes
            assert life.it().id == before
            assert life.is_settled()

    @of_cases_with("replacing")
    def test_it_is_replaced(self, life: Life) -> None:
        """What cannot be changed makes a new one of it."""
        old = life.it()
        life.declare(life.case.replacing)
        assert life.stack.preview().step("it").op == "replace"
        assert life.stack.up().step("it").op == "replace"
        assert life.case.resets or life.it().id == old.id or not life.exists(old)
        assert not life.stack.up().changed

    @of_cases_with("meddle")
    def test_meddling_is_seen_and_put_right(self, life: Life, client: Client) -> None:
        """A refresh shows what somebody did, the next update undoes it."""
        assert life.case.meddle is not None
        life.case.meddle(client, life.it())
        assert life.stack.refresh().step("it").op == "update"
        assert life.stack.up().step("it").op == "update"
        assert life.is_settled()

    @of_cases_with("lose")
    def test_a_loss_is_seen_and_made_good(self, life: Life, client: Client) -> None:
        """A refresh forgets what is gone, the next update makes it again."""
        assert life.case.lose is not None
        life.case.lose(client, life.it())
        assert life.stack.refresh().step("it").op == "delete"
        assert life.stack.up().step("it").op == "create"
        assert not life.stack.up().changed


def declared_properties(token: str) -> set[str]:
    """Returns the properties that pulumi_aws declares of a type, as Pulumi's schema names them."""
    _, module, name = token.split(":")
    service = module.partition("/")[0]
    package = importlib.import_module(f"pulumi_aws.{service}{'_' if keyword.iskeyword(service) else ''}")
    kind = getattr(package, name)
    getters = [item.fget for item in vars(kind).values() if isinstance(item, property) and item.fget is not None]
    return {getattr(getter, "_pulumi_name", "") for getter in getters}
