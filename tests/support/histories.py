"""Random histories of a stack: what it declares, what goes wrong, and what is done, one stage after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sluice_sandbox.engine import integrity
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.support.cloud import Cloud, World

PROGRAM = Path(__file__).parent / "program"
NAMES = "abcdef"
FAULTS = [f"{operation}:{name}" for operation in ("create", "update", "delete", "read", "init") for name in NAMES]


_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "retain_on_delete": st.just(True),
    "delete_before_replace": st.booleans(),
    "ignore_changes": st.just(["size"]),
}


@dataclass(frozen=True)
class Stage:
    """One operation, on what it is done and what fails meanwhile."""

    operation: str
    resources: Sequence[dict[str, Any]]
    faults: frozenset[str]
    lost: frozenset[str]
    """Names of things that somebody deletes beforehand."""
    program_fails: bool


@st.composite
def _resources(draw: st.DrawFn, protect: bool) -> list[dict[str, Any]]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    resources: list[dict[str, Any]] = []
    for index, name in enumerate(names):
        before = names[:index]
        props: dict[str, Any] = {"size": draw(st.integers(0, 2)), "kind": draw(st.sampled_from("xy"))}
        opts: dict[str, Any] = {}
        if before:
            other = st.sampled_from(before)
            role = draw(st.sampled_from(["none", "note", "kind", "depends_on", "deleted_with", "parent"]))
            if role in ("note", "kind"):
                props[role] = {"$ref": f"{draw(other)}.id"}
            elif role == "depends_on":
                opts[role] = [draw(other)]
            elif role != "none":
                opts[role] = draw(other)
        props["exclusive"] = draw(st.booleans())
        opts |= draw(st.fixed_dictionaries({}, optional=_OPTIONS))
        if protect and draw(st.booleans()):
            opts["protect"] = True
        resources.append({"name": name, "props": props, "opts": opts})
    return resources


def stages(*, protect: bool) -> st.SearchStrategy[list[Stage]]:
    """Returns histories of up to five stages; with `protect`, some resources may not be deleted."""
    stage = st.builds(
        Stage,
        operation=st.sampled_from(["up", "up", "up", "refresh", "destroy", "preview"]),
        resources=_resources(protect),
        faults=st.frozensets(st.sampled_from(FAULTS), max_size=4),
        lost=st.frozensets(st.sampled_from(NAMES), max_size=1),
        program_fails=st.sampled_from([False, False, True]),
    )
    return st.lists(stage, min_size=1, max_size=5)


@dataclass
class History:
    """A stack in a small world of its own, and what has happened to it."""

    stack: SandboxStack
    world: World
    spared: set[str] = field(default_factory=set)
    """Names of what was, at some time, not to be deleted by itself."""

    @classmethod
    def begin(cls, folder: Path) -> "History":
        world = World(folder / "world.json")
        sandbox = Sandbox(folder / "sandbox", aws=_no_aws)
        return cls(sandbox.stack(PROGRAM, {"resources": []}, providers={"cloud": lambda: Cloud(world)}), world)

    def go_through(self, stage: Stage) -> bool:
        """Lets a stage happen; returns whether its operation succeeded."""
        for identity in self.world.things:
            if identity.partition("-")[0] in stage.lost:
                self.world.lose(identity)
        for fault in stage.faults:
            self.world.fail(fault)
        self.spared |= {
            item["name"] for item in stage.resources if {"retain_on_delete", "deleted_with"} & set(item["opts"])
        }
        self.stack.config = {"resources": list(stage.resources), "fails": stage.program_fails}
        try:
            succeeded = bool(getattr(self.stack, stage.operation)().succeeded)
        except UpdateFailed:
            succeeded = False
        self.world.heal()
        return succeeded

    def assert_valid(self) -> None:
        """The stored state is whole, has nothing pending, and knows everything that is there and is not given up."""
        state = self.stack.state()
        integrity.verify(state.resources)
        assert state.pending == []
        known = {resource.id for resource in state.resources}
        forgotten = {identity for identity in self.world.things if identity not in known}
        assert {identity.partition("-")[0] for identity in forgotten} <= self.spared


def _no_aws() -> Any:
    raise AssertionError("this test needs no AWS")
