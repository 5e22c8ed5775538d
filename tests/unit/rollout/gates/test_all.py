"""Gates are found, and all of them are asked."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout import gates
from sluice.rollout.rise import Evidence, Outcome
from tests.support.rollouts import NOW, first_rise, rise


def test_every_file_is_a_gate() -> None:
    """A new file is a new gate, and it has a test of its name."""
    here = Path(__file__).parent
    assert {f"test_{name}.py" for name in gates.all_gates()} <= {path.name for path in here.glob("test_*.py")}
    assert set(gates.all_gates()) == {path.stem for path in Path(gates.__file__).parent.glob("[a-z]*.py")}


@pytest.mark.parametrize("name", gates.all_gates())
def test_a_gate_passes_what_is_well_and_bears_its_name(name: str) -> None:
    """On a rung, and before the first one."""
    for question in (rise(), first_rise()):
        verdict = gates.all_gates()[name](question)
        assert (verdict.gate, verdict.outcome) == (name, Outcome.PASS)
        assert verdict.text


@pytest.mark.parametrize(
    "name",
    [
        "cohorts_not_worse",
        "enough_requests",
        "latency",
        "metrics_fresh",
        "no_alarm",
        "quality",
        "sample_ratio",
        "soaked",
    ],
)
def test_a_gate_that_knows_nothing_cannot_tell(name: str) -> None:
    """Nothing is known of a candidate that serves: that is never a pass."""
    assert gates.all_gates()[name](rise(evidence=Evidence(NOW))).outcome is Outcome.CANNOT_TELL


def test_hard_gates_come_first() -> None:
    """What no force passes is read first."""
    verdicts = gates.check_all(rise())
    assert [verdict.hard for verdict in verdicts] == sorted((verdict.hard for verdict in verdicts), reverse=True)
    assert {verdict.gate for verdict in verdicts if verdict.hard} == {"clocks_agree", "next_rung", "not_latched"}


@given(st.floats(0, 100), st.floats(0, 100))
def test_every_gate_answers_whatever_is_live(live: float, wanted: float) -> None:
    """A share between two rungs is a share."""
    for verdict in gates.check_all(rise(wanted, live={"blue": 100 - live, "green": live})):
        assert verdict.outcome in Outcome
