"""A rollback that a person asks for: recorded first, then done in one call. boto3 and the standard library only."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.going_back import WayBack
from sluice.rollout.journal import History
from sluice.rollout.movement import Kind, Movement, Served, rollback_id


def roll_back(
    journal: DynamoJournal,
    sagemaker: Any,
    described: Mapping[str, Any],
    back: WayBack,
    *,
    actor: str,
    reason: str,
    token: str,
) -> Movement:
    """
    Gives a slot all the traffic of an endpoint, and returns what was recorded before that.

    `described` is what SageMaker says of it. Raises JournalError, and moves nothing, when it cannot be recorded.
    """
    endpoint = described["EndpointName"]
    at = _at(described)
    shares = _shares(described)

    def decide(history: History) -> Movement:
        last = history.last
        known = last.versions if last is not None else {}
        versions = {slot: known.get(slot, Served("unknown", "unknown")) for slot in {*shares, *known}}
        return Movement(
            endpoint=endpoint,
            sequence=history.next_sequence,
            at=at,
            actor=actor,
            kind=Kind.ROLLBACK,
            versions=versions,
            before=shares,
            after={slot: Decimal(100 if slot == back.slot else 0) for slot in shares},
            baseline=back.slot,
            reason=reason,
            token=token,
            rollback=rollback_id(endpoint, at, versions, reason),
        )

    written = journal.record(endpoint, token, decide)
    assert written is not None
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": slot, "DesiredWeight": 100.0 if slot == back.slot else 0.0} for slot in shares
        ],
    )
    return written


def _shares(described: Mapping[str, Any]) -> dict[str, Decimal]:
    weights = {it["VariantName"]: float(it.get("CurrentWeight", 0)) for it in described["ProductionVariants"]}
    total = sum(weights.values())
    if total <= 0:
        return dict.fromkeys(weights, Decimal(0))
    return {slot: Decimal(str(round(100 * weight / total, 6))) for slot, weight in weights.items()}


def _at(described: Mapping[str, Any]) -> datetime:
    """Returns when SageMaker answered: time is AWS's, on whoever's machine this runs."""
    try:
        return parsedate_to_datetime(described["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC)
