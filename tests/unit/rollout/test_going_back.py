"""Where traffic goes back to."""

import pytest

from sluice.rollout.going_back import way_back
from sluice.rollout.journal import History
from sluice.rollout.movement import Kind
from tests.support.movements import ENDPOINT, movement

BLUE, GREEN = "sha256:blue", "sha256:green"


def history(*shares: float, baselines: tuple[str, ...] = ()) -> History:
    """Green's shares one after the other; blue has the rest."""
    kinds = [Kind.DEPLOY] + [Kind.RISE] * (len(shares) - 1)
    before = [0.0, *shares]
    named = baselines or ("blue",) * len(shares)
    return History(
        ENDPOINT,
        tuple(
            movement(number, before[number - 1], share, kind=kind, baseline=baseline)
            for number, (share, kind, baseline) in enumerate(zip(shares, kinds, named, strict=True), start=1)
        ),
    )


def digests(found: History) -> dict[str, str]:
    assert found.last is not None
    return {slot: it.digest for slot, it in found.last.versions.items()}


def test_while_others_serve_the_baseline_gets_it_all() -> None:
    """It is what was trusted until now."""
    found = history(0, 10)
    back = way_back(found, {"blue": 90, "green": 10}, digests(found))
    assert (back.slot, back.reason) == ("blue", "the baseline")


def test_after_a_promotion_who_served_before_gets_it_back() -> None:
    """As long as it stands by with the same version."""
    found = history(0, 50, 100, 100, baselines=("blue", "blue", "blue", "green"))
    back = way_back(found, {"blue": 0, "green": 100}, digests(found))
    assert back.slot == "blue"
    assert back.reason.endswith("which served before")


def test_who_has_gone_is_brought_back_as_a_version() -> None:
    """Another version in its slot is not what served."""
    found = history(0, 100, 100, baselines=("blue", "blue", "green"))
    with pytest.raises(
        ValueError, match="does not stand by any more; bring it back as a version: sluice rollback --to"
    ):
        way_back(found, {"blue": 0, "green": 100}, {**digests(found), "blue": "sha256:other"})


def test_the_first_version_has_nobody_before_it() -> None:
    """There is nothing to go back to."""
    found = history(0)
    with pytest.raises(ValueError, match="no other version has had all the traffic"):
        way_back(found, {"blue": 100, "green": 0}, digests(found))
