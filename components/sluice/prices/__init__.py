"""What instances cost: a dated table of list prices, which whoever pays less overrides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "sagemaker.json"


@dataclass(frozen=True)
class Prices:
    """On-demand prices of hosting, and what they are multiplied by in a region."""

    as_of: str
    """The day of the list, ISO 8601."""
    currency: str
    regions: Mapping[str, float]
    instances: Mapping[str, float]
    """By instance type, an hour."""

    def daily(self, instance_type: str, region: str, own: Mapping[str, float] | None = None) -> float | None:
        """Returns what an instance costs a day; `own` are other prices an hour. None: nobody says."""
        hourly = (own or {}).get(instance_type)
        if hourly is not None:
            return 24 * hourly
        listed, factor = self.instances.get(instance_type), self.regions.get(region)
        return None if listed is None or factor is None else 24 * listed * factor


@lru_cache(maxsize=1)
def list_prices() -> Prices:
    """Returns the table that comes with Sluice."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    return Prices(table["as_of"], table["currency"], table["regions"], table["instances"])
