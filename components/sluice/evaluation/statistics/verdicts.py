"""A verdict for each of several figures, corrected for how many there are."""

import math
from collections.abc import Mapping

from sluice.evaluation.statistics.difference import Difference
from sluice.evaluation.statistics.families import holm
from sluice.evaluation.statistics.runs import require_share
from sluice.evaluation.verdict import Verdict


def verdicts(differences: Mapping[str, Difference], alpha: float = 0.05) -> dict[str, Verdict]:
    """
    Returns what is known of each figure at the two-sided significance `alpha`.

    Three questions are asked: which are better, which are not worse, which are worse. Holm's procedure corrects each
    over the figures that it is asked of, at alpha/2; `not worse` is asked where there is a margin. Raises SluiceError
    for an alpha that is none.
    """
    require_share(alpha, "alpha")
    better = holm({name: it.p_better for name, it in differences.items()})
    worse = holm({name: it.p_worse for name, it in differences.items()})
    not_worse = holm({name: it.p_not_worse for name, it in differences.items() if it.p_not_worse is not None})
    return {name: _verdict(better[name], not_worse.get(name, math.nan), worse[name], alpha / 2) for name in differences}


def _verdict(better: float, not_worse: float, worse: float, level: float) -> Verdict:
    # NaN is below no level: what is not known speaks for nothing.
    if better <= level:
        return Verdict.BETTER
    if not_worse <= level:
        return Verdict.NOT_WORSE
    if worse <= level:
        return Verdict.WORSE
    return Verdict.CANNOT_TELL
