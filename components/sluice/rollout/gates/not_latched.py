"""No latch: what was rolled back does not rise again before somebody has said why it may."""

from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("not_latched", hard=True, always=True)


def check(rise: Rise) -> Verdict:
    """Passes unless this version's rollback is not acknowledged."""
    latch = rise.evidence.latch
    if latch is None or latch.version != rise.version:
        return _SAY.passed("no rollback of this version waits for acknowledgement")
    return _SAY.failed(
        f"this version was rolled back at {latch.at:%Y-%m-%d %H:%M %Z} ({latch.reason}); "
        "acknowledge it, or bring another"
    )
