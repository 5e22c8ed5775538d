"""
The statistics of an evaluation: intervals, paired comparisons, power. Numbers in, numbers out.

Needs numpy, scipy and statsmodels (the extra `evaluation`); reads and writes nothing.
"""

from sluice.evaluation.statistics.bootstrap import Bootstrap, bootstrap_mean
from sluice.evaluation.statistics.difference import Difference
from sluice.evaluation.statistics.families import holm
from sluice.evaluation.statistics.intervals import Interval, clustered_error, mean_interval
from sluice.evaluation.statistics.judge import judge_difference
from sluice.evaluation.statistics.judge_quantile import judge_quantile
from sluice.evaluation.statistics.paired import (
    Table,
    clustered_difference,
    guarded_difference,
    mcnemar,
    newcombe_difference,
    score_difference,
    score_statistic,
)
from sluice.evaluation.statistics.power import (
    Components,
    components,
    discordant_deviation,
    examples_needed,
    examples_needed_for_share,
    smallest_effect,
)
from sluice.evaluation.statistics.quantile_bootstrap import bootstrap_quantile_ratio
from sluice.evaluation.statistics.quantiles import quantile_interval
from sluice.evaluation.statistics.runs import Paired, Runs, paired
from sluice.evaluation.statistics.verdicts import verdicts

__all__ = [
    "Bootstrap",
    "Components",
    "Difference",
    "Interval",
    "Paired",
    "Runs",
    "Table",
    "bootstrap_mean",
    "bootstrap_quantile_ratio",
    "clustered_difference",
    "clustered_error",
    "components",
    "discordant_deviation",
    "examples_needed",
    "examples_needed_for_share",
    "guarded_difference",
    "holm",
    "judge_difference",
    "judge_quantile",
    "mcnemar",
    "mean_interval",
    "newcombe_difference",
    "paired",
    "quantile_interval",
    "score_difference",
    "score_statistic",
    "smallest_effect",
    "verdicts",
]
