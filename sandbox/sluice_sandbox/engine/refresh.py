"""Reads what the world holds now, and makes that the state."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.checkpoint import Deployment as State
from sluice_sandbox.engine.checkpoint import timestamp
from sluice_sandbox.engine.diff import Diff
from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.registry import Registry
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.steps import Op, Step


@dataclass
class Refresh:
    """One refresh of a whole stack."""

    base: State
    registry: Registry
    events: Events
    parallel: int
    stopped: Callable[[], bool]
    """Returns whether nothing more may be asked."""

    def run(self) -> State:
        """
        Returns the state as the world has it.

        Resources that are gone are left out, and so is every mention of them. One that could not be read, which is
        reported, is as it was.
        """
        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            found = list(pool.map(self._refresh, self.base.resources))
        return State(_without_gone(found, self.base.resources), list(self.base.pending), self.base.metadata)

    def _refresh(self, old: Resource) -> Resource | None:
        """Returns the resource as it is now, or None when it is gone."""
        if not old.custom or urns.is_provider(old.type) or old.pending_replacement:
            return self._unchanged(old)
        if self.stopped():
            return old
        record = self.events.begin(Step(Op.REFRESH, old.urn, old, old))
        try:
            step = self._read(old)
        except Exception as error:
            self.events.fail(record, old.urn, str(error))
            return old
        self.events.refreshed(record, step)
        return None if step.op is Op.DELETE else step.new

    def _unchanged(self, old: Resource) -> Resource:
        record = self.events.begin(Step(Op.SAME, old.urn, old, old))
        self.events.end(record)
        return old

    def _read(self, old: Resource) -> Step:
        plugin = self.registry.ensure(old.provider, self.base.resources)
        identity, outputs, inputs = plugin.read(old.urn, old.id, old.inputs, old.outputs)
        if not identity:
            return Step(Op.DELETE, old.urn, old)
        new = old.copy(id=identity, inputs=old.inputs if inputs is None else inputs, outputs=outputs, init_errors=[])
        if not diffs.equal(old.outputs, outputs) or not diffs.equal(old.inputs, new.inputs):
            new.modified = timestamp()
        if old.external:
            changes = diffs.between(old.outputs, outputs)
            diff = Diff(bool(changes), changes)
        else:
            # What an update without changes would do now, seen from the other side: what the world did meanwhile.
            diff = plugin.diff(new, old.inputs, old.ignore_changes).inverted()
        op = Op.UPDATE if diff.changed else Op.SAME
        return Step(op, old.urn, old, new, diff.changes, diff.changed_keys)


def _without_gone(found: Iterable[Resource | None], olds: Iterable[Resource]) -> list[Resource]:
    there: set[str] = set()
    parents: dict[str, str] = {}
    kept = []
    for resource, old in zip(found, olds, strict=True):
        parent = old.parent if old.parent in there else parents.get(old.parent, "")
        parents[old.urn] = parent
        if resource is None:
            continue
        there.add(resource.urn)
        needs = {key: [urn for urn in on if urn in there] for key, on in resource.property_dependencies.items()}
        kept.append(
            resource.copy(
                parent=parent,
                dependencies=[urn for urn in resource.dependencies if urn in there],
                property_dependencies={key: on for key, on in needs.items() if on},
                deleted_with=resource.deleted_with if resource.deleted_with in there else "",
            )
        )
    return kept
