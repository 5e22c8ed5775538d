"""Answers a page of data points at a time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


class InvalidToken(ValueError):
    """A token that no answer held."""


def cut(
    series: Mapping[str, tuple[str, Sequence[tuple[int, float]]]], most: int, token: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """
    Returns the results of one page, and the token of the next one if there is one.

    `series` has, by id, the label and the points in the order in which they are told. A page holds `most` points; a
    series that goes on in the next is `PartialData`.
    """
    first, offset = _read(token)
    found: list[dict[str, Any]] = []
    left = most
    for index, (name, (label, points)) in enumerate(series.items()):
        if index < first:
            continue
        rest = points[offset if index == first else 0 :]
        if left == 0:
            return found, f"{index}:0"
        found.append(_result(name, label, rest[:left], complete=len(rest) <= left))
        if len(rest) > left:
            return found, f"{index}:{len(points) - len(rest) + left}"
        left -= len(rest)
    return found, None


def _result(name: str, label: str, points: Sequence[tuple[int, float]], complete: bool) -> dict[str, Any]:
    return {
        "Id": name,
        "Label": label,
        "Timestamps": [datetime.fromtimestamp(moment, UTC) for moment, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete" if complete else "PartialData",
    }


def _read(token: str | None) -> tuple[int, int]:
    if token is None:
        return 0, 0
    index, _, offset = token.partition(":")
    if not (index.isdigit() and offset.isdigit()):
        raise InvalidToken(token)
    return int(index), int(offset)
