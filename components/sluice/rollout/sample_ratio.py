"""
Whether requests were shared out as declared, however often somebody looks.

The evidence against shares p is the Bayes factor of multinomial counts x under a Dirichlet(k p) mixture against p
itself, B(k p + x) / B(k p) / prod p_i^x_i: a martingale from 1 where the shares are p.

Source: Lindon and Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022.
"""

import math
from collections.abc import Mapping

CONCENTRATION = 1000.0
"""How close to the declared shares deviations are looked for: by about 1 / sqrt(1000) of each."""


def log_evidence(shares: Mapping[str, float], counts: Mapping[str, int]) -> float:
    """Returns the log of the evidence against `shares`, which are positive and sum to 1."""
    total = sum(counts.get(slot, 0) for slot in shares)
    found = math.lgamma(CONCENTRATION) - math.lgamma(CONCENTRATION + total)
    for slot, share in shares.items():
        count, prior = counts.get(slot, 0), CONCENTRATION * share
        found += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    return found
