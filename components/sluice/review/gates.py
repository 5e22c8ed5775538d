"""What the gates say of a movement of traffic: the live endpoint's own messages, from the preview."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice.review.plan import Plan
from sluice.review.traffic import Traffic

_REFUSED = " refused"


@dataclass(frozen=True)
class Gates:
    """What was said of one endpoint."""

    endpoint: str
    refused: Sequence[str] = ()
    """`green 10 → 25 refused: soaked 0 of 24 h`; or any other reason for which the endpoint may not change."""
    warned: Sequence[str] = ()
    """What should be known although it may happen: a gate that is not met and not enforced, a rollback that stands."""
    allowed: Sequence[str] = ()
    """What the gates say of a movement that may happen."""


def gates(plan: Plan, traffic: Sequence[Traffic]) -> list[Gates]:
    """Returns what was said, by endpoint."""
    return [
        Gates(
            it.endpoint,
            [line for said in _messages(plan, it.urn, "error") for line in _reasons(said)],
            _messages(plan, it.urn, "warning"),
            _messages(plan, it.urn, "info"),
        )
        for it in traffic
    ]


def _messages(plan: Plan, urn: str, severity: str) -> list[str]:
    return list(dict.fromkeys(it.message for it in plan.said if it.urn == urn and it.severity == severity))


def _reasons(message: str) -> list[str]:
    """Returns the problems of an error, without the line that counts them."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    refused = [line.removeprefix("weights ") for line in lines if _REFUSED in line]
    others = [line for line in lines[1:] if _REFUSED not in line]
    return [*refused, *others] or lines
