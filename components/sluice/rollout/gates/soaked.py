"""Time on a rung: what goes wrong at night must have had a night."""

from sluice.rollout import figures
from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("soaked")
_SAME = 0.5
"""Live weights are rounded; a share this close, in percent, is the recorded one."""


def check(rise: Rise) -> Verdict:
    """Passes when the present share has been live for as long as its rung soaks."""
    if not rise.serves:
        return _SAY.unasked()
    moved = _moved(rise)
    if moved is not None:
        return _SAY.cannot_tell(moved)
    since = rise.evidence.stage_since.get(rise.slot)
    if since is None:
        return _SAY.cannot_tell(f"the journal does not say since when {rise.slot} has {rise.percent:g} %")
    soaked, needed = (rise.evidence.now - since).total_seconds() / 3600, rise.terms.soak_at(rise.percent)
    text = f"soaked {figures.hours(max(soaked, 0.0))} of {figures.hours(needed)} h"
    return _SAY.passed(text) if soaked >= needed else _SAY.failed(text)


def _moved(rise: Rise) -> str | None:
    """Returns what somebody changed past the journal."""
    recorded = rise.evidence.recorded
    if recorded is None:
        return "there is no journal of this stage"
    share = recorded.get(rise.slot, 0.0)
    if abs(share - rise.percent) <= _SAME:
        return None
    return (
        f"{rise.percent:g} % is live and the journal has {share:g} %: changed by hand; "
        f"declare {rise.percent:g} % and apply it, and the soak begins"
    )
