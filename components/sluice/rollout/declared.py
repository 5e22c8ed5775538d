"""From what was declared of a rollout to its terms, or to everything that is wrong with it."""

from collections.abc import Iterator
from typing import TypeVar

from sluice.errors import InvalidInput, Problem
from sluice.rollout import ladder
from sluice.rollout.cohorts import PERCENTILES
from sluice.rollout.freeze import Freeze, parse_window, parse_zone
from sluice.rollout.settings import BetterWhen, FreezeArgs, LatencyLimitArgs, RolloutArgs
from sluice.rollout.terms import LatencyLimit, QualityMargin, Terms

V = TypeVar("V")
_DEFAULT = Terms()


def terms_of(args: RolloutArgs, subject: str = "rollout") -> Terms:
    """Returns the terms. Raises InvalidInput with every problem; `subject` says whose rollout it is."""
    found = list(rollout_problems(args, ""))
    if found:
        raise InvalidInput(subject, found)
    points = args.error_margin_points
    return Terms(
        ladder=tuple(_or(args.ladder, list(_DEFAULT.ladder))),
        soak_hours=_or(args.soak_hours, _DEFAULT.soak_hours),
        soak_hours_at={int(rung): hours for rung, hours in _or(args.soak_hours_at, {}).items()},
        shadow_days=_or(args.shadow_days, _DEFAULT.shadow_days),
        min_requests=_or(args.min_requests, _DEFAULT.min_requests),
        max_metrics_age_minutes=_or(args.max_metrics_age_minutes, _DEFAULT.max_metrics_age_minutes),
        error_margin=_DEFAULT.error_margin if points is None else points / 100,
        error_ratio=args.error_ratio,
        latency=_DEFAULT.latency if args.latency is None else _latency(args.latency),
        quality={
            name: QualityMargin(it.margin, it.better_when is not BetterWhen.LOWER)
            for name, it in _or(args.quality, {}).items()
        },
        freezes=tuple(_freeze(name, it) for name, it in _or(args.freezes, {}).items()),
        may_force=None if args.may_force is None else tuple(args.may_force),
        confidence=_or(args.confidence, _DEFAULT.confidence),
        enforced=_or(args.enforced, _DEFAULT.enforced),
    )


def rollout_problems(args: RolloutArgs, at: str = "rollout.") -> Iterator[Problem]:
    """Yields everything that keeps a rollout from going as declared; `at` is what its key paths begin with."""
    rungs = _or(args.ladder, list(_DEFAULT.ladder))
    if args.ladder is not None:
        yield from ladder.problems(args.ladder, f"{at}ladder")
    yield from _soak_problems(args, rungs, at)
    yield from _least(f"{at}shadow_days", args.shadow_days, 0)
    yield from _least(f"{at}min_requests", args.min_requests, 0)
    yield from _above(f"{at}max_metrics_age_minutes", args.max_metrics_age_minutes, 0)
    yield from _above(f"{at}error_margin_points", args.error_margin_points, 0, 100)
    yield from _above(f"{at}error_ratio", args.error_ratio, 1, 1000)
    yield from _latency_problems(_or(args.latency, {}), f"{at}latency")
    for name, margin in _or(args.quality, {}).items():
        yield from _above(f"{at}quality.{name}.margin", margin.margin, 0)
    for name, freeze in _or(args.freezes, {}).items():
        yield from _freeze_problems(f"{at}freezes.{name}", freeze)
    for index, actor in enumerate(_or(args.may_force, [])):
        if not actor.strip():
            yield Problem(f"{at}may_force[{index}]", "is empty; name an actor, or leave it out")
    if args.confidence is not None and not 0.5 <= args.confidence <= 0.9999:
        yield Problem(f"{at}confidence", f"is {args.confidence:g}; allowed 0.5 to 0.9999")


def _soak_problems(args: RolloutArgs, rungs: list[int], at: str) -> Iterator[Problem]:
    yield from _least(f"{at}soak_hours", args.soak_hours, 0)
    known = [str(rung) for rung in rungs]
    for rung, hours in _or(args.soak_hours_at, {}).items():
        path = f"{at}soak_hours_at.{rung}"
        if rung not in known:
            yield Problem(path, f"is for a rung that there is not; rungs are: {', '.join(known)}")
        yield from _least(path, hours, 0)


def _latency_problems(limits: dict[str, LatencyLimitArgs], at: str) -> Iterator[Problem]:
    for name, limit in limits.items():
        path = f"{at}.{name}"
        if name not in PERCENTILES:
            yield Problem(path, f"is no percentile that is measured; allowed are: {', '.join(PERCENTILES)}")
        if limit.bound_ms is None and limit.max_ratio is None:
            yield Problem(path, "needs bound_ms, max_ratio or both")
        yield from _above(f"{path}.bound_ms", limit.bound_ms, 0)
        yield from _least(f"{path}.max_ratio", limit.max_ratio, 1)


def _freeze_problems(at: str, freeze: FreezeArgs) -> Iterator[Problem]:
    try:
        parse_zone(freeze.time_zone)
    except ValueError as error:
        yield Problem(f"{at}.time_zone", str(error))
    if not freeze.windows:
        yield Problem(f"{at}.windows", "is empty; give it a window, or leave the freeze out")
    for index, window in enumerate(freeze.windows):
        try:
            parse_window(window)
        except ValueError as error:
            yield Problem(f"{at}.windows[{index}]", str(error))


def _least(path: str, value: float | None, least: float) -> Iterator[Problem]:
    # Written so that NaN, which is less than nothing, is a problem too.
    if value is not None and not least <= value < float("inf"):
        yield Problem(path, f"is {value:g}; allowed {least:g} or more")


def _above(path: str, value: float | None, bound: float, most: float = float("inf")) -> Iterator[Problem]:
    if value is not None and not (bound < value <= most and value < float("inf")):
        upper = "" if most == float("inf") else f", up to {most:g}"
        yield Problem(path, f"is {value:g}; allowed above {bound:g}{upper}")


def _latency(limits: dict[str, LatencyLimitArgs]) -> dict[str, LatencyLimit]:
    return {name: LatencyLimit(limit.bound_ms, limit.max_ratio) for name, limit in limits.items()}


def _freeze(name: str, args: FreezeArgs) -> Freeze:
    return Freeze(name, parse_zone(args.time_zone), tuple(map(parse_window, args.windows)))


def _or(value: V | None, default: V) -> V:
    return default if value is None else value
