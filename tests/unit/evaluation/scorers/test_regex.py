"""Patterns."""

import time
from typing import Any

import pytest

from sluice.errors import InvalidInput, SluiceError
from tests.unit.evaluation.scorers.samples import example, score, scorer


@pytest.mark.parametrize(
    ("output", "options", "expected"),
    [
        ("the answer is 42", {"pattern": r"\d+"}, 1),
        ("the answer is 42", {"pattern": r"\d+", "match": "whole"}, 0),
        ("42", {"pattern": r"\d+", "match": "whole"}, 1),
        ("Yes", {"pattern": "yes"}, 0),
        ("Yes", {"pattern": "yes", "ignore_case": True}, 1),
        ({"b": 1, "a": "ü"}, {"pattern": r'^\{"a": "ü", "b": 1\}$'}, 1),
        ({"a": "x"}, {"pattern": "^x$", "path": "a"}, 1),
        (None, {"pattern": "^$"}, 1),
    ],
)
def test_a_pattern_matches_or_not(output: Any, options: Any, expected: float) -> None:
    """A pattern is searched, or matches all; what is no text is matched as JSON, its keys in order."""
    assert score("regex", output, **options) == expected


@pytest.mark.parametrize("capture", ["answer", "1"])
def test_a_group_is_held_against_the_reference(capture: str) -> None:
    """What a group catches must be the reference, whether it is a text or a number."""
    options = {"pattern": r"Answer: (?P<answer>\w+)", "capture": capture}
    assert score("regex", "So. Answer: B", "B", **options) == 1
    assert score("regex", "So. Answer: 7", 7, **options) == 1
    assert score("regex", "So. Answer: A", "B", **options) == 0
    assert score("regex", "So. B", "B", **options) == 0
    assert score("regex", "So. Answer: B", None, **options) is None


def test_a_group_that_caught_nothing_is_no_reference() -> None:
    """A group that took no part in the match is not the reference `None`."""
    assert score("regex", "b", "None", pattern="(a)|b", capture="1") == 0


def test_a_group_must_be_there() -> None:
    """A group that the pattern does not have is refused, and those that it has are told."""
    with pytest.raises(InvalidInput, match=r"regex.capture is 'letter'; the pattern has the groups: answer, 1, 2"):
        scorer("regex", pattern=r"(?P<answer>a)(b)", capture="letter")


@pytest.mark.parametrize("pattern", ["(", "", "x" * 10_001, "[z-a]"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    """A pattern that cannot be read, or that nobody would read, is refused before anything is scored."""
    with pytest.raises(InvalidInput, match=r"metrics.m.scorer.regex.pattern"):
        scorer("regex", pattern=pattern)


def test_a_catastrophic_pattern_is_stopped() -> None:
    """A pattern that would take ages on an answer ends the scoring in time, and is told with the example."""
    slow = scorer("regex", pattern=r"(a|aa|a?b)+$", timeout_seconds=0.2)
    started = time.monotonic()
    with pytest.raises(
        SluiceError, match=r"the pattern '\(a\|aa\|a\?b\)\+\$' took longer than 0.2 s on an answer of 'e1'"
    ):
        slow.score("a" * 200 + "!", example())
    assert time.monotonic() - started < 5
