"""How answers become a table of scores."""

import asyncio
import math
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput, SluiceError
from sluice.evaluation.contract import Direction, Kind, Metric
from sluice.evaluation.scorers import Context, exact
from sluice.evaluation.scoring import score
from tests.unit.evaluation.answering import EXACT, answer, scored, set_of

ASKED = set_of("a", "b", "c")
ANSWERS = [answer(f"e{row}", run, output) for row, output in enumerate("abx") for run in (1, 2)]


def test_scores_stand_in_the_order_of_the_set() -> None:
    """A row an example, a column a run."""
    made = scored(ANSWERS, ASKED)
    assert made.examples == ("e0", "e1", "e2")
    assert made.metrics["accuracy"].tolist() == [[1, 1], [1, 1], [0, 0]]
    assert made.outputs == (("a", "a"), ("b", "b"), ("x", "x"))
    assert (made.runs, made.answers) == (2, 6)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_matter(shuffling: random.Random) -> None:
    """However calls came back, the table is the same."""
    shuffled = list(ANSWERS)
    shuffling.shuffle(shuffled)
    assert scored(shuffled, ASKED).digest == scored(ANSWERS, ASKED).digest


def test_runs_may_be_missing() -> None:
    """Where there is no run there is no score, and it is not counted as unscored."""
    made = scored([answer("e0", 3, "a"), answer("e1", 1, "b"), answer("e2", 1, None)], ASKED)
    np.testing.assert_array_equal(
        made.metrics["accuracy"], [[math.nan, math.nan, 1], [1, math.nan, math.nan], [0, math.nan, math.nan]]
    )
    assert (made.answers, made.unscored("accuracy")) == (3, 0)


def test_what_was_measured_stands_beside() -> None:
    """Latency, tokens and cost are arrays of the same shape, NaN where nobody knows."""
    answers = [
        answer("e0", 1, "a", latency_ms=5.0, tokens_in=3, tokens_out=1, cost=0.5),
        answer("e0", 2, error="timeout", latency_ms=99.0),
    ]
    made = scored(answers, set_of("a"))
    np.testing.assert_array_equal(made.latency_ms, [[5, 99]])
    np.testing.assert_array_equal(made.answered_latency_ms, [[5, math.nan]])
    np.testing.assert_array_equal(made.tokens_in, [[3, math.nan]])
    np.testing.assert_array_equal(made.tokens_out, [[1, math.nan]])
    np.testing.assert_array_equal(made.cost, [[0.5, math.nan]])


@pytest.mark.parametrize(
    ("kind", "direction", "expected"),
    [
        (Kind.BINARY, Direction.HIGHER, 0.0),
        (Kind.BINARY, Direction.LOWER, 1.0),
        (Kind.SCORE, Direction.HIGHER, math.nan),
        (Kind.SCORE, Direction.LOWER, math.nan),
    ],
)
def test_a_failed_call_is_the_worst_there_is(kind: Kind, direction: Direction, expected: float) -> None:
    """A binary metric counts it against the version; a real-valued one has no worst, and the error rate tells it."""
    metric = Metric(scorer={"exact": {}}, kind=kind, direction=direction)
    made = scored([answer("e0", 1, "a"), answer("e0", 2, error="server")], set_of("a"), m=metric)
    np.testing.assert_array_equal(made.metrics["m"], [[1, expected]])
    np.testing.assert_array_equal(made.failed, [[0, 1]])
    assert made.unscored("m") == int(math.isnan(expected))


def test_an_endpoint_that_fails_half_of_the_time_is_told() -> None:
    """Failures are counted by kind, keep their rows, and their rate is the mean of what failed."""
    answers = [answer(f"e{row}", run, "a", error="server" if run == 2 else None) for row in range(2) for run in (1, 2)]
    answers[3] = answer("e1", 2, error="timeout")
    made = scored(answers, set_of("a", "a"))
    assert np.nanmean(made.failed) == 0.5
    assert made.error_counts == {"server": 1, "timeout": 1}
    assert made.errors == ((None, "server: no"), (None, "timeout: no"))
    assert np.nanmean(made.metrics["accuracy"]) == 0.5


def test_every_call_failing_is_still_a_table() -> None:
    """An endpoint that never answers has an accuracy of 0 and an error rate of 1."""
    made = scored([answer(f"e{row}", 1, error="server") for row in range(3)], ASKED)
    assert (made.metrics["accuracy"].mean(), made.failed.mean()) == (0, 1)


def test_an_output_that_is_null_is_an_answer() -> None:
    """Null is scored like any other output."""
    made = scored([answer("e0", 1, None)], set_of("a"))
    assert made.failed.tolist() == [[0]]
    assert made.metrics["accuracy"].tolist() == [[0]]


def test_what_has_no_reference_is_unscored_and_counted() -> None:
    """It is NaN, neither right nor wrong."""
    made = scored([answer("e0", 1, "a"), answer("e1", 1, "a")], set_of("a", None))
    np.testing.assert_array_equal(made.metrics["accuracy"], [[1], [math.nan]])
    assert made.unscored("accuracy") == 1


def test_slices_stand_beside() -> None:
    """Which examples are of a slice is a mask over the rows."""
    asked = set_of("a", "b", slices=[{"digit": "3"}, {"digit": "8"}])
    made = scored([answer("e0", 1, "a"), answer("e1", 1, "a")], asked)
    assert made.of_slice("digit", "8").tolist() == [False, True]
    assert made.of_slice("hour", "8").tolist() == [False, False]


def test_duplicated_answers_are_refused() -> None:
    """Two answers of one run would count twice, or hide one another."""
    with pytest.raises(InvalidInput, match="e0 has two answers of run 1; keep one"):
        scored([*ANSWERS, answer("e0", 1, "a")], ASKED)


def test_answers_to_another_set_are_refused() -> None:
    """An id that the set does not have shows that these are answers to something else."""
    with pytest.raises(InvalidInput, match="e9 is answered, and is no example of letters@1"):
        scored([*ANSWERS, answer("e9", 1, "a")], ASKED)


def test_examples_that_were_never_asked_are_refused() -> None:
    """Half of a set is another set."""
    with pytest.raises(InvalidInput, match=r"2 of 3 examples have no answer \(e1, e2\); go on with: sluice evaluate"):
        scored(ANSWERS[:2], ASKED)


def test_no_answers_at_all_are_refused() -> None:
    """There is nothing to score."""
    with pytest.raises(InvalidInput, match="3 of 3 examples have no answer"):
        scored([], ASKED)


def test_many_problems_are_told_in_few_lines() -> None:
    """All are counted, and the first ones named."""
    twice = [answer("e0", 1, "a") for _ in range(40)]
    with pytest.raises(InvalidInput, match="and 20 more like these") as raised:
        scored([*ANSWERS, *twice], ASKED)
    assert len(raised.value.problems) == 21


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_refused(value: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """NaN would leave an answer out silently; the metric, the run and the example are told."""
    monkeypatch.setattr(exact.Scorer, "score", lambda self, output, example: value)
    with pytest.raises(SluiceError, match=f"metric 'accuracy' scores run 1 of 'e0' as {value}; scores are finite"):
        scored(ANSWERS, ASKED)


def test_a_binary_metric_has_0_and_1(tmp_path: Path) -> None:
    """A scorer of one's own that gives a half is told, unless its metric is a score."""
    (tmp_path / "halves.py").write_text("def half(output, example):\n    return 0.5\n")
    scorer: dict[str, Any] = {"custom": {"function": "halves:half", "folder": "."}}
    try:
        with pytest.raises(SluiceError, match=r"scores run 1 of 'e0' as 0.5; a binary metric has 0 and 1"):
            scored(ANSWERS, ASKED, tmp_path, m=Metric(scorer=scorer))
        made = scored(ANSWERS, ASKED, tmp_path, m=Metric(scorer=scorer, kind=Kind.SCORE))
        assert made.metrics["m"].mean() == 0.5
    finally:
        sys.modules.pop("halves", None)


def test_scorers_are_checked_before_answers() -> None:
    """A contract that cannot be scored is told first, with the key path."""
    with pytest.raises(InvalidInput, match=r"metrics.m.scorer is 'exat'"):
        scored([], ASKED, m=Metric(scorer={"exat": {}}))


def test_what_scores_rest_on_is_kept_by_metric() -> None:
    """Only metrics that rest on something else have facts."""
    chrf = Metric(scorer={"text": {"figure": "chrf"}}, kind=Kind.SCORE)
    made = scored(ANSWERS, ASKED, accuracy=EXACT, near=chrf)
    assert list(made.facts) == ["near"]


def test_nothing_of_a_table_can_be_changed() -> None:
    """Whoever has it cannot improve it."""
    made = scored(ANSWERS, ASKED)
    for array in (made.metrics["accuracy"], made.failed, made.latency_ms):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_the_number_of_scores_is_the_scorer_s_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scorer that loses an answer is found out."""

    async def lose(self: Any, pairs: Any) -> list[float]:
        return [1.0] * (len(pairs) - 1)

    monkeypatch.setattr(exact.Scorer, "score_all", lose)
    with pytest.raises(ValueError, match="shorter"):
        scored(ANSWERS, ASKED)


def test_ten_thousand_answers_are_scored_in_seconds() -> None:
    """The table does not get slower than its answers are many."""
    asked = set_of(*["a"] * 2_000)
    answers = [answer(f"e{row}", run, "a") for row in range(2_000) for run in range(1, 6)]
    made = asyncio.run(asyncio.to_thread(score, answers, asked, {"accuracy": EXACT}, Context(Path())))
    assert made.metrics["accuracy"].sum() == 10_000
