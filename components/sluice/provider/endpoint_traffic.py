"""How much of the traffic each variant of a live endpoint has."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sluice.provider.custom_type import Values

Weights = Mapping[str, float]


def live_weights(described: Values) -> dict[str, float]:
    """Returns each production variant's share in percent: a whole number where it is one."""
    weights = {it["VariantName"]: float(it.get("CurrentWeight", 0)) for it in described.get("ProductionVariants", [])}
    return percents(weights)


def percents(weights: Weights) -> dict[str, float]:
    """Returns weights, which SageMaker takes as ratios, as percent of their sum, to a hundredth."""
    total = sum(weights.values())
    if total <= 0:
        return dict.fromkeys(weights, 0)
    shares = {slot: round(weight / total * 100, 2) for slot, weight in weights.items()}
    return {slot: int(share) if share == int(share) else share for slot, share in shares.items()}


def shares(described: Values) -> dict[str, Decimal]:
    """Returns each production variant's share in percent, to a millionth: together they are 100."""
    weights = {it["VariantName"]: float(it.get("CurrentWeight", 0)) for it in described.get("ProductionVariants", [])}
    total = sum(weights.values())
    if total <= 0:
        return {}
    return {slot: Decimal(str(round(100 * weight / total, 6))).normalize() + 0 for slot, weight in weights.items()}


def percent(weights: Weights) -> dict[str, float]:
    """Returns weights as percent of their sum, without rounding."""
    total = sum(weights.values())
    return {slot: 100 * weight / total if total else 0.0 for slot, weight in weights.items()}


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Returns whether shares in percent are the same, to a hundredth; one that is not said is 0."""
    return all(abs(float(one.get(slot, 0)) - float(other.get(slot, 0))) < 0.005 for slot in {*one, *other})


def live_counts(described: Values) -> dict[str, int]:
    """Returns how many instances each variant is to have; serverless ones have none."""
    return {
        it["VariantName"]: int(it["DesiredInstanceCount"])
        for it in described.get("ProductionVariants", [])
        if it.get("DesiredInstanceCount") is not None
    }


def changes(described: Values, weights: Weights, counts: Mapping[str, float]) -> list[dict[str, Any]]:
    """
    Returns what UpdateEndpointWeightsAndCapacities must be asked for; nothing where all is as declared.

    All weights are given as soon as one differs, because they are ratios of each other.
    """
    have = live_counts(described)
    live = {it["VariantName"]: float(it.get("CurrentWeight", 0)) for it in described.get("ProductionVariants", [])}
    wanted = {slot: float(weight) for slot, weight in weights.items()}
    # Compared as numbers and not as ratios: who looks at AWS alone is to see percents.
    shifts = wanted if live != wanted else {}
    scales = {slot: int(count) for slot, count in counts.items() if slot in have and have[slot] != int(count)}
    asked = []
    for slot in weights:
        change: dict[str, Any] = {}
        if slot in shifts:
            change["DesiredWeight"] = shifts[slot]
        if slot in scales:
            change["DesiredInstanceCount"] = scales[slot]
        if change:
            asked.append({"VariantName": slot, **change})
    return asked
