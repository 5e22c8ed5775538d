"""The detailed view of a deployment (`--diff`): every step with its properties, laid out as the CLI lays it out."""

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from sluice.provider.wire import Json
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.display import properties
from sluice_sandbox.engine.display.changes import changed_lines
from sluice_sandbox.engine.display.palette import STYLES, short_type
from sluice_sandbox.engine.events import StepRecord
from sluice_sandbox.engine.result import Result
from sluice_sandbox.engine.steps import Op, Step

_STEP = 4


def diff_lines(result: Result) -> Iterator[Text]:
    """Yields the lines of all steps that change something, below the stack that they belong to."""
    for record, depth in nested(result.visible):
        yield from _step_lines(record, _STEP * depth)
    if result.outputs:
        yield Text(f"{' ' * _STEP}--outputs:--")
        yield from map(Text, properties.lines(result.outputs, _STEP))


def change_lines(result: Result) -> Iterator[Text]:
    """Yields what changes in resources that stay or are replaced: what a list of resources does not tell."""
    for record in result.visible:
        step = record.step
        if step.op in (Op.UPDATE, Op.REPLACE) and step.old is not None and step.new is not None and record.changes:
            yield Text(f"{step.op.prefix}{short_type(step.urn)} {record.name}: ({step.op.value})", STYLES[step.op])
            yield from changed_lines(record.changes, step.old, step.new, _STEP)


def nested(records: Sequence[StepRecord]) -> Iterator[tuple[StepRecord, int]]:
    """
    Yields the stack and every step that changes something, each below its parent, with its depth.

    Parents that do not change are left out, and indent nothing.
    """
    children: dict[str, list[StepRecord]] = {}
    known = {record.urn for record in records}
    for record in records:
        parent = record.step.resource.parent
        children.setdefault(parent if parent in known else "", []).append(record)

    def below(urn: str, depth: int) -> Iterator[tuple[StepRecord, int]]:
        for record in children.pop(urn, []):
            shown = record.op is not Op.SAME or record.type == urns.STACK_TYPE
            if shown:
                yield record, depth
            yield from below(record.urn, depth + shown)

    yield from below("", 0)


def _step_lines(record: StepRecord, indent: int) -> Iterator[Text]:
    step = record.step
    style, margin = STYLES[step.op], " " * indent
    yield Text(f"{margin}{step.op.prefix}{urns.type_of(step.urn)}: ({step.op.value})", style)
    resource = step.old if step.old is not None and step.op is not Op.CREATE else step.resource
    inner = indent + _STEP
    pad = " " * inner
    if resource.id and step.op is not Op.CREATE:
        yield Text(f"{pad}[id={resource.id}]")
    yield Text(f"{pad}[urn={step.urn}]")
    if resource.provider:
        yield Text(f"{pad}[provider={resource.provider}]")
    if step.op in (Op.UPDATE, Op.REPLACE) and step.old is not None and step.new is not None:
        yield from changed_lines(record.changes, step.old, step.new, inner)
    elif step.op is not Op.SAME:
        yield from (Text(line, style) for line in properties.lines(_shown(step), inner))


def _shown(step: Step) -> Mapping[str, Json]:
    return step.resource.outputs if step.op is Op.READ else step.resource.inputs
