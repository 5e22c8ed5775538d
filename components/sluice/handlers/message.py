"""What people are told of a rollback: what, when, why, from where to where, and what to do next. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sluice.handlers.cohort_figures import WINDOW, Figures
from sluice.handlers.events import Ring
from sluice.rollout.figures import number, percent
from sluice.rollout.movement import Movement

MOST_SUBJECT = 99
"""SNS takes subjects of fewer than 100 characters."""


def done(ring: Ring, entry: Movement, now: datetime, figures: Mapping[str, Figures] | None) -> tuple[str, str]:
    """Returns subject and text about a rollback; `figures` are None when nobody could read them."""
    slot, baseline = ring.armed.slot, entry.baseline or ring.armed.baseline
    bad, good = entry.versions[slot].label, entry.versions[baseline].label
    share, left = f"{float(entry.was(slot)):.4g} %", f"{float(entry.share(slot)):.4g} %"
    lines = [
        f"Sluice took {bad} off the endpoint {entry.endpoint}: its {share} of the traffic is back on {good}.",
        "",
        f"When      {_moment(entry.at)}; the alarm rang {_moment(ring.at)}, traffic was seen back {_moment(now)}",
        f"Why       {_why(ring)}",
        *_cohorts(ring, entry, baseline, figures),
        f"From      {bad} in {slot} ({_digest(entry, slot)}), {share} of the traffic, now {left}",
        f"To        {good} in {baseline} ({_digest(entry, baseline)}), now {float(entry.share(baseline)):.4g} %",
        f"Rollback  {entry.rollback}, movement {entry.sequence} of the journal",
        "",
        f"What next: nothing is urgent. {bad} gets no traffic again, whatever is declared, until somebody says so.",
        f"1. sluice reconcile {entry.endpoint} makes the stack file say what is live; commit that.",
        f"2. Find out why: the figures above, and the container logs of {slot}.",
        f"3. Ship a new version, or let this one rise again by acknowledge: {entry.rollback} in the configuration.",
    ]
    return _subject(f"Rolled back: {bad} on {entry.endpoint}"), "\n".join(lines)


def given_up(ring: Ring, entry: Movement | None, why: str) -> tuple[str, str]:
    """Returns subject and text about a rollback that did not come about."""
    armed = ring.armed
    recorded = "Nothing was recorded of this alarm." if entry is None else f"The journal has it as {entry.rollback}."
    lines = [
        f"Sluice could NOT take {armed.version.label} off the endpoint {armed.endpoint}: {why}.",
        "",
        f"When      the alarm rang {_moment(ring.at)}",
        f"Why       {_why(ring)}",
        f"State     {armed.slot} may still have traffic. {recorded}",
        "",
        f"What next: act now. Look at the endpoint, then run: sluice rollback {armed.endpoint}",
        "The event is in the guard's dead-letter queue.",
    ]
    return _subject(f"ROLLBACK FAILED: {armed.version.label} on {armed.endpoint}"), "\n".join(lines)


def _why(ring: Ring) -> str:
    said = "" if ring.value is None else f". {ring.reason}"
    return f"alarm {ring.alarm}: {ring.why}{said}"


def _cohorts(ring: Ring, entry: Movement, baseline: str, figures: Mapping[str, Figures] | None) -> Iterator[str]:
    if figures is None:
        yield "Figures   could not be read from CloudWatch"
        return
    minutes = round(WINDOW.total_seconds() / 60)
    yield f"Figures   of the {minutes} minutes before:"
    for slot in (ring.armed.slot, baseline):
        if slot in figures:
            yield f"          {slot} ({entry.versions[slot].label}): {_cohort(ring, figures[slot])}"


def _cohort(ring: Ring, it: Figures) -> str:
    told = [f"{it.requests:,} requests"]
    if it.requests:
        told.append(f"{it.errors:,} errors ({percent(it.errors / it.requests)})")
    if it.p95_ms is not None:
        told.append(f"p95 {it.p95_ms:,.0f} ms")
    if it.quality is not None:
        told.append(f"{ring.armed.quality} {number(it.quality)}")
    return ", ".join(told)


def _digest(entry: Movement, slot: str) -> str:
    return entry.versions[slot].digest[:19]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _subject(text: str) -> str:
    # SNS takes no line breaks and nothing beyond ASCII in it.
    return text.encode("ascii", "replace").decode()[:MOST_SUBJECT]
