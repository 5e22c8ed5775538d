"""What SageMaker's listing operations have in common: filters, order and pages."""

from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError

_PAGE = 100


def listed(request: dict[str, Any], summaries: Iterable[dict[str, Any]], member: str, name: str) -> ActionResult:
    """
    Returns an answer with the summaries that a request asks for.

    `member` is what the answer calls them, `name` what a summary calls its resource's name.
    """
    found = [summary for summary in summaries if _wanted(request, summary, name)]
    key = name if request.get("SortBy") == "Name" else "CreationTime"
    found.sort(key=lambda summary: summary[key], reverse=request.get("SortOrder", "Descending") == "Descending")
    token = str(request.get("NextToken", "0"))
    if not token.isdigit():
        raise ValidationError(message="Invalid NextToken.")
    start, size = int(token), int(request.get("MaxResults", _PAGE))
    rest = {"NextToken": str(start + size)} if len(found) > start + size else {}
    return ActionResult({member: found[start : start + size], **rest})


def _wanted(request: dict[str, Any], summary: dict[str, Any], name: str) -> bool:
    made = summary["CreationTime"].timestamp()
    return (
        request.get("NameContains", "").lower() in summary[name].lower()
        and request.get("StatusEquals", summary.get("EndpointStatus")) == summary.get("EndpointStatus")
        and ("CreationTimeBefore" not in request or made < _seconds(request["CreationTimeBefore"]))
        and ("CreationTimeAfter" not in request or made > _seconds(request["CreationTimeAfter"]))
    )


def _seconds(moment: Any) -> float:
    return float(moment.timestamp() if hasattr(moment, "timestamp") else moment)
