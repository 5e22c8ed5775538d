"""What a stack costs a month, while nobody asks anything, is within its limit."""

from collections.abc import Iterator, Sequence

from cost import CONFIGURATION, NOTEBOOK, estimate, read_prices
from rule import Concern, Finding, Level, Resource, Settings, StackRule


def check(stack: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    prices = read_prices().with_own(settings["prices"])
    found = estimate(stack, prices, settings["region"])
    if found.total > settings["monthlyLimit"]:
        dearest = max(found.lines, key=lambda line: line.monthly)
        unpriced = f", without {', '.join(found.unpriced)}" if found.unpriced else ""
        yield Finding(
            dearest.resource,
            "monthly estimate",
            f"{found.total:,.0f} {prices.currency} by the prices of {prices.as_of} in {settings['region']}{unpriced}, "
            f"above {settings['monthlyLimit']:,.0f}; the most is {dearest.what}, {dearest.monthly:,.0f}",
        )


RULE = StackRule(
    id="monthly-cost",
    concern=Concern.COST,
    types=(CONFIGURATION, NOTEBOOK, *read_prices().monthly),
    reason="A fleet that nobody needs shows on the bill a month later, and in a diff today.",
    fix="take smaller or fewer instances, or raise the setting `monthlyLimit`",
    level=Level.ADVISORY,
    settings={
        "monthlyLimit": {
            "type": "number",
            "minimum": 0,
            "default": 5000,
            "description": "In the currency of the price table.",
        },
        "region": {"type": "string", "default": "eu-west-1", "description": "Whose prices."},
        "prices": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0},
            "default": {},
            "description": "Own prices an hour, by instance type.",
        },
    },
    check=check,
)
