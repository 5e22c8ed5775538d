"""A version in the shadow beside the one that serves: do their answers agree, does it fail more, is it slower?"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sluice.evaluation.captures import Captured
from sluice.evaluation.shadow_report import ShadowFinding, ShadowReport, ShadowSide
from sluice.evaluation.statistics.intervals import mean_interval
from sluice.rollout import figures
from sluice.rollout.cohorts import Cohort
from sluice.rollout.gates import cohorts_not_worse, latency
from sluice.rollout.rise import Evidence, Outcome, Rise
from sluice.rollout.terms import Terms

_SHOWN = 20
_LONGEST = 500


@dataclass(frozen=True)
class Pair:
    """One request, and both answers."""

    input: str
    production: str | None
    shadow: str | None


def paired(production: Iterable[Captured], shadow: Iterable[Captured]) -> list[Pair]:
    """Returns the requests that both were asked, in the order of production's; of several alike, first with first."""
    waiting: dict[str, list[Captured]] = defaultdict(list)
    for it in sorted(shadow, key=lambda it: it.at):
        waiting[it.identity].append(it)
    return [
        Pair(it.input, it.output, waiting[it.identity].pop(0).output)
        for it in sorted(production, key=lambda it: it.at)
        if waiting.get(it.identity)
    ]


def agree(pair: Pair, tolerance: float) -> bool:
    """Returns whether two answers are the same: as JSON where both are, numbers within a relative tolerance."""
    if pair.production is None or pair.shadow is None:
        return False
    try:
        one, other = json.loads(pair.production), json.loads(pair.shadow)
    except ValueError:
        return pair.production == pair.shadow
    return _same(one, other, tolerance)


def shadow_report(
    endpoint: str,
    sides: tuple[ShadowSide, ShadowSide],
    window: tuple[datetime, datetime],
    pairs: list[Pair],
    cohorts: dict[str, Cohort],
    terms: Terms,
    *,
    agreement: float,
    tolerance: float,
) -> ShadowReport:
    """
    Returns what was found of a shadow (`sides` is production, shadow; `cohorts` is by variant, from CloudWatch).

    Answers agree when the whole interval of their share (Wilson's) reaches `agreement`. Errors and latency are judged
    as on a rung, by the gates of the rollout.
    """
    production, shadow = sides
    same = [agree(pair, tolerance) for pair in pairs]
    rise = Rise(
        endpoint=endpoint,
        slot=shadow.variant,
        version=shadow.digest,
        baseline=production.variant,
        live={production.variant: 100.0, shadow.variant: 100.0},
        wanted=100.0,
        terms=terms,
        evidence=Evidence(window[1], cohorts=cohorts),
    )
    findings = {"agreement": _agreement(same, agreement, terms.confidence)}
    for name, gate in {"errors": cohorts_not_worse.check, "latency": latency.check}.items():
        verdict = gate(rise)
        findings[name] = ShadowFinding(outcome=verdict.outcome, text=verdict.text)
    return ShadowReport(
        endpoint=endpoint,
        production=production,
        shadow=shadow,
        since=window[0],
        until=window[1],
        requests=len(pairs),
        findings=findings,
        disagreements=list(_told(pair for pair, alike in zip(pairs, same, strict=True) if not alike)),
    )


def _agreement(same: list[bool], wanted: float, confidence: float) -> ShadowFinding:
    if len(same) < 2:
        return ShadowFinding(outcome=Outcome.CANNOT_TELL, text=f"{len(same)} requests with both answers were captured")
    found = mean_interval([[float(it)] for it in same], kind="binary", confidence=confidence)
    text = (
        f"agreement {figures.percent(found.estimate)} ({figures.percent(found.low)} to {figures.percent(found.high)}) "
        f"of {len(same):,}, at least {figures.percent(wanted)}"
    )
    if found.low >= wanted:
        return ShadowFinding(outcome=Outcome.PASS, text=text)
    return ShadowFinding(outcome=Outcome.FAIL if found.high < wanted else Outcome.CANNOT_TELL, text=text)


def _told(pairs: Iterable[Pair]) -> Iterator[dict[str, str]]:
    for number, pair in enumerate(pairs):
        if number == _SHOWN:
            return
        given = {"input": pair.input, "production": pair.production or "", "shadow": pair.shadow or ""}
        yield {name: text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…" for name, text in given.items()}


def _same(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(lambda a, b: _same(a, b, tolerance), one, other))
    return bool(one == other)
