"""What happens to each resource, property by property, as lines of a diff."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sluice.review.plan import Plan, Step, shown

_MARKS = {"create": "+", "delete": "-"}
_PATH = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')
_LONGEST = 160
_NOTHING: Any = object()


def resource_diff(plan: Plan) -> list[str]:
    """Returns the lines of all resources that change: those that go or are replaced first, new ones last."""
    order = {"delete": 0, "replace": 1, "update": 2}
    return [line for step in sorted(plan.changed, key=lambda it: order.get(it.op, 3)) for line in _lines(step)]


def _lines(step: Step) -> Iterator[str]:
    mark = _MARKS.get(step.op, "!")
    yield f"{mark} {step.type} {step.name}: {step.op}"
    if step.op == "create":
        inputs = (step.new or {}).get("inputs") or {}
        yield from (f"+     {key}: {_text(value)}" for key, value in sorted(inputs.items()) if not key.startswith("__"))
    elif step.op != "delete":
        for path, kind in sorted(step.changes.items()):
            yield from _changed(step, path, kind)


def _changed(step: Step, path: str, kind: str) -> Iterator[str]:
    label = f"    {path}" + (" (replaces)" if kind.endswith("-replace") else "")
    old, new = _at(step.old, path), _at(step.new, path)
    if old is not _NOTHING and not kind.startswith("add"):
        yield f"-{label}: {_text(old)}"
    if new is not _NOTHING and not kind.startswith("delete"):
        yield f"+{label}: {_text(new)}"
    if old is _NOTHING and new is _NOTHING:
        yield f"!{label}"


def _at(resource: Mapping[str, Any] | None, path: str) -> Any:
    for side in ("inputs", "outputs"):
        value: Any = (resource or {}).get(side) or {}
        for named, index, key in _PATH.findall(path):
            try:
                value = value[int(index)] if index else value[named or key]
            except (KeyError, IndexError, TypeError):
                value = _NOTHING
                break
        if value is not _NOTHING:
            return value
    return _NOTHING


def _text(value: Any) -> str:
    text = json.dumps(shown(value), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text) - _LONGEST:,} more characters)"
