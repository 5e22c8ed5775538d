"""Tells CloudWatch what an evaluation of a live variant found, so that a guard's alarms ring by it."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from sluice.errors import SluiceError
from sluice.evaluation.scores import Scores
from sluice.evaluation.targets.sagemaker import Options
from sluice.routing.quality import publish

_MET = "ContractMet"


def metric_name(name: str) -> str:
    """Returns what CloudWatch calls a contract's metric: `hallucination_rate` is `HallucinationRate`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[._-]+", name))


def published(cloudwatch: Any, target: Options, scores: Scores, met: bool) -> dict[str, int]:
    """
    Puts every score of a variant's answers into the namespace `Sluice/Quality`, dated now.

    So the mean and the count of samples in CloudWatch are those of the evaluation. `met` tells whether all of the
    contract is, as the metric ContractMet. Returns from a metric to how many scores it had; one without any is left
    out. Raises SluiceError when CloudWatch does not take them.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    found = {**figures(scores), _MET: [float(met)]}
    try:
        publish(cloudwatch, target.endpoint, target.variant, found)
    except (BotoCoreError, ClientError) as error:
        raise SluiceError(
            f"the report is written, but its scores cannot be published as metrics of {target.endpoint}: {error}"
        ) from None
    return {name: len(values) for name, values in found.items()}


def figures(scores: Scores) -> Mapping[str, list[float]]:
    """
    Returns the scores of each metric under CloudWatch's name for it, and of each call whether it failed.

    Raises SluiceError when two metrics would be one for CloudWatch.
    """
    found: dict[str, list[float]] = {_MET: []}
    for name, values in {**scores.metrics, "error_rate": scores.failed}.items():
        if metric_name(name) in found:
            raise SluiceError(f"two metrics of the contract are both {metric_name(name)} in CloudWatch; rename one")
        found[metric_name(name)] = values[~np.isnan(values)].tolist()
    return {name: values for name, values in found.items() if values}
