"""What counts as scores, and which of two versions' examples can be compared."""

import numpy as np
import pytest

from sluice.errors import SluiceError
from sluice.evaluation.statistics import paired
from sluice.evaluation.statistics.runs import example_means, scored
from tests.unit.evaluation.statistics.samples import column

NAN = np.nan


def test_rows_without_a_number_are_left_out() -> None:
    """An example that was never scored is no part of a figure."""
    assert scored([[1, NAN], [NAN, NAN], [NAN, 3]]).tolist()[0][0] == 1
    assert len(scored([[1, NAN], [NAN, NAN], [NAN, 3]])) == 2


def test_a_mean_is_over_the_runs_that_there_are() -> None:
    """An example with fewer runs has the mean of those."""
    assert example_means(np.array([[1, 0, 1, 1], [1, NAN, NAN, 0]])).tolist() == [0.75, 0.5]


def test_only_common_examples_are_compared() -> None:
    """Examples that only one version has a score for are counted, and left out."""
    pairs = paired(column(1, NAN, 3, 4, NAN), column(2, 5, NAN, 5, NAN))
    assert pairs.differences().tolist() == [1, 1]
    assert (pairs.examples, pairs.only_old, pairs.only_new) == (2, 1, 1)


def test_both_may_have_another_number_of_runs() -> None:
    """What is paired is examples, not runs."""
    assert paired([[1.0, 3.0]], [[5.0]]).differences().tolist() == [3]


def test_other_examples_are_refused() -> None:
    """Versions with another number of rows were not asked the same, and the message says what to give."""
    with pytest.raises(SluiceError, match=r"old has 2 examples and new has 3; .* NaN where there is no score"):
        paired(column(1, 2), column(1, 2, 3))


@pytest.mark.parametrize("wrong", [[1.0, 2.0], 3.0, [[[1.0]]]])
def test_other_dimensions_are_refused(wrong: object) -> None:
    """Scores have a row an example and a column a run, even for one run."""
    with pytest.raises(SluiceError, match=r"new has the shape .* two dimensions: \(examples, runs\)"):
        paired(column(1, 2), wrong)  # type: ignore[arg-type]


def test_infinity_is_refused() -> None:
    """Infinity is no score."""
    with pytest.raises(SluiceError, match="scores holds infinity"):
        scored(column(1, np.inf))
