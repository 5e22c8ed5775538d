"""The short view of a deployment: a row for each resource, as a tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.display.changes import summary
from sluice_sandbox.engine.display.palette import STYLES, short_type
from sluice_sandbox.engine.events import Status, StepRecord
from sluice_sandbox.engine.steps import Op

_RUNNING = {
    Op.CREATE: "creating",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.REPLACE: "replacing",
    Op.READ: "reading",
    Op.READ_REPLACEMENT: "reading",
    Op.REFRESH: "refreshing",
    Op.SAME: "",
}


@dataclass(frozen=True)
class Row:
    """One line of the tree."""

    mark: str
    type: str
    name: str
    status: str
    info: str
    style: str


def tree_lines(records: Sequence[StepRecord], *, preview: bool) -> list[Text]:
    """Returns the lines of the resources that change, and of their parents, headed by a title."""
    rows = [Row("", "Type", "Name", "Plan" if preview else "Status", "Info", "bold"), *_rows(records, preview)]
    if len(rows) == 1:
        return []
    types, names, states = (max(cell_len(getattr(row, key)) for row in rows) for key in ("type", "name", "status"))
    return [
        Text(
            f" {row.mark:2} {row.type:<{types}}  {row.name:<{names}}  {row.status:<{states}}  {row.info}".rstrip(),
            row.style,
        )
        for row in rows
    ]


def status_of(record: StepRecord, *, preview: bool) -> str:
    """Returns what is said of a step: `create` before, `creating` during and `created (2s)` after it."""
    if record.op is Op.SAME:
        return ""
    if record.status is Status.FAILED:
        return f"{_RUNNING.get(record.op, record.op.value)} failed"
    if preview:
        return record.op.value
    if record.status is Status.RUNNING:
        return _RUNNING.get(record.op, record.op.value)
    return f"{record.op.past} ({record.seconds:.2g}s)" if record.seconds >= 0.05 else record.op.past


def _rows(records: Sequence[StepRecord], preview: bool) -> Iterator[Row]:
    latest = {record.urn: record for record in records if record.visible}
    changed = {urn for urn, record in latest.items() if record.op is not Op.SAME or record.status is Status.FAILED}
    shown = set(changed)
    for urn in changed:
        while (urn := latest[urn].step.resource.parent) in latest:
            shown.add(urn)
    children: dict[str, list[StepRecord]] = {}
    for urn in latest:
        if urn in shown:
            parent = latest[urn].step.resource.parent
            children.setdefault(parent if parent in shown else "", []).append(latest[urn])

    def below(urn: str, lead: str, root: bool) -> Iterator[Row]:
        siblings = children.get(urn, [])
        for index, record in enumerate(siblings):
            last = index == len(siblings) - 1
            branch = "" if root else lead + ("└─ " if last else "├─ ")
            yield _row(record, branch, preview)
            yield from below(record.urn, "" if root else lead + ("   " if last else "│  "), root=False)

    yield from below("", "", root=True)


def _row(record: StepRecord, branch: str, preview: bool) -> Row:
    info = f"[diff: {summary(record.changes)}]" if record.changes and record.op is not Op.DELETE else ""
    style = "red" if record.status is Status.FAILED else STYLES[record.op]
    mark = "" if record.op is Op.SAME else record.op.prefix
    status = status_of(record, preview=preview)
    return Row(mark, branch + short_type(record.urn), urns.name_of(record.urn), status, info, style)
