"""What ends the report of a deployment: policies, diagnostics, outputs and counts."""

import math
from collections.abc import Iterator, Mapping

from rich.text import Text

from sluice.provider.wire import Json
from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.display import properties
from sluice_sandbox.engine.display.changes import value_lines
from sluice_sandbox.engine.display.palette import STYLES, short_type
from sluice_sandbox.engine.events import Severity, Status
from sluice_sandbox.engine.result import Result
from sluice_sandbox.engine.steps import Op
from sluice_sandbox.engine.violations import Violation

_SEVERITIES = {Severity.INFO: "", Severity.WARNING: "yellow", Severity.ERROR: "red"}
# The order in which the CLI counts.
_COUNTED = (Op.CREATE, Op.UPDATE, Op.DELETE, Op.REPLACE, Op.REMOVE_PENDING_REPLACE)


def policy_lines(result: Result) -> Iterator[Text]:
    """Yields the policy packs and what they object to."""
    if not result.packs:
        return
    yield Text("Policies:", "bold")
    for pack in result.packs:
        violations = [violation for violation in result.violations if violation.pack == pack]
        stops = any(violation.mandatory for violation in violations)
        yield Text(f"    {'❌' if stops else '⚠️ ' if violations else '✅'} {pack}")
        for violation in sorted(violations, key=lambda found: found.rank):
            yield from _violation_lines(violation)
    yield Text()


def _violation_lines(violation: Violation) -> Iterator[Text]:
    about = f"  ({short_type(violation.urn)}: {urns.name_of(violation.urn)})" if violation.urn else ""
    style = "red" if violation.mandatory else "yellow"
    yield Text(f"        - [{violation.level}]  {violation.policy}{about}", style)
    yield from (Text(f"          {line}") for line in violation.message.splitlines())


def diagnostic_lines(result: Result) -> Iterator[Text]:
    """Yields warnings and errors, those of one resource together."""
    if not result.diagnostics:
        return
    yield Text("Diagnostics:", "bold")
    by_urn: dict[str, list[Text]] = {}
    for diagnostic in result.diagnostics:
        first, *others = diagnostic.message.splitlines() or [""]
        label = f"{diagnostic.severity.value}: " if diagnostic.severity is not Severity.INFO else ""
        lines = [Text(f"    {label}{first}", _SEVERITIES[diagnostic.severity])]
        lines += [Text(f"    {line}") for line in others]
        by_urn.setdefault(diagnostic.urn, []).extend(lines)
    for urn, lines in by_urn.items():
        yield Text(f"  {short_type(urn)} ({urns.name_of(urn)}):" if urn else "  sandbox:")
        yield from lines
    yield Text()


def output_lines(outputs: Mapping[str, Json], before: Mapping[str, Json]) -> Iterator[Text]:
    """Yields the stack's outputs, marked where they are new, gone or different."""
    names = sorted({*outputs, *before})
    if not names:
        return
    yield Text("Outputs:", "bold")
    width = max(map(len, names))
    for name in names:
        label = name.ljust(width)
        if name not in outputs:
            yield from _marked(label, before[name], "-", "red")
        elif name not in before:
            yield from _marked(label, outputs[name], "+", "green")
        elif diffs.equal(before[name], outputs[name]):
            yield from _marked(label, outputs[name], "", "")
        else:
            yield from value_lines(label, before[name], outputs[name], 4)
    yield Text()


def count_lines(result: Result) -> Iterator[Text]:
    """Yields how many resources there were to change, or were changed."""
    yield Text("Resources:", "bold")
    total, kinds = 0, 0
    for op in _COUNTED:
        count = result.changes.get(op.value, 0) - _failed(result, op)
        if count > 0:
            total, kinds = total + count, kinds + 1
            said = f"to {op.value}" if result.preview else op.past
            yield Text(f"    {op.prefix}{count} {said}", STYLES[op])
    rest = [f"{total} changes"] if kinds > 1 else []
    if unchanged := result.changes.get(Op.SAME.value, 0):
        rest.append(f"{unchanged} unchanged")
    if rest:
        yield Text(f"    {'. '.join(rest)}")
    if errored := {item.urn for item in result.diagnostics if item.severity is Severity.ERROR and item.urn}:
        yield Text(f"    {len(errored)} errored", "red")
    if not result.preview:
        yield Text()
        yield Text(f"Duration: {math.ceil(result.seconds)}s")


def _failed(result: Result, op: Op) -> int:
    return sum(record.op is op and record.status is Status.FAILED for record in result.visible)


def _marked(label: str, value: Json, mark: str, style: str) -> Iterator[Text]:
    return (Text(line, style) for line in properties.entry(label, value, 4, mark))
