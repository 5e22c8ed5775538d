"""The numbers of an evaluation report, whatever else it says."""

import json
import math
from collections.abc import Iterator
from typing import Any


def metrics_of(report: bytes) -> dict[str, float]:
    """Returns every finite number of a JSON report by its key path, `latency.p95`; what is in lists is left out."""
    try:
        document = json.loads(report)
    except ValueError:
        return {}
    return dict(_leaves(document, ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield path, float(value)
