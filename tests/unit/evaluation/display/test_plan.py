"""The table of `sluice plan-evaluation`."""

import io

from rich.console import Console

from sluice.evaluation.contract import Kind
from sluice.evaluation.display.plan import PlanRow, plan_sentence, plan_table

SHORT = PlanRow("accuracy", Kind.BINARY, 0.02, 0.21, 500, 0.06, 1240)
ENOUGH = PlanRow("overlap", Kind.SCORE, 0.05, 0.4, 500, 0.03, 300, "points")
FREE = PlanRow("helpful", Kind.BINARY, None, 0.1, 500, None, None)


def printed(*rows: PlanRow) -> str:
    file = io.StringIO()
    Console(file=file, width=140).print(plan_table(rows, 0.05, 0.8))
    return file.getvalue()


def test_the_largest_need_comes_first() -> None:
    """A set that is too small is said to be, for the metric that takes the most."""
    more = PlanRow("loss", Kind.SCORE, 0.1, 0.4, 500, 0.3, 9000)
    assert plan_sentence([SHORT, more, ENOUGH]) == (
        "The set is too small: 9,000 examples are needed for loss with a margin of 0.1, and there are 500."
    )


def test_a_set_that_is_large_enough_is_said_to_be() -> None:
    """Where every margin can be seen, nothing is asked for; without margins, nothing is claimed."""
    assert plan_sentence([ENOUGH, FREE]).startswith("The set is large enough")
    assert plan_sentence([FREE]) == "No margin can be judged."


def test_a_row_has_its_figures_in_its_units() -> None:
    """Margin, spread and smallest effect of a share are percentage points, and what is missing is counted."""
    (line,) = [it for it in printed(SHORT, ENOUGH, FREE).splitlines() if it.strip().startswith("accuracy ")]
    assert line.split() == [*("accuracy", "2", "pp", "21", "pp", "500", "6.0", "pp", "1,240", "▼", "740", "too", "few")]


def test_what_nobody_knows_is_said() -> None:
    """A metric without margin needs no number of examples, and has none."""
    (line,) = [it for it in printed(FREE).splitlines() if it.strip().startswith("helpful")]
    assert "none agreed" in line
    assert line.count("not known") == 3


def test_significance_and_power_are_said() -> None:
    """How many examples it takes depends on both."""
    assert "significance 5 % and power 80 %" in printed(SHORT)


def test_names_cannot_steer_the_terminal() -> None:
    """A metric's name is text."""
    assert "\x1b" not in printed(PlanRow("\x1b[2Jm", Kind.BINARY, 0.02, 0.2, 5, 0.1, 9))
