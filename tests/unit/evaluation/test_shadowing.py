"""What a version did in the shadow: pairs, agreement, and the sealed report."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluice.errors import InvalidFile
from sluice.evaluation.captures import Captured
from sluice.evaluation.shadow_report import ShadowReport, ShadowSide, path_for, read_shadow_report
from sluice.evaluation.shadowing import Pair, agree, paired, shadow_report
from sluice.rollout.rise import Outcome
from sluice.rollout.terms import Terms
from tests.support.rollouts import NEW, NOW, OLD, cohort

SIDES = (
    ShadowSide(variant="blue", label="digits@1", digest=OLD, instance_type="ml.m5.large", instances=1),
    ShadowSide(variant="shadow", label="digits@2", digest=NEW),
)


def seen(identity: str, output: str | None, minute: int = 0) -> Captured:
    return Captured(identity, NOW + timedelta(minutes=minute), f"asked {identity}", output)


def report(same: int, different: int, failing: int = 20, **more: float) -> ShadowReport:
    """Returns the report of a week with so many answers alike and not."""
    pairs = [Pair("q", "7", "7")] * same + [Pair("q", "7", "1")] * different
    cohorts = {"blue": cohort("blue", OLD, 10_000, 20), "shadow": cohort("shadow", NEW, 10_000, failing)}
    wanted = {"agreement": 0.95, "tolerance": 1e-6, **more}
    return shadow_report("search", SIDES, (NOW - timedelta(days=7), NOW), pairs, cohorts, Terms(), **wanted)


def test_the_same_request_is_paired_by_its_id() -> None:
    """Whatever came in between; what only one was asked is left out, and equal requests are taken in their order."""
    production = [seen("a", "1"), seen("b", "2", 1), seen("b", "3", 2), seen("c", "4")]
    shadow = [seen("b", "two", 4), seen("b", "three", 5), seen("a", None, 3), seen("d", "5")]
    found = [(it.production, it.shadow) for it in paired(production, shadow)]
    assert sorted(found, key=str) == [("1", None), ("2", "two"), ("3", "three")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("7", "7", True),
        ('{"a": 1.0, "b": [1]}', '{"b": [1], "a": 1}', True),
        ("[0.5]", "[0.5000000001]", True),
        ("[0.5]", "[0.51]", False),
        ("true", "1", False),
        ("[1, 2]", "[1]", False),
        ("no JSON", "no JSON", True),
        ("no JSON", "other", False),
        (None, "7", False),
        (None, None, False),
    ],
)
def test_answers_agree_as_values(one: str | None, other: str | None, expected: bool) -> None:
    """Order and spaces do not matter, numbers may differ a little, and no answer agrees with nothing."""
    assert agree(Pair("q", one, other), 1e-6) is expected


def test_a_shadow_that_agrees_passes() -> None:
    """Its summary is the agreement with its interval."""
    found = report(4990, 10)
    assert found.outcome is Outcome.PASS
    assert found.summary.startswith("agreement 99.8 % (")
    assert found.requests == 5000
    assert len(found.disagreements) == 10


def test_a_shadow_that_disagrees_fails() -> None:
    """And some of what it said is shown."""
    found = report(900, 100)
    assert found.outcome is Outcome.FAIL
    assert "agreement 90.0 %" in found.summary
    assert len(found.disagreements) == 20
    assert found.disagreements[0] == {"input": "q", "production": "7", "shadow": "1"}


@pytest.mark.parametrize(("same", "different"), [(0, 0), (1, 0), (97, 3)])
def test_few_answers_tell_nothing(same: int, different: int) -> None:
    """A share whose interval is on both sides of what is wanted is no pass."""
    assert report(same, different).findings["agreement"].outcome is Outcome.CANNOT_TELL


def test_a_shadow_that_fails_more_fails() -> None:
    """However well its answers agree: judged as on a rung."""
    found = report(5000, 0, failing=400)
    assert found.outcome is Outcome.FAIL
    assert "errors 4.0 % against 0.2 %" in found.summary


def test_a_report_is_sealed(tmp_path: Path) -> None:
    """What was written is read; what was edited is refused, and so is another format."""
    path = path_for(tmp_path / "v2.model.yaml")
    assert path.name == "v2.shadow.json"
    path.write_text(report(4990, 10).text())
    read = read_shadow_report(path)
    assert (read.requests, read.outcome) == (5000, Outcome.PASS)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "requests": 50_000}))
    with pytest.raises(InvalidFile, match="no report is edited by hand; make it again with: sluice shadow report"):
        read_shadow_report(path)
    path.write_text(json.dumps({**document, "format": 9}))
    with pytest.raises(InvalidFile, match="format"):
        read_shadow_report(path)
    path.write_text("nothing")
    with pytest.raises(InvalidFile, match="is no JSON"):
        read_shadow_report(path)


def test_the_times_are_those_of_the_window() -> None:
    """A gate reads from them how many days it was."""
    found = report(10, 0)
    assert (found.since, found.until) == (datetime(2026, 11, 17, 12, tzinfo=UTC), NOW)
