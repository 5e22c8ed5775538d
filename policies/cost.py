"""
What a stack costs a month while nobody asks anything: instances that run, and what has a price of its own.

What is paid by use (serverless requests, storage, traffic, logs) is not in it. A month has 730 hours.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kit import at, listed, number
from problems import InvalidPolicyFile, read_json
from rule import Resource

FILE = Path(__file__).parent / "prices" / "sagemaker.json"
HOURS = 730.0
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
_VARIANTS = ("productionVariants", "shadowProductionVariants")


@dataclass(frozen=True)
class Prices:
    """A price table, with its date."""

    as_of: str
    currency: str
    regions: Mapping[str, float]
    """How many times the table's prices a region asks."""
    instances: Mapping[str, float]
    """An hour, by instance type."""
    monthly: Mapping[str, float]
    """A month, by resource type."""

    def with_own(self, instances: Mapping[str, float]) -> "Prices":
        """Returns the table with other prices an hour for some instances, as they are in the region."""
        return replace(self, instances={**self.instances, **instances})


@dataclass(frozen=True)
class Line:
    """What one resource costs."""

    resource: Resource
    what: str
    """`2 x ml.m5.xlarge for blue`."""
    monthly: float


@dataclass(frozen=True)
class Estimate:
    """What a stack costs a month."""

    lines: Sequence[Line]
    unpriced: Sequence[str] = field(default=())
    """Instance types of which the table has no price: they are not in the sum."""

    @property
    def total(self) -> float:
        """The sum, in the table's currency."""
        # To the same last digit, in whichever order an engine names resources.
        return math.fsum(line.monthly for line in self.lines)


def read_prices(file: Path = FILE) -> Prices:
    """Returns the table of a file. Raises InvalidPolicyFile for one that lacks a part."""
    given = read_json(file)
    keys = Prices.__dataclass_fields__
    if not isinstance(given, dict) or (lacking := [key for key in keys if key not in given]):
        raise InvalidPolicyFile(
            file, [f"needs {', '.join(keys)}" + (f"; it lacks {', '.join(lacking)}" if given else "")]
        )
    return Prices(**{key: given[key] for key in keys})


def estimate(stack: Sequence[Resource], prices: Prices, region: str) -> Estimate:
    """Returns what a stack costs in a region, the dearest first; one that the table does not know has the prices of
    its first."""
    factor = prices.regions.get(region, 1.0)
    lines: list[Line] = []
    unpriced: set[str] = set()
    for resource in stack:
        if resource.type in prices.monthly:
            lines.append(Line(resource, resource.type.rpartition(":")[2], prices.monthly[resource.type]))
        for kind, count, what in _instances(resource):
            if kind in prices.instances:
                monthly = prices.instances[kind] * factor * count * HOURS
                lines.append(Line(resource, f"{count:g} x {kind}{what}", monthly))
            else:
                unpriced.add(kind)
    return Estimate(sorted(lines, key=lambda line: (-line.monthly, line.what)), sorted(unpriced))


def difference(before: Estimate, after: Estimate) -> float:
    """Returns by how much a month becomes dearer; less than 0: cheaper."""
    return after.total - before.total


def _instances(resource: Resource) -> Iterator[tuple[str, float, str]]:
    """Yields type, number and use of the instances that a resource runs at least."""
    if resource.type == NOTEBOOK and isinstance(kind := resource.props.get("instanceType"), str):
        yield kind, 1.0, ""
    if resource.type != CONFIGURATION:
        return
    for variant in (it for key in _VARIANTS for it in listed(resource.props.get(key))):
        kind, count = at(variant, "instanceType"), number(at(variant, "initialInstanceCount"))
        if isinstance(kind, str):
            yield kind, 1.0 if count is None else count, f" for {_text(at(variant, 'variantName'))}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "a variant"
