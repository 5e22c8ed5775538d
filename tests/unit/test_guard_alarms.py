"""What rings: the metric math of a guard's alarms, evaluated as CloudWatch does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sluice.guard_alarms import Plan, Trigger, Watch, number, plans, silence
from sluice.handlers import armed
from sluice.rollout.movement import Served
from sluice_sandbox.cloudwatch.arithmetic import Series, Value, evaluate
from sluice_sandbox.cloudwatch.expressions import names_in, parse

WATCH = Watch(
    endpoint="search-prod",
    versions={"blue": Served("sha256:1", "digits@1"), "green": Served("sha256:2", "digits@2")},
    baseline="blue",
    error_rate_ratio=2.0,
    error_rate_floor=0.01,
    recorded_error_rate=0.004,
    p95_seconds=0.5,
    min_requests=20,
    period_seconds=60,
    quality={"HallucinationRate": Trigger(0.1, True, 5, 300), "Clicks": Trigger(0.2, False, 5, 300)},
)
MINUTE = 60


def plan(role: str, watch: Watch = WATCH) -> Plan:
    (found,) = [it for it in plans(watch) if it.role == role]
    return found


def shown(queries: list[dict[str, Any]], measured: Mapping[str, float]) -> float | None:
    """Returns what the alarm is held against in one period; what was not measured is missing."""
    known: dict[str, Series] = {
        it["id"]: {MINUTE: measured[it["id"]]} if it["id"] in measured else {} for it in queries if "metric" in it
    }
    # Expressions refer to each other: in any order, until all are known.
    waiting = {it["id"]: parse(it["expression"]) for it in queries if "expression" in it}
    for _ in range(len(waiting)):
        for name, node in list(waiting.items()):
            if names_in(node) <= known.keys():
                found: Value = evaluate(node, known, [MINUTE])
                known[name] = found if isinstance(found, dict) else {MINUTE: float(found)}  # type: ignore[arg-type]
                del waiting[name]
    (watched,) = [it["id"] for it in queries if it.get("return_data")]
    return known[watched].get(MINUTE)


def errors(candidate: tuple[int, int] | None, baseline: tuple[int, int] | None, watch: Watch = WATCH) -> float | None:
    """Returns the alarm's figure for requests and errors of both."""
    measured: dict[str, float] = {}
    for cohort, counts in {"candidate": candidate, "baseline": baseline}.items():
        if counts is not None:
            measured[f"{cohort}_requests"], measured[f"{cohort}_errors5xx"] = counts
    return shown(plan("errors", watch).queries, measured)


@pytest.mark.parametrize(
    ("candidate", "baseline", "expected"),
    [
        ((100, 4), (1000, 20), 1.0),
        ((100, 8), (1000, 20), 2.0),
        ((100, 2), (1000, 0), 2.0),
        ((100, 1), (1000, 1), 1.0),
        ((100, 2), None, 2.0),
        ((100, 2), (19, 19), 2.0),
        ((19, 19), (1000, 0), 0.0),
        ((20, 20), (1000, 0), 100.0),
        (None, (1000, 0), None),
    ],
    ids=[
        "twice the baseline's is tolerated",
        "four times is not",
        "without errors of the baseline the floor counts",
        "also with few",
        "without requests of the baseline the recorded rate counts",
        "also with few",
        "too few requests tell nothing",
        "just enough do",
        "no request is no figure",
    ],
)
def test_errors(candidate: Any, baseline: Any, expected: float | None) -> None:
    """The error rate in times what is tolerated; more than 1 rings."""
    assert errors(candidate, baseline) == (None if expected is None else pytest.approx(expected))
    assert (plan("errors").threshold, plan("errors").rings_above) == (1.0, True)


def test_a_recorded_rate_tells_what_is_usual() -> None:
    """At 100 percent, where there is no baseline to compare with."""
    usual = replace(WATCH, recorded_error_rate=0.05)
    assert errors((1000, 80), None, usual) == pytest.approx(0.8)
    assert errors((1000, 120), None, usual) == pytest.approx(1.2)


def test_errors_of_the_user_count_as_well() -> None:
    """A model that refuses good input answers 4XX."""
    measured = {"candidate_requests": 100.0, "candidate_errors4xx": 3.0, "candidate_errors5xx": 1.0}
    assert shown(plan("errors").queries, measured) == pytest.approx(4.0)


def test_latency_is_in_seconds() -> None:
    """CloudWatch has microseconds; too few requests have no percentile worth the name."""
    latency = plan("p95")
    assert shown(latency.queries, {"requests": 20, "latency": 750_000}) == pytest.approx(0.75)
    assert shown(latency.queries, {"requests": 19, "latency": 750_000}) == 0
    assert (latency.threshold, latency.rings_above) == (0.5, True)
    (query,) = [it for it in latency.queries if it["id"] == "latency"]
    assert query["metric"]["stat"] == "p95"


@pytest.mark.parametrize(("name", "above"), [("HallucinationRate", True), ("Clicks", False)])
def test_quality_rings_the_way_it_is_worse(name: str, above: bool) -> None:
    """And never by a few values."""
    quality = plan(f"quality-{name}")
    assert quality.rings_above is above
    assert shown(quality.queries, {"samples": 5, "value": 0.4}) == 0.4
    assert shown(quality.queries, {"samples": 4, "value": 0.4}) == quality.threshold
    assert {it["metric"]["period"] for it in quality.queries if "metric" in it} == {300}
    assert quality.armed.quality == name


def test_silence_is_that_of_all_slots() -> None:
    """One that is asked is enough."""
    queries = silence("search-prod", ["blue", "green"])
    assert shown(queries, {"slot1": 7}) == 7
    assert shown(queries, {}) is None


def test_every_candidate_has_its_alarms() -> None:
    """The baseline has none; their names hold endpoint and slot."""
    three = replace(WATCH, versions={**WATCH.versions, "red": Served("sha256:3", "digits@3")}, quality={})
    assert [it.name() for it in plans(three)] == [
        "search-prod-green-errors",
        "search-prod-green-p95",
        "search-prod-red-errors",
        "search-prod-red-p95",
    ]


def test_an_alarm_says_what_it_is_armed_for() -> None:
    """In words for people, and in a form that its event carries."""
    found = plan("errors")
    described = found.armed.described(found.text)
    assert described.startswith("Error rate of green (digits@2) over 2 times that of blue, and over 1 %\n")
    assert armed.read(described) == found.armed
    assert found.armed.fallback == Served("sha256:1", "digits@1")


@pytest.mark.parametrize("watch", [WATCH, replace(WATCH, error_rate_floor=1e-7, error_rate_ratio=1.0)])
def test_an_alarm_is_one_that_cloudwatch_takes(watch: Watch) -> None:
    """Up to ten metrics and twenty queries, one of them shown, ids as it wants them, no number with an exponent."""
    for found in plans(watch):
        assert sum("metric" in it for it in found.queries) <= 10
        assert len(found.queries) <= 20
        assert sum(bool(it.get("return_data")) for it in found.queries) == 1
        assert all(it["id"][0].islower() and it["id"].replace("_", "").isalnum() for it in found.queries)
        assert not [it for it in found.queries if "e-" in it.get("expression", "")]


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (0.01, "0.01"), (1e-7, "0.0000001"), (0.0, "0"), (0.1, "0.1")])
def test_numbers_have_no_exponent(value: float, text: str) -> None:
    """As metric math and people read them."""
    assert number(value) == text
