"""What it costs that a slot stands by, for whoever reviews the step that makes it do so."""

from collections.abc import Iterator

from sluice.prices import list_prices
from sluice.provider.custom_type import Values
from sluice.provider.endpoint_standby import USUAL_HOURS
from sluice.provider.properties import UNKNOWN


def told(old: Values, new: Values) -> Iterator[str]:
    """Yields what each slot costs that loses its traffic and stands by, as far as that is known."""
    hours, region = new.get("standbyHours", USUAL_HOURS), new.get("region")
    weights, before = new.get("weights"), old.get("weights") or {}
    if UNKNOWN in (hours, region, weights) or not hours or not isinstance(weights, dict):
        return
    for slot, weight in weights.items():
        if not weight and before.get(slot):
            yield f"slot {slot} stands by for {hours:g} hours{_cost(new, slot, str(region), hours)}"


def _cost(new: Values, slot: str, region: str, hours: float) -> str:
    kind = (new.get("instanceTypes") or {}).get(slot)
    counts = {**(new.get("counts") or {}), **(new.get("minCounts") or {})}
    if not isinstance(kind, str) or not isinstance(counts.get(slot), int | float):
        return ""
    prices, own = list_prices(), new.get("hourlyPrices") or {}
    daily = prices.daily(kind, region, own)
    fleet = f"{counts[slot]:g} x {kind}"
    if daily is None:
        return f": {fleet}, whose price is not in the table of {prices.as_of}; give it in hourly_prices"
    whose = "your prices" if kind in own else f"list prices of {prices.as_of}"
    cost = daily * counts[slot]
    return f": {fleet}, about {cost:,.2f} {prices.currency} a day, {cost * hours / 24:,.2f} in all ({whose})"
