"""What CloudWatch is told of an evaluation."""

from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from sluice.errors import SluiceError
from sluice.evaluation.publishing import figures, metric_name, published
from sluice.evaluation.scores import Scores
from sluice.evaluation.targets.sagemaker import Options

TARGET = Options(endpoint="search-prod", variant="blue")


def scores(**metrics: list[float]) -> Scores:
    """Returns the scores of two examples, asked once; the second call failed."""
    column = np.array([[1.0], [2.0]])
    return Scores(
        examples=("a", "b"),
        slices=({}, {}),
        metrics={name: np.array(values).reshape(2, 1) for name, values in metrics.items()},
        failed=np.array([[0.0], [1.0]]),
        latency_ms=column.copy(),
        cost=column.copy(),
        tokens_in=column.copy(),
        tokens_out=column.copy(),
        outputs=((1,), (None,)),
        errors=((None,), ("timeout",)),
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [("hallucination_rate", "HallucinationRate"), ("accuracy", "Accuracy"), ("rouge-l.f1", "RougeLF1"), ("f1", "F1")],
)
def test_metrics_have_cloudwatch_s_names(name: str, told: str) -> None:
    """As the guard calls them."""
    assert metric_name(name) == told


def test_every_score_is_a_sample() -> None:
    """An answer without a score is none; of every call it is told whether it failed."""
    assert figures(scores(accuracy=[1.0, np.nan])) == {"Accuracy": [1.0], "ErrorRate": [0.0, 1.0]}


def test_a_metric_without_scores_is_left_out() -> None:
    """A mean of nothing is no figure."""
    assert "Accuracy" not in figures(scores(accuracy=[np.nan, np.nan]))


@pytest.mark.parametrize("names", [("a_b", "a-b"), ("error-rate",), ("contract_met",)])
def test_two_metrics_are_not_one(names: tuple[str, ...]) -> None:
    """Their mean would be that of neither."""
    with pytest.raises(SluiceError, match="two metrics of the contract are both"):
        figures(scores(**{name: [1.0, 1.0] for name in names}))


def test_whether_the_contract_is_met_is_a_figure() -> None:
    """Beside the scores, for an alarm on it."""
    told: list[dict[str, Any]] = []

    class CloudWatch:
        def put_metric_data(self, **request: Any) -> None:
            told.extend(request["MetricData"])

    assert published(CloudWatch(), TARGET, scores(accuracy=[1.0, 0.0]), met=False) == {
        "Accuracy": 2,
        "ErrorRate": 2,
        "ContractMet": 1,
    }
    assert {it["MetricName"]: it["Values"] for it in told}["ContractMet"] == [0.0]


def test_that_cloudwatch_takes_nothing_is_told() -> None:
    """With what is done already."""

    class CloudWatch:
        def put_metric_data(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutMetricData")

    with pytest.raises(SluiceError, match="the report is written, but its scores cannot be published"):
        published(CloudWatch(), TARGET, scores(accuracy=[1.0, 0.0]), met=True)
