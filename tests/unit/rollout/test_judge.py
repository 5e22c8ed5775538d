"""Whether traffic may change so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout import ladder
from sluice.rollout.judge import Force, judge, rises_of
from sluice.rollout.rise import Evidence, Latch, Outcome
from tests.support.rollouts import NEW, NOW, OLD, TERMS, change, cohort, evidence

NOTHING = Evidence(NOW)
FORCE = Force("fixes the outage of search", "ana")
TEN, QUARTER = {"blue": 90.0, "green": 10.0}, {"blue": 75.0, "green": 25.0}
YOUNG = evidence(stage_since={"green": NOW - timedelta(hours=3.2)})

percents = st.sampled_from([0, 1, 5, 7, 10, 25, 50, 75, 90, 100])


def split(green: float) -> dict[str, float]:
    return {"blue": 100 - green, "green": green}


def test_a_rise_that_passes_all_gates_is_allowed() -> None:
    """It says so, and forces nothing."""
    decision = judge(change(TEN, QUARTER), TERMS, evidence())
    assert (decision.allowed, decision.message, decision.forced) == (True, "green 10 → 25 allowed", False)
    assert {verdict.outcome for verdict in decision.verdicts} == {Outcome.PASS}


def test_a_refusal_names_every_unmet_gate_with_its_figures() -> None:
    """All at once, so that nobody comes back for the next one."""
    known = evidence(
        stage_since={"green": NOW - timedelta(hours=3.2)},
        cohorts={"blue": cohort("blue", OLD, 10_836, 87), "green": cohort("green", NEW, 1_204, 40)},
        alarms=("search-green-p95",),
    )
    decision = judge(change(TEN, QUARTER), TERMS, known)
    assert not decision.allowed
    assert decision.message == (
        "green 10 → 25 refused: errors 3.3 % against 0.8 % (n = 1,204, 10,836), worse with 99 % confidence, "
        "allowed 0.5 points; in ALARM: search-green-p95; soaked 3.2 of 24 h"
    )


@given(percents, percents)
def test_a_fall_is_always_allowed(one: float, other: float) -> None:
    """Whatever is known or not, latched, frozen or burning: traffic goes back to the baseline at once."""
    burning = replace(NOTHING, alarms=("all",), latch=Latch(NEW, NOW, "5XX"))
    decision = judge(change(split(max(one, other)), split(min(one, other))), TERMS, burning)
    assert (decision.allowed, decision.rulings) == (True, ())


@given(percents, percents)
def test_nothing_rises_on_no_evidence(before: float, after: float) -> None:
    """What cannot be told is not a pass."""
    if after > before:
        decision = judge(change(split(before), split(after)), TERMS, NOTHING)
        assert not decision.allowed


@given(percents, percents, st.sampled_from([None, FORCE]))
def test_no_rise_skips_a_rung(before: float, after: float, force: Force | None) -> None:
    """Not with the best of evidence, and not by force."""
    known = evidence(recorded=split(before))
    if after > before and judge(change(split(before), split(after)), TERMS, known, force).allowed:
        assert after == ladder.next_rung(TERMS.ladder, before)


@given(st.sets(st.sampled_from(["stage_since", "cohorts", "alarms", "measured_until", "recorded"])))
def test_less_evidence_never_makes_a_rise_possible(lost: set[str]) -> None:
    """A rise that is allowed with some of the evidence is allowed with all of it."""
    blank = {name: Evidence(NOW).__getattribute__(name) for name in lost}
    some = replace(evidence(), **blank)
    assert judge(change(TEN, QUARTER), TERMS, some).allowed == (not lost)


def test_the_baseline_may_take_all_back() -> None:
    """From standby too: a rollback is no rise of a candidate."""
    assert judge(change(split(100), split(0)), TERMS, NOTHING).allowed


def test_a_new_version_in_the_baselines_slot_is_a_candidate() -> None:
    """An empty slot may get another version, and nobody has seen that one."""
    fresh = change(split(100), split(0), versions={"blue": "sha256:newer", "green": NEW})
    decision = judge(fresh, TERMS, evidence(recorded=split(100)))
    assert not decision.allowed
    assert decision.rulings[0].step == "blue 0 → 100"
    assert "100 % skips 1 %" in decision.message
    assert [rise.baseline for rise in rises_of(fresh, TERMS, NOTHING)] == ["green"]


@pytest.mark.parametrize("grey", [1.0, 5.0])
def test_each_of_several_candidates_climbs_for_itself(grey: float) -> None:
    """What one gives up is not another's: the one that rises is judged, the one that falls is not."""
    before = {"blue": 90.0, "green": 10.0, "grey": 0.0}
    after = {"blue": 95.0 - grey, "green": 5.0, "grey": grey}
    versions = {"blue": OLD, "green": NEW, "grey": "sha256:grey"}
    known = evidence(recorded=before)
    decision = judge(change(before, after, versions=versions), replace(TERMS, shadow_days=0), known)
    assert [ruling.slot for ruling in decision.rulings] == ["grey"]
    assert decision.allowed == (grey == 1.0)


def test_a_first_deployment_has_nothing_to_be_compared_with() -> None:
    """The journal is empty: traffic goes as it is declared."""
    decision = judge(change({}, QUARTER, first=True), TERMS, NOTHING)
    assert (decision.allowed, decision.message) == (True, "first deployment: there is nothing to compare with")


def test_an_endpoint_that_is_gone_comes_back_as_it_was() -> None:
    """Before is what the journal has: to restore it is no rise, and more than that is."""
    assert judge(change(QUARTER, QUARTER), TERMS, NOTHING).allowed
    assert not judge(change(QUARTER, split(50)), TERMS, NOTHING).allowed


def test_a_force_passes_what_evidence_would_have_passed() -> None:
    """It says who, why, and over what: the journal keeps that."""
    decision = judge(change(TEN, QUARTER), TERMS, YOUNG, FORCE)
    assert (decision.allowed, decision.forced) == (True, True)
    assert decision.message == (
        "green 10 → 25 forced by ana (fixes the outage of search), passing over: soaked 3.2 of 24 h"
    )


def test_a_force_that_nothing_needs_is_none() -> None:
    """The journal does not record it."""
    assert not judge(change(TEN, QUARTER), TERMS, evidence(), FORCE).forced


@pytest.mark.parametrize(
    ("after", "known", "reason"),
    [
        (split(50), YOUNG, "50 % skips 25 %"),
        (QUARTER, replace(YOUNG, latch=Latch(NEW, NOW, "5XX")), "rolled back at 2026-11-24 12:00 UTC (5XX)"),
        (QUARTER, replace(YOUNG, recorded_at=NOW + timedelta(hours=1)), "60 min before the newest record"),
    ],
)
def test_no_force_passes_a_hard_gate(after: Mapping[str, float], known: Evidence, reason: str) -> None:
    """A skipped rung, a rollback that nobody acknowledged, and a wrong clock."""
    decision = judge(change(TEN, after), TERMS, known, FORCE)
    assert (decision.allowed, decision.forced) == (False, False)
    assert "refused, and no force passes this: " in decision.message
    assert reason in decision.message
    assert "soaked" not in decision.message


@pytest.mark.parametrize(
    ("force", "may", "objection"),
    [
        (FORCE, ("ben", "eva"), "ana may not force; who may: ben, eva"),
        (FORCE, (), "ana may not force; who may: nobody"),
        (Force("  ", "ana"), ("ana",), "a force needs a reason, which the journal keeps"),
    ],
)
def test_a_force_that_does_not_count_is_told(force: Force, may: tuple[str, ...], objection: str) -> None:
    """Besides what it was to pass over."""
    decision = judge(change(TEN, QUARTER), replace(TERMS, may_force=may), YOUNG, force)
    assert not decision.allowed
    assert decision.message == f"green 10 → 25 refused: {objection}; soaked 3.2 of 24 h"


def test_gates_that_are_not_enforced_tell_all_the_same() -> None:
    """A development stack moves as it likes, and sees what production would say."""
    decision = judge(change(TEN, split(100)), replace(TERMS, enforced=False), YOUNG)
    assert (decision.allowed, decision.forced) == (True, False)
    assert decision.message.startswith("green 10 → 100 allowed, gates are not enforced here: 100 % skips 25 %")
