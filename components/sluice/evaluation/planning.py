"""How large a set has to be for a contract's margins, by what a comparison showed: `sluice plan-evaluation`."""

import math

from scipy import stats

from sluice.evaluation.comparison import ComparedMetric, Comparison
from sluice.evaluation.contract import Contract, Kind
from sluice.evaluation.display.plan import PlanRow


def plan_rows(comparison: Comparison, contract: Contract) -> list[PlanRow]:
    """Returns for each metric, and each slice with a margin, what these examples see and how many it takes."""
    kinds = {name: metric.kind for name, metric in contract.metrics.items()}
    rows = [_row(name, it, kinds[name], contract) for name, it in comparison.metrics.items()]
    rows.append(_row("error_rate", comparison.error_rate, Kind.BINARY, contract))
    rows += [_row(name, it, kinds[name.rpartition(" ")[2]], contract) for name, it in comparison.slices.items()]
    return rows


def _row(name: str, it: ComparedMetric, kind: Kind, contract: Contract) -> PlanRow:
    spread = None
    if it.smallest_effect is not None:
        reach = float(stats.norm.isf(contract.significance / 2) + stats.norm.ppf(contract.power))
        spread = it.smallest_effect * math.sqrt(it.examples) / reach
    return PlanRow(name, kind, it.margin, spread, it.examples, it.smallest_effect, it.examples_needed, it.unit)
