"""How long the policies take for a resource, beside a pack that has none to say anything."""

import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.policies import Pack, PolicyRun
from sluice_sandbox.engine.state import Resource

OURS = Path(__file__).parents[2] / "policies"
EMPTY = """
from pulumi_policy import PolicyPack, ResourceValidationPolicy
PolicyPack("empty", [ResourceValidationPolicy("nothing", "Nothing.", lambda args, report: None)])
"""
_NAMES = ("bucket", "name", "targetBucket")
"""What names a resource, or another one: of each copy of the stack its own."""


def milliseconds_a_resource(many: int) -> tuple[float, float]:
    """Returns what our pack and an empty one take for each of so many resources, looked at one by one and together."""
    resources = list(islice(_resources(), many))
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        (empty / "PulumiPolicy.yaml").write_text("runtime: python\n")
        (empty / "__main__.py").write_text(EMPTY)
        ours, theirs = (min(_seconds(Pack.load(pack), resources) for _ in range(3)) for pack in (OURS, empty))
    return ours / many * 1000, theirs / many * 1000


def _seconds(pack: Pack, resources: list[Resource]) -> float:
    run = PolicyRun([pack], Events(), preview=True)
    started = time.perf_counter()
    for resource in resources:
        goal = Goal(resource.type, resource.name, custom=True, inputs=resource.inputs)
        run.check_resource(resource, goal, None)
    run.check_stack(resources)
    return time.perf_counter() - started


def _resources() -> Iterator[Resource]:
    """Yields a stack of all that policies look at, again and again, each copy under names of its own."""
    # The stack is made of the pack's own modules, which are on no path but the tests'.
    if str(OURS) not in sys.path:
        sys.path.append(str(OURS))
    from tests.policies.good import GOOD

    for copy in count():
        for name, (type_, props) in GOOD.items():
            own = {key: f"{it}-{copy}" if key in _NAMES else it for key, it in props.items()}
            urn = f"urn:pulumi:bench::bench::{type_}::{name}-{copy}"
            yield Resource(urn, type_, custom=True, inputs=own, outputs=own)
