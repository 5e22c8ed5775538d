"""What a dashboard shows, and that CloudWatch would take it."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from sluice import metrics
from sluice.dashboard_body import Shown, body
from sluice.metrics import Metric
from sluice_sandbox.cloudwatch.expressions import names_in, parse

SHOWN = Shown(
    endpoint="search-prod",
    versions={"blue": "digits@1", "green": "digits@2"},
    baseline="blue",
    owner="ml-platform, #ml-oncall",
    runbook="https://example.com/search",
    alarms=["search-prod-green-errors", "search-prod-green-p95"],
    p95_seconds=0.5,
    quality={"HallucinationRate": 0.1, "Clicks": 0.2},
    instances=["blue"],
)


def widgets(shown: Shown = SHOWN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body(shown, "aws", "123456789012", "eu-west-1"))["widgets"]
    return found


def graph(title: str, shown: Shown = SHOWN) -> dict[str, Any]:
    (found,) = [it["properties"] for it in widgets(shown) if it["properties"].get("title", "").startswith(title)]
    return found


def measured(line: list[Any]) -> tuple[str, str, str]:
    """Returns namespace, name and slot of a line that is a metric."""
    namespace, name, *dimensions, _ = line
    told = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
    assert told["EndpointName"] == "search-prod"
    return namespace, name, told["VariantName"]


def all_measured() -> set[tuple[str, str, str]]:
    graphs = [it["properties"]["metrics"] for it in widgets() if it["type"] == "metric"]
    return {measured(line) for lines in graphs for line in lines if len(line) > 1}


@pytest.mark.parametrize(
    "metric", [it for it in vars(metrics).values() if isinstance(it, Metric)], ids=lambda it: it.name
)
def test_every_metric_is_on_it(metric: Metric) -> None:
    """What gates and alarms judge a variant by, a person sees; of instances, where there are some."""
    slots = ["blue"] if metric.namespace == metrics.INSTANCES_NAMESPACE else ["blue", "green"]
    assert {(metric.namespace, metric.name, slot) for slot in slots} <= all_measured()


def test_a_declared_quality_metric_is_on_it_with_its_bound() -> None:
    """For each slot, with the line at which its alarm rings."""
    assert {measured(line)[1:] for line in graph("Clicks")["metrics"]} == {("Clicks", "blue"), ("Clicks", "green")}
    assert graph("Clicks")["annotations"]["horizontal"] == [{"label": "rings", "value": 0.2}]


def test_latency_is_in_milliseconds() -> None:
    """CloudWatch has microseconds, and the bound is declared in seconds."""
    told = [line[0] for line in graph("Model latency")["metrics"] if len(line) == 1]
    assert {it["label"] for it in told} == {
        f"{slot} {it}" for slot in ("blue", "green") for it in ("p50", "p95", "p99")
    }
    assert all(it["expression"].endswith(" / 1000") for it in told)
    assert graph("Model latency")["annotations"]["horizontal"] == [{"label": "p95 rings", "value": 500.0}]


def test_no_bound_is_drawn_where_there_is_none() -> None:
    """Nor are instances shown of an endpoint that has none."""
    bare = replace(SHOWN, p95_seconds=None, quality={}, instances=())
    assert "annotations" not in graph("Model latency", bare)
    assert len(widgets(bare)) == len(widgets()) - 3


def test_the_share_of_failed_requests_is_what_the_guard_rings_by() -> None:
    """Both kinds of errors, over all requests; a slot without errors has 0, one without requests nothing."""
    lines = graph("Failed requests")["metrics"]
    known = {line[-1]["id"]: measured(line) for line in lines if len(line) > 1}
    for line in (line[0] for line in lines if len(line) == 1):
        used = {known[name][1:] for name in names_in(parse(line["expression"]))}
        names = {"Invocations", "Invocation4XXErrors", "Invocation5XXErrors"}
        assert used == {(name, line["label"]) for name in names}


def test_expressions_name_what_is_there() -> None:
    """Each by an id that CloudWatch takes, once in its graph."""
    for lines in (it["properties"]["metrics"] for it in widgets() if it["type"] == "metric"):
        given = [line[-1]["id"] for line in lines if "id" in line[-1]]
        assert len(given) == len(set(given))
        assert all(re.fullmatch(r"[a-z]\w*", it) for it in given)
        for line in (line[0] for line in lines if len(line) == 1):
            assert set(names_in(parse(line["expression"]))) <= set(given)


def test_people_read_who_and_what_first() -> None:
    """The owner, the runbook, what is in which slot, and what to do."""
    first = widgets()[0]
    assert (first["x"], first["y"]) == (0, 0)
    text = first["properties"]["markdown"]
    assert "ml-platform, #ml-oncall" in text
    assert "(https://example.com/search)" in text
    assert "| blue (baseline) | digits@1 |" in text
    assert "| green | digits@2 |" in text
    assert "sluice rollback" in text


def test_alarms_are_shown_by_their_arns() -> None:
    """CloudWatch takes no names; without a guard the page says that nobody watches."""
    (alarms,) = [it["properties"]["alarms"] for it in widgets() if it["type"] == "alarm"]
    assert alarms[0] == "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:search-prod-green-errors"
    unwatched = widgets(replace(SHOWN, alarms=()))
    assert [it["type"] for it in unwatched[:2]] == ["text", "text"]
    assert "no RollbackGuard" in unwatched[1]["properties"]["markdown"]


def test_widgets_stay_within_the_page_and_apart() -> None:
    """24 columns, and nothing over another."""
    cells = [
        (x, y)
        for it in widgets()
        for x in range(it["x"], it["x"] + it["width"])
        for y in range(it["y"], it["y"] + it["height"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)
