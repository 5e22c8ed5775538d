"""No record is of the future."""

from datetime import timedelta
from typing import Any

import pytest

from sluice.rollout.gates.clocks_agree import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import NOW, rise

LATER = NOW + timedelta(minutes=90)


@pytest.mark.parametrize(
    "known", [{"recorded_at": LATER}, {"stage_since": {"green": LATER}}, {"measured_until": LATER}]
)
def test_clocks_that_disagree_cannot_tell(known: dict[str, Any]) -> None:
    """Whether the journal, the stage or the metrics are ahead; and no force helps."""
    verdict = check(rise(**known))
    assert (verdict.outcome, verdict.hard) == (Outcome.CANNOT_TELL, True)
    assert verdict.text == (
        "the clock says 2026-11-24 12:00 UTC, 90 min before the newest record; set this machine's clock"
    )


def test_a_few_minutes_are_nothing() -> None:
    """Two machines are never quite of one time."""
    assert check(rise(recorded_at=NOW + timedelta(minutes=4))).passes
