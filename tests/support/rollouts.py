"""A rollout in which everything is well, to be spoilt by each test in its own way."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.rollout.cohorts import Cohort, Period, Sums
from sluice.rollout.judge import Change
from sluice.rollout.rise import Evidence, Outcome, Rise, Shadow
from sluice.rollout.terms import QualityMargin, Terms

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""A Tuesday."""
OLD, NEW = "sha256:old", "sha256:new"
PERIODS = 24


def cohort(slot: str, version: str, requests: int, errors: int, **fields: Any) -> Cohort:
    """Returns a cohort whose counts are spread over the hours of a day, the last of which ended just now."""
    start = NOW - timedelta(hours=PERIODS)
    periods = tuple(
        Period(start + timedelta(hours=hour), _share(requests, hour), 0, _share(errors, hour))
        for hour in range(PERIODS)
    )
    measured = {"p50": 20.0, "p95": 80.0, "p99": 120.0}
    given = {"latency_ms": measured, "latency_samples": requests, "quality": {"accuracy": sums(requests, 0.9)}}
    return Cohort(slot, version, periods, **{**given, **fields})


def sums(count: int, mean: float) -> Sums:
    """Returns the sums of so many zeros and ones."""
    ones = count * mean
    return Sums(count, ones, ones)


def _share(total: int, hour: int) -> int:
    """Returns an hour's part of a total, as even as whole numbers get."""
    return total * (hour + 1) // PERIODS - total * hour // PERIODS


def evidence(**fields: Any) -> Evidence:
    """Returns evidence for green's rise from 10 percent, which passes all gates."""
    given: dict[str, Any] = {
        "now": NOW,
        "recorded_at": NOW - timedelta(hours=30),
        "recorded": {"blue": 90.0, "green": 10.0},
        "stage_since": {"green": NOW - timedelta(hours=30)},
        "cohorts": {"blue": cohort("blue", OLD, 90_000, 180), "green": cohort("green", NEW, 10_000, 20)},
        "measured_until": NOW - timedelta(minutes=10),
        "alarms": (),
        "shadows": {NEW: shadow()},
    }
    return Evidence(**{**given, **fields})


def shadow(**fields: Any) -> Shadow:
    """Returns what was found in eight days of shadow."""
    found = Shadow(NEW, NOW - timedelta(days=12), NOW - timedelta(days=4), 51_204, Outcome.PASS, "agreement 99.2 %")
    return replace(found, **fields)


def change(before: Mapping[str, float], after: Mapping[str, float], **fields: Any) -> Change:
    """Returns a change of an endpoint whose baseline is blue."""
    found = Change("search", before, after, {"blue": OLD, "green": NEW}, "blue", OLD)
    return replace(found, **fields)


def rise(wanted: float = 25, **fields: Any) -> Rise:
    """Returns green's rise from 10 percent; `fields` are the rise's own, or else the evidence's."""
    own = {name: value for name, value in fields.items() if name in Rise.__dataclass_fields__}
    rest = {name: value for name, value in fields.items() if name not in own}
    given: dict[str, Any] = {
        "endpoint": "search",
        "slot": "green",
        "version": NEW,
        "baseline": "blue",
        "live": {"blue": 90.0, "green": 10.0},
        "wanted": wanted,
        "terms": TERMS,
        "evidence": evidence(**rest),
    }
    return Rise(**{**given, **own})


TERMS = Terms(quality={"accuracy": QualityMargin(0.05)})


def first_rise(**fields: Any) -> Rise:
    """Returns green's rise from nothing to 1 percent: nobody has seen it but in the shadow."""
    nothing: dict[str, Any] = {
        "recorded": {"blue": 100.0, "green": 0.0},
        "stage_since": {},
        "cohorts": {},
        "measured_until": None,
    }
    return rise(1, **{**nothing, "live": {"blue": 100.0, "green": 0.0}, **fields})
