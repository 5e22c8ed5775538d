"""How a guard is declared, and what it comes to: every default in its place."""

import re
from collections.abc import Iterator
from typing import Protocol, TypeVar

import pulumi

from sluice import traffic
from sluice.args import ArgsModel
from sluice.baseline_error_rate import BaselineErrorRateArgs
from sluice.endpoint_role import physical_name
from sluice.errors import Problem
from sluice.guard_alarms import Plan, Trigger, Watch, plans
from sluice.handlers.armed import MOST
from sluice.log_retention import log_problems
from sluice.model_version import PinnedVersionArgs
from sluice.rollout.movement import Served
from sluice.rollout.settings import BetterWhen

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
"""A permission of the function is called after its alarm, and Lambda takes no more."""
_HALLUCINATIONS = "HallucinationRate"
_MOST_SECONDS = 86_400
"""CloudWatch looks at no more than a day of periods shorter than an hour."""


class QualityTriggerArgs(ArgsModel):
    """A quality metric, from the namespace `Sluice/Quality`, and what a candidate's mean may be."""

    threshold: float
    """In the metric's unit; what is worse rings."""
    better_when: BetterWhen | None = None
    """Which way is better. Omitted: `higher`."""
    min_samples: int | None = None
    """How many values a period must have to count. Omitted: 20."""
    period_seconds: int | None = None
    """Over how long the mean is taken. Omitted: as with the guard's other alarms."""


class RollbackGuardArgs(ArgsModel):
    """What a guard watches, and where traffic goes back to."""

    endpoint: str
    """The name of the component ModelEndpoint."""
    versions: dict[str, PinnedVersionArgs]
    """From a slot to the version in it, as the endpoint has them."""
    baseline: str
    """The slot that traffic goes back to; every other one is a candidate and gets its alarms."""
    journal_table_arn: pulumi.Input[str]
    """The table of a RolloutJournal."""
    journal_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts it. Omitted: one of AWS's own."""
    error_rate_ratio: float | None = None
    """How many times the baseline's error rate a candidate's may be; 1 or more. Omitted: 2."""
    error_rate_floor: float | None = None
    """The share of failed requests that is always tolerated; above 0, up to 1. Omitted: 0.01."""
    recorded_error_rate: float | None = None
    """The baseline's, 0 to 1, for when it has too few requests to measure, as at 100 percent. Omitted: as measured
    over the 24 hours before a version, the baseline, or whether that has traffic last changed; 0 until it could be."""
    traffic: dict[str, int] | None = None
    """The declared percent of each slot: when the baseline loses all of its traffic, or gets some, its error rate is
    measured anew. Omitted: only another version or baseline does that."""
    p95_seconds: float | None = None
    """What the 95th percentile of the model latency may be. Omitted: anything."""
    hallucination_rate: float | None = None
    """What the mean of the quality metric HallucinationRate may be, 0 to 1. Omitted: anything."""
    quality: dict[str, QualityTriggerArgs] | None = None
    """Further quality metrics, by name. Omitted: none."""
    min_requests: int | None = None
    """How many requests, or samples, a period must have to count. Omitted: 20."""
    period_seconds: int | None = None
    """Over how long each figure is taken: 10, 30, or whole minutes. SageMaker's own metrics have minutes unless the
    endpoint configuration says otherwise. Omitted: 60."""
    evaluation_periods: int | None = None
    """How many of the latest periods are looked at. Omitted: 3."""
    datapoints_to_alarm: int | None = None
    """How many of those must be bad. Omitted: 2."""
    silence_minutes: int | None = None
    """After how long without any request people are told; a multiple of 5, 0: never. Omitted: 60."""
    log_retention_days: int | None = None
    """How long the function's logs are kept. Omitted: 30."""
    kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts topic, queues, logs and the function's settings; its policy must let in CloudWatch's alarms
    and logs. Omitted: one of the guard's own, rotated yearly."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class Figures(Protocol):
    """What a candidate is held against, as far as a person says: of a guard, or of who shows what it does."""

    @property
    def error_rate_ratio(self) -> float | None: ...
    @property
    def error_rate_floor(self) -> float | None: ...
    @property
    def recorded_error_rate(self) -> pulumi.Input[float] | None: ...
    @property
    def p95_seconds(self) -> float | None: ...
    @property
    def hallucination_rate(self) -> float | None: ...
    @property
    def quality(self) -> dict[str, QualityTriggerArgs] | None: ...
    @property
    def min_requests(self) -> int | None: ...
    @property
    def period_seconds(self) -> int | None: ...


def watch_of(args: RollbackGuardArgs) -> Watch:
    """Returns what is watched."""
    return Watch(
        endpoint=physical_name(args.endpoint),
        versions={slot: Served(it.version_digest, it.label) for slot, it in args.versions.items()},
        baseline=args.baseline,
        error_rate_ratio=or_else(args.error_rate_ratio, 2.0),
        error_rate_floor=or_else(args.error_rate_floor, 0.01),
        recorded_error_rate=or_else(args.recorded_error_rate, 0.0),
        p95_seconds=args.p95_seconds,
        min_requests=or_else(args.min_requests, 20),
        period_seconds=or_else(args.period_seconds, 60),
        quality=triggers(args),
    )


def triggers(args: Figures) -> dict[str, Trigger]:
    """Returns from a quality metric to what it may be."""
    period = or_else(args.period_seconds, 60)
    quality = {
        name: Trigger(
            it.threshold,
            it.better_when is BetterWhen.LOWER,
            or_else(it.min_samples, 20),
            or_else(it.period_seconds, period),
        )
        for name, it in (args.quality or {}).items()
    }
    if args.hallucination_rate is not None:
        quality[_HALLUCINATIONS] = Trigger(args.hallucination_rate, True, or_else(args.min_requests, 20), period)
    return quality


def measured_rate(args: RollbackGuardArgs, region: pulumi.Input[str]) -> BaselineErrorRateArgs | None:
    """Returns whose error rate is to be measured; None where it is declared, or where nothing is held to it."""
    watch = watch_of(args)
    if args.recorded_error_rate is not None or len(watch.versions) < 2:
        return None
    return BaselineErrorRateArgs(
        endpoint=watch.endpoint,
        baseline=watch.baseline,
        versions={slot: it.digest for slot, it in watch.versions.items()},
        # Other shifts leave the baseline something to be compared by, and change nothing but the endpoint.
        serving=None if args.traffic is None else args.traffic.get(args.baseline, 0) > 0,
        min_requests=watch.min_requests,
        region=region,
    )


def alarm_names(args: RollbackGuardArgs) -> list[str]:
    """Returns the names that the alarms will have, known before anything is made: for gates and guardrails."""
    return [plan.name() for plan in plans(watch_of(args))]


def guard_problems(args: RollbackGuardArgs) -> Iterator[Problem]:
    """Yields everything that is wrong with a guard's arguments."""
    yield from traffic.endpoint_problems(physical_name(args.endpoint))
    yield from traffic.baseline_problems(args.baseline, {}, list(args.versions))
    yield from traffic.problems(args.traffic, list(args.versions)) if args.traffic is not None else ()
    yield from figure_problems(args)
    yield from _looked_problems(args)
    yield from log_problems(or_else(args.log_retention_days, 30))
    if args.baseline in args.versions:
        for plan in plans(watch_of(args)):
            if (length := len(description(plan))) > MOST:
                yield Problem(
                    f"versions.{plan.slot}",
                    f"needs {length} characters in an alarm's description; CloudWatch takes {MOST}; shorten the labels",
                )


def description(plan: Plan) -> str:
    """Returns an alarm's description, which its events carry."""
    return plan.armed.described(plan.text)


def or_else(value: T | None, usual: T) -> T:
    """Returns a value, or what is usual where nothing is said; zero is a value."""
    return usual if value is None else value


def figure_problems(args: Figures) -> Iterator[Problem]:
    """Yields what is wrong with what candidates are held against."""
    if args.error_rate_ratio is not None and args.error_rate_ratio < 1:
        yield Problem("error_rate_ratio", f"is {args.error_rate_ratio:g}; allowed 1 or more")
    if args.error_rate_floor is not None and not 0 < args.error_rate_floor <= 1:
        yield Problem("error_rate_floor", f"is {args.error_rate_floor:g}; allowed above 0 and up to 1, as a share")
    shares = {"recorded_error_rate": args.recorded_error_rate, "hallucination_rate": args.hallucination_rate}
    for name, share in shares.items():
        # What a guard found out is an output, and a share by its making.
        if isinstance(share, int | float) and not 0 <= share <= 1:
            yield Problem(name, f"is {share:g}; allowed 0 to 1, as a share")
    if args.p95_seconds is not None and args.p95_seconds <= 0:
        yield Problem("p95_seconds", f"is {args.p95_seconds:g}; allowed above 0")
    counts = {"min_requests": args.min_requests}
    counts |= {f"quality.{name}.min_samples": it.min_samples for name, it in (args.quality or {}).items()}
    for path, count in counts.items():
        if count is not None and count < 1:
            yield Problem(path, f"is {count}; allowed 1 or more")
    for path, period in _periods(args).items():
        if not _is_period(period):
            yield Problem(path, f"is {period}; allowed 10, 30 and multiples of 60")
    for name in args.quality or {}:
        if not _NAME.fullmatch(name):
            yield Problem(f"quality.{name}", "is no name for an alarm's part; allowed: letters, digits, - and _")
    if args.hallucination_rate is not None and _HALLUCINATIONS in (args.quality or {}):
        yield Problem(f"quality.{_HALLUCINATIONS}", "is what hallucination_rate says as well; leave one of them out")


def _periods(args: Figures) -> dict[str, int]:
    periods = {"period_seconds": args.period_seconds}
    periods |= {f"quality.{name}.period_seconds": it.period_seconds for name, it in (args.quality or {}).items()}
    return {path: period for path, period in periods.items() if period is not None}


def _is_period(seconds: int) -> bool:
    return seconds in (10, 30) or (seconds >= 60 and seconds % 60 == 0)


def _looked_problems(args: RollbackGuardArgs) -> Iterator[Problem]:
    looked, bad = or_else(args.evaluation_periods, 3), or_else(args.datapoints_to_alarm, 2)
    for path, period in _periods(args).items():
        if _is_period(period) and period * looked > _MOST_SECONDS:
            yield Problem(path, f"times {looked} periods is more than a day, which CloudWatch does not look at")
    if not 1 <= bad <= looked:
        yield Problem("datapoints_to_alarm", f"is {bad} of {looked} periods; allowed 1 to {max(looked, 1)}")
    silence = or_else(args.silence_minutes, 60)
    if silence < 0 or silence % 5 or silence > 1440:
        yield Problem("silence_minutes", f"is {silence}; allowed 0 and multiples of 5 up to 1440")
