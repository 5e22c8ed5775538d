"""The split of requests."""

from sluice.rollout.gates.sample_ratio import check
from sluice.rollout.rise import Outcome, Verdict
from tests.support.rollouts import NEW, OLD, cohort, rise


def split(ours: int, theirs: int) -> Verdict:
    return check(rise(cohorts={"blue": cohort("blue", OLD, theirs, 0), "green": cohort("green", NEW, ours, 0)}))


def test_a_split_as_declared_passes() -> None:
    """As near to it as chance brings."""
    assert split(1_030, 8_970).text == "green had 10.3 % of 10,000 requests, declared 10.0 %"
    assert split(1_030, 8_970).passes


def test_another_split_fails() -> None:
    """Whoever is in the cohorts was not drawn by lot."""
    verdict = split(1_400, 8_600)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.text == ("green had 14.0 % of 10,000 requests, declared 10.0 %: the split is not what was declared")


def test_a_candidate_that_gets_nothing_fails_once_that_is_no_chance() -> None:
    """Zero of 10,000 at 10 percent."""
    assert split(0, 10_000).outcome is Outcome.FAIL


def test_no_requests_cannot_tell() -> None:
    """And neither can metrics that are not there."""
    assert split(0, 0).text == "no request was answered in this stage"
    assert check(rise(cohorts={"green": cohort("green", NEW, 1, 0)})).text == "there are no metrics of blue"


def test_slots_without_traffic_do_not_count() -> None:
    """A test may ask a standby by name."""
    cohorts = {
        name: cohort(name, NEW, count, 0) for name, count in {"blue": 9_000, "green": 1_000, "grey": 500}.items()
    }
    assert check(rise(cohorts=cohorts, live={"blue": 90.0, "green": 10.0, "grey": 0.0})).passes
