"""The report for programs (`--json`), in the form of `pulumi preview --json`."""

from typing import Any

from sluice_sandbox.engine import values
from sluice_sandbox.engine.diff import Change, Kind
from sluice_sandbox.engine.events import Status, StepRecord
from sluice_sandbox.engine.result import Result
from sluice_sandbox.engine.state import Resource

_KINDS = {Kind.ADD: "add", Kind.DELETE: "delete", Kind.UPDATE: "update"}


def digest(result: Result, config: dict[str, str]) -> dict[str, Any]:
    """Returns a JSON document: configuration and properties with secrets masked, steps, counts and diagnostics."""
    return {
        "config": config,
        "steps": [_step(record) for record in result.visible],
        "outputs": result.masked_outputs,
        "diagnostics": [
            {"severity": item.severity.value, "message": item.message, **({"urn": item.urn} if item.urn else {})}
            for item in result.diagnostics
        ],
        "policyViolations": [
            {"pack": item.pack, "policy": item.policy, "level": item.level, "message": item.message, "urn": item.urn}
            for item in result.violations
        ],
        "duration": round(result.seconds * 1e9),
        "changeSummary": result.changes,
        "result": "succeeded" if result.succeeded else "failed",
    }


def _step(record: StepRecord) -> dict[str, Any]:
    step = record.step
    described: dict[str, Any] = {"op": step.op.value, "urn": step.urn}
    if step.resource.provider:
        described["provider"] = step.resource.provider
    if step.old is not None:
        described["oldState"] = _state(step.old)
    if step.new is not None:
        described["newState"] = _state(step.new)
    if step.changed_keys:
        described["diffReasons"] = list(step.changed_keys)
    if step.replace_keys:
        described["replaceReasons"] = list(step.replace_keys)
    described["detailedDiff"] = {path: _change(change) for path, change in step.changes.items()} or None
    if record.status is Status.FAILED:
        described["failed"] = True
    return described


def _state(resource: Resource) -> dict[str, Any]:
    return resource.to_json(lambda _, properties: values.masked(properties))


def _change(change: Change) -> dict[str, Any]:
    kind = _KINDS[change.kind]
    return {"kind": f"{kind}-replace" if change.replaces else kind, "inputDiff": change.of_input}
