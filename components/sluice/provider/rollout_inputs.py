"""What is declared of an endpoint's rollout, on the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sluice.errors import InvalidInput
from sluice.provider.custom_type import Failure, Values
from sluice.provider.properties import UNKNOWN
from sluice.rollout.declared import rollout_problems, terms_of
from sluice.rollout.movement import Served
from sluice.rollout.rise import Outcome, Shadow
from sluice.rollout.settings import RolloutArgs
from sluice.rollout.terms import Terms

INPUTS = frozenset(
    {
        "acknowledge",
        "acknowledgeReason",
        "alarms",
        "force",
        "journal",
        "journalRetentionDays",
        "rollout",
        "shadowed",
        "versionDigests",
    }
)
"""The inputs of a LiveEndpoint that only gates and the journal know."""


def failures(inputs: Values) -> Iterator[Failure]:
    """Yields what is wrong with what is declared of a rollout."""
    try:
        args = _args(inputs)
    except InvalidInput as error:
        yield from (("rollout" if not it.path else f"rollout.{it.path}", it.message) for it in error.problems)
        return
    yield from ((it.path, it.message) for it in rollout_problems(args))
    if inputs.get("journal") is None:
        for key in ("rollout", "force", "acknowledge"):
            if inputs.get(key) is not None:
                yield key, "needs a journal: what happened is judged by it; declare a RolloutJournal and name its table"
    for key in ("force", "acknowledge"):
        text = inputs.get(key)
        if isinstance(text, str) and not text.strip():
            yield key, "is empty; say why, or leave it out" if key == "force" else "is empty; name a rollback"
    if inputs.get("acknowledgeReason") is not None and inputs.get("acknowledge") is None:
        yield "acknowledgeReason", "is there without acknowledge; name the rollback that is acknowledged"


def is_journaled(inputs: Values) -> bool:
    """Returns whether an endpoint's movements are judged and recorded, as far as a preview can know."""
    return isinstance(inputs.get("journal"), str) and UNKNOWN not in (inputs.get("region"), inputs.get("weights"))


def terms(inputs: Values) -> Terms:
    """Returns what the rollout has to keep to. Raises InvalidInput with every problem."""
    return terms_of(_args(inputs))


def alarms(inputs: Values) -> list[str]:
    """Returns the names of the alarms during which nothing rises: the declared ones, and the deployment's own."""
    rollback = (inputs.get("deploymentConfig") or {}).get("autoRollbackConfiguration") or {}
    return [*(inputs.get("alarms") or []), *(it["alarmName"] for it in rollback.get("alarms") or [])]


def served(inputs: Values) -> dict[str, Served]:
    """Returns the version in each slot; one that is not told bears its slot's name."""
    labels, digests = inputs.get("versions") or {}, inputs.get("versionDigests") or {}
    return {
        slot: Served(str(digests.get(slot) or labels.get(slot) or slot), str(labels.get(slot) or slot).split(" ")[0])
        for slot in inputs.get("weights") or {}
    }


def shadows(inputs: Values) -> dict[str, Shadow]:
    """Returns what is known of versions in the shadow, by their digests."""
    return {
        it["version"]: Shadow(
            it["version"],
            datetime.fromisoformat(it["since"]),
            datetime.fromisoformat(it["until"]),
            int(it["requests"]),
            Outcome(it["outcome"]),
            str(it["text"]),
        )
        for it in (inputs.get("shadowed") or {}).values()
    }


def _args(inputs: Values) -> RolloutArgs:
    return RolloutArgs.parse("rollout", _whole(inputs.get("rollout") or {}))


def _whole(value: Any) -> Any:
    """Returns plain values with numbers as they were declared: on the wire all are floats."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
