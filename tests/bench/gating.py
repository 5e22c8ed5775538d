"""How often gates are wrong and how often they see, by simulation, and how long they take for many endpoints."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sluice.rollout.cloudwatch import Ask, Window, measure
from sluice.rollout.judge import judge
from sluice.rollout.rise import Evidence
from tests.support import looks
from tests.support.counted_metrics import CountedMetrics
from tests.support.looks import World
from tests.support.rollouts import NEW, OLD, TERMS, change, cohort, evidence

RUNS = 400
MARGIN = 0.005
_SWING = World(0.01, 0.01, 6_000, 54_000, swing=0.6)
_SAME = (World(0.01, 0.01, 6_000, 54_000), _SWING, World(0.01, 0.01, 30_000, 30_000))
_RATES = (0.015, 0.02, 0.03, 0.05)


@dataclass(frozen=True)
class Rate:
    """How often a statement was made about simulated stages of sixty looks."""

    what: str
    share: float
    aim: str


def rates(alpha: float, runs: int = RUNS) -> Iterator[Rate]:
    """Yields false refusals, false passes and detections at a level, and what fixed-level looks would do."""
    most = f"{alpha:.0%} at most"
    for world in _SAME:
        shown = _shown(world)
        yield Rate(f"as good, ever called worse: {shown}", _worse_ever(world, alpha, runs), most)
        fixed = looks.ever(looks.fixed_level_differs, world, alpha, runs, seed=2)
        yield Rate("  the same by looks at a fixed level", fixed, f"{alpha:.0%} meant")
        worse = replace(world, candidate_rate=world.baseline_rate + MARGIN)
        passed = looks.ever(looks.always_valid_not_worse(MARGIN), worse, alpha, runs, seed=3)
        yield Rate(f"worse by the margin, ever passed: {_shown(worse)}", passed, most)
    for rate in _RATES:
        world = World(rate, 0.01, 6_000, 54_000)
        seen = looks.finally_(looks.always_valid_worse, world, alpha, runs, seed=4)
        yield Rate(f"regression seen: {_shown(world)}", seen, "")
    for world in (World(0.002, 0.002, 6_000, 54_000), World(0.01, 0.01, 30_000, 270_000)):
        passed = looks.finally_(looks.always_valid_not_worse(MARGIN), world, alpha, runs, seed=5)
        yield Rate(f"as good, passed in the end: {_shown(world)}", passed, "")


def seconds_to_judge(endpoints: int) -> dict[str, float]:
    """Returns how long the gates of so many endpoints take, where all is well and where errors cannot be told."""
    thin = evidence(cohorts={"blue": cohort("blue", OLD, 18_000, 144), "green": cohort("green", NEW, 2_000, 16)})
    return {"all pass": _seconds(endpoints, evidence()), "cannot tell yet": _seconds(endpoints, thin)}


def calls_to_measure(endpoints: int) -> int:
    """Returns how often CloudWatch is asked for the figures of so many endpoints, of two variants, in one stage."""
    client = CountedMetrics()
    end = datetime(2026, 11, 24, 12, tzinfo=UTC)
    stage = Window(end - timedelta(hours=24), end, 3600)
    measure(client, [Ask(f"endpoint-{number}", {"blue": OLD, "green": NEW}, stage) for number in range(endpoints)])
    return len(client.calls)


def _seconds(endpoints: int, known: Evidence) -> float:
    asked = change({"blue": 90.0, "green": 10.0}, {"blue": 75.0, "green": 25.0})
    judge(asked, TERMS, known)
    started = time.perf_counter()
    for _ in range(endpoints):
        judge(asked, TERMS, known)
    return time.perf_counter() - started


def _worse_ever(world: World, alpha: float, runs: int) -> float:
    return looks.ever(looks.always_valid_worse, world, alpha, runs, seed=1)


def _shown(world: World) -> str:
    swing = f", swinging by {world.swing:.0%}" if world.swing else ""
    counts = f"{world.candidate_requests:,} and {world.baseline_requests:,} requests"
    return f"{world.candidate_rate:.1%} against {world.baseline_rate:.1%}, {counts}{swing}"
