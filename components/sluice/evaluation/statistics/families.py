"""Many questions at once: p values that are corrected for how many were asked."""

import math
from collections.abc import Mapping

from sluice.errors import SluiceError


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """
    Returns the adjusted p values: that any is falsely below a significance has at most that probability.

    Holm 1979, "A simple sequentially rejective multiple test procedure". NaN, which is no answer, was asked all the
    same: it counts as 1, and stays NaN. Raises SluiceError for a p value outside 0 to 1.
    """
    if wrong := {name: p for name, p in p_values.items() if not (math.isnan(p) or 0 <= p <= 1)}:
        raise SluiceError(f"p values are from 0 to 1; found {', '.join(f'{name} {p:g}' for name, p in wrong.items())}")
    # By hand, since statsmodels' multipletests collects garbage on each call, which takes longer than all the rest.
    adjusted, least = dict.fromkeys(p_values, math.nan), 0.0
    known = sorted((p, name) for name, p in p_values.items() if not math.isnan(p))
    for rank, (p, name) in enumerate(known):
        least = min(max(least, p * (len(p_values) - rank)), 1.0)
        adjusted[name] = least
    return adjusted
