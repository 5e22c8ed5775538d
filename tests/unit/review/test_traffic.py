"""Who gets how much, in words and as a bar."""

import pytest

from sluice.review.declared import Declared
from sluice.review.traffic import bar
from tests.unit.review.samples import VERSIONS, endpoint, movement, reviewed, step

SECTION = {"variants": {"blue": {"version": "digits@1"}, "green": {"version": "digits@2"}}}


def _declared(blue: int, green: int) -> Declared:
    return Declared({"shop:endpoint": {**SECTION, "traffic": {"blue": blue, "green": green}}})


def test_a_rise_is_told_in_words() -> None:
    """Of every slot that gains or loses, with its version."""
    (it,) = reviewed(movement({"blue": 90, "green": 10}, {"blue": 75, "green": 25})).traffic
    assert it.sentences == [
        "blue (digits@1) falls from 90 % to 75 %",
        "green (digits@2) rises from 10 % to 25 %",
    ]
    assert [share.slot for share in it.rising] == ["green"]
    assert it.against == "deployed"


def test_a_slot_does_not_become_the_baseline_by_rising() -> None:
    """It is a candidate until it has risen, also where its rise and its promotion are one change."""
    before = endpoint({"blue": 50, "green": 50})
    (it,) = reviewed(step("update", before, endpoint({"blue": 0, "green": 100}, baseline="green"))).traffic
    assert [share.slot for share in it.rising] == ["green"]
    assert it.sentences[-1] == "green becomes the baseline, in place of blue"


def test_what_the_base_declares_has_a_baseline_too() -> None:
    """Declared, or the slot with the most traffic."""
    made = step("create", None, endpoint({"blue": 0, "green": 100}, baseline="green"))
    (it,) = reviewed(made, base=_declared(90, 10)).traffic
    assert [share.slot for share in it.rising] == ["green"]
    (it,) = reviewed(
        made, base=Declared({"shop:endpoint": {**SECTION, "baseline": "green", "traffic": {"blue": 90}}})
    ).traffic
    assert not it.rising


def test_weights_are_ratios() -> None:
    """As SageMaker takes them; people are told percent."""
    (it,) = reviewed(movement({"blue": 3, "green": 1}, {"blue": 1, "green": 1})).traffic
    assert it.sentences[1] == "green (digits@2) rises from 25 % to 50 %"


def test_traffic_that_stays_is_said_to_stay() -> None:
    """Silence could be a mistake."""
    (it,) = reviewed(movement({"blue": 100, "green": 0}, {"blue": 100, "green": 0})).traffic
    assert it.sentences == ["the traffic of digits stays as it is"]
    assert not it.moves


def test_another_version_under_the_same_traffic_is_told() -> None:
    """With the share of the users that it concerns."""
    new = endpoint({"blue": 100}, versions={"blue": "digits@3 sha256:cc"})
    (it,) = reviewed(step("update", endpoint({"blue": 100}, versions={"blue": "digits@1"}), new)).traffic
    assert it.sentences == ["blue, which carries 100 % of the traffic, changes from digits@1 to digits@3"]


def test_what_is_not_deployed_is_compared_with_the_base() -> None:
    """Without a base it is new."""
    made = step("create", None, endpoint({"blue": 75, "green": 25}))
    (it,) = reviewed(made, base=_declared(90, 10)).traffic
    assert it.against == "declared at main"
    assert it.sentences[1] == "green (digits@2) rises from 10 % to 25 %"
    (alone,) = reviewed(made).traffic
    assert alone.sentences == ["digits is new: blue (digits@1) gets 75 %, green (digits@2) gets 25 %"]


def test_a_rise_that_no_gate_was_asked_of_needs_attention() -> None:
    """Nothing is deployed in the plan, and so no gate has anything to say."""
    found = reviewed(step("create", None, endpoint({"blue": 75, "green": 25})), base=_declared(90, 10))
    assert any("no gate was asked whether green may rise" in it for it in found.warnings)


def test_what_is_deployed_and_not_declared_is_told() -> None:
    """A rollback, or a deployment that did not come about, shows so."""
    moved = movement({"blue": 100, "green": 0}, {"blue": 75, "green": 25})
    (it,) = reviewed(moved, base=_declared(90, 10)).traffic
    assert it.undeployed == {"blue": 90, "green": 10}
    assert reviewed(moved, base=_declared(100, 0)).traffic[0].undeployed == {}


def test_an_endpoint_that_goes_answers_nobody() -> None:
    """It needs attention, too."""
    found = reviewed(step("delete", endpoint({"blue": 100}, versions=VERSIONS), None))
    assert found.traffic[0].sentences == ["digits is deleted: nobody is answered any more"]
    assert "sluice:index:LiveEndpoint digits is deleted" in found.warnings


@pytest.mark.parametrize(("percent", "filled"), [(0, 0), (0.5, 1), (10, 2), (50, 10), (99, 19), (99.9, 19), (100, 20)])
def test_a_bar_never_draws_some_as_none_nor_most_as_all(percent: float, filled: int) -> None:
    """It has 20 characters."""
    assert bar(percent) == "█" * filled + "░" * (20 - filled)
