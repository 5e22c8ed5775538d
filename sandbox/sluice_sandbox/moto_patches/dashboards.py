"""
Adds to CloudWatch's dashboards that it refuses a body which is none: what is no widget, or stands outside of the page.

Of AWS's checks these are the coarse ones. The wording of those that people met and reported is AWS's.
"""

import json
from collections.abc import Iterator
from inspect import getsource
from typing import Any

from moto.cloudwatch.exceptions import DashboardInvalidInputError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from sluice_sandbox.moto_patches.replacing import replace_methods

_COLUMNS, _MOST_WIDGETS = 24, 500
_NEEDED = {"text": "markdown", "alarm": "alarms"}
_KINDS = ("alarm", "chart", "custom", "explorer", "log", "metric", "text")
_Found = tuple[str, str]
_put = CloudWatchResponse.put_dashboard


def needed() -> bool:
    return "widgets" not in getsource(_put)


def apply() -> None:
    replace_methods(CloudWatchResponse, put_dashboard=put_dashboard)


def put_dashboard(self: CloudWatchResponse) -> ActionResult:
    try:
        body = json.loads(self._get_param("DashboardBody"))
    except ValueError:
        return _put(self)
    if found := list(_problems(body)):
        told = [{"dataPath": path, "message": message} for path, message in found]
        text = f"The dashboard body is invalid, there are {len(told)} validation errors:\n{json.dumps(told, indent=2)}"
        raise DashboardInvalidInputError(text)
    return _put(self)


def _problems(body: Any) -> Iterator[_Found]:
    if not isinstance(body, dict):
        yield "", "Should be object"
    elif not isinstance(widgets := body.get("widgets"), list):
        yield ("", "Should have required property 'widgets'") if widgets is None else ("/widgets", "Should be array")
    elif len(widgets) > _MOST_WIDGETS:
        yield "/widgets", f"Should NOT have more than {_MOST_WIDGETS} items"
    else:
        for at, widget in enumerate(widgets):
            yield from _widget_problems(f"/widgets/{at}", widget)


def _widget_problems(path: str, widget: Any) -> Iterator[_Found]:
    if not isinstance(widget, dict):
        yield path, "Should be object"
        return
    missing = [key for key in ("type", "properties") if key not in widget]
    yield from ((path, f"Should have required property '{key}'") for key in missing)
    yield from _place_problems(path, widget)
    if missing:
        return
    if widget["type"] not in _KINDS:
        yield f"{path}/type", "Should be equal to one of the allowed values"
    elif not isinstance(widget["properties"], dict):
        yield f"{path}/properties", "Should be object"
    else:
        yield from _content_problems(f"{path}/properties", widget["type"], widget["properties"])


def _place_problems(path: str, widget: dict[str, Any]) -> Iterator[_Found]:
    x, width = widget.get("x", 0), widget.get("width", 6)
    for key, value, least in (("x", x, 0), ("y", widget.get("y", 0), 0), ("width", width, 1)):
        if not isinstance(value, int) or value < least:
            yield f"{path}/{key}", f"Should be integer of at least {least}"
            return
    if x + width > _COLUMNS:
        yield path, f"x ({x}) and width ({width}) come to more than {_COLUMNS} columns"


def _content_problems(path: str, kind: str, properties: dict[str, Any]) -> Iterator[_Found]:
    if (key := _NEEDED.get(kind)) is not None and key not in properties:
        yield path, f"Should have required property '{key}'"
    if kind != "metric":
        return
    alarms = (properties.get("annotations") or {}).get("alarms")
    metrics = properties.get("metrics")
    if metrics is None and not alarms:
        yield path, "Should have required property 'metrics'"
    if "region" not in properties or (metrics is None and not alarms):
        yield path, "The metric widget should have specified a region and a data source or an alarm annotation"
    for at, line in enumerate(metrics or []):
        if not isinstance(line, list):
            yield f"{path}/metrics/{at}", "Should be array"
