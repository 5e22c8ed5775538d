"""The journal of an endpoint's movements, as the plugin writes it."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sluice.errors import InvalidInput, Problem
from sluice.provider import rollout_inputs
from sluice.provider.custom_type import Values
from sluice.provider.endpoint_gates import Gates, Ruling
from sluice.provider.endpoint_traffic import same, shares
from sluice.rollout import journal, ladder
from sluice.rollout.dynamodb import Decide
from sluice.rollout.journal import History, JournalError
from sluice.rollout.movement import Kind, Movement, Served

_UNKNOWN = Served("unknown", "unknown")


@dataclass(frozen=True)
class Record:
    """Writes what happens to one endpoint, once it has been judged."""

    gates: Gates
    token: str
    """Of this deployment."""

    def check(self) -> None:
        """Raises InvalidInput when what is declared may not happen; writes nothing."""
        self._refuse(self.gates.rule())

    def begin(self) -> Ruling:
        """
        Writes what is going to happen, and returns it; of two who do so at a time one is judged by the other's.

        Raises InvalidInput, and moves nothing, when it may not happen.
        """
        self._catch_up()
        self._acknowledge()
        ruled: list[Ruling] = []

        def decide(history: History) -> Movement | None:
            ruling = self.gates.rule(history)
            self._refuse(ruling)
            ruled[:] = [ruling]
            return self._movement(history, ruling)

        self._write(decide, "")
        ruled[-1].tell(self.gates.work)
        return ruled[-1]

    def overtaken(self, weights: Mapping[str, float]) -> dict[str, float] | None:
        """
        Returns where a rollback wants the traffic that was recorded while this went on; None when none was.

        Whoever rolls back records first and shifts then: one that is recorded later than this looks shifts later too.
        """
        last = self.gates.journal.last(self.gates.endpoint)
        if last is None or last.kind is not Kind.ROLLBACK or same(last.after, weights):
            return None
        when = f"{last.at:%Y-%m-%d %H:%M} UTC, while this went on"
        self.gates.work.warn(f"{last.actor} rolled back at {when} ({last.reason}): traffic goes there")
        return {slot: float(share) for slot, share in last.after.items()}

    def failed(self, described: Values | None, why: str) -> None:
        """Records that what was begun did not happen, as far as that can be recorded."""
        live = shares(described or {})

        def decide(history: History) -> Movement | None:
            last = history.last
            if last is None or not live or same(last.after, live):
                return None
            reason = f"movement {last.sequence} did not happen: {why}"
            return self._make(history, Kind.OBSERVED, live, last.baseline, reason, last.versions)

        with contextlib.suppress(JournalError, ClientError, BotoCoreError):
            self._write(decide, "-failed")

    def _refuse(self, ruling: Ruling) -> None:
        if found := list(ruling.failures):
            raise InvalidInput(f"endpoint {self.gates.endpoint}", [Problem(*it) for it in found])

    def _catch_up(self) -> None:
        """Records what somebody moved past the journal, so that stages begin when that was seen."""
        gates, live = self.gates, shares(self.gates.described or {})

        def decide(history: History) -> Movement | None:
            last = history.last
            if not live or (last is not None and (same(last.after, live) or gates.is_pending(history))):
                return None
            if last is not None and last.kind is Kind.ROLLBACK and same(last.before, live):
                # It is recorded, and SageMaker has yet to take it.
                return None
            known = rollout_inputs.served(gates.old) if last is None else last.versions
            versions = {slot: known.get(slot, _UNKNOWN) for slot in {*live, *(last.after if last is not None else ())}}
            if last is None:
                reason = "the journal begins; what is live was there before"
                return self._make(history, Kind.OBSERVED, live, gates.old.get("baseline"), reason, versions)
            reason = "somebody changed it by hand, which was seen now"
            return self._make(history, Kind.OBSERVED, live, last.baseline, reason, versions)

        self._write(decide, "-observed")

    def _acknowledge(self) -> None:
        wanted = self.gates.new.get("acknowledge")

        def decide(history: History) -> Movement | None:
            last = history.last
            if last is None or wanted not in {it.id for it in journal.open_rollbacks(history)}:
                return None
            reason = str(self.gates.new.get("acknowledgeReason") or "no reason was given")
            return self._make(
                history, Kind.ACKNOWLEDGE, last.after, last.baseline, reason, last.versions, acknowledges=wanted
            )

        if wanted is not None:
            self._write(decide, "-acknowledged")

    def _movement(self, history: History, ruling: Ruling) -> Movement | None:
        if ruling.held is not None or self.gates.is_pending(history):
            return None
        last, served = history.last, rollout_inputs.served(self.gates.new)
        after = {slot: Decimal(str(round(share, 6))) for slot, share in ruling.weights.items()}
        baseline = self.gates.new.get("baseline")
        kind = _kind(last, after, baseline, served)
        if kind is None:
            return None
        versions = {**(last.versions if last is not None else {}), **served}
        kept = {slot: it for slot, it in versions.items() if slot in after or (last is not None and last.share(slot))}
        reason = ruling.decision.message or "as declared"
        verdicts = [(each.slot, it) for each in ruling.decision.rulings for it in each.verdicts]
        return replace(
            self._make(history, kind, after, baseline, reason, kept),
            evidence={f"{slot}.{it.gate}": f"{it.outcome}: {it.text}" for slot, it in verdicts},
            forced=self.gates.new.get("force") if ruling.decision.forced else None,
        )

    def _make(
        self,
        history: History,
        kind: Kind,
        after: Mapping[str, Decimal],
        baseline: str | None,
        reason: str,
        versions: Mapping[str, Served],
        **more: Any,
    ) -> Movement:
        return Movement(
            endpoint=self.gates.endpoint,
            sequence=history.next_sequence,
            at=self.gates.now,
            actor=self.gates.actor,
            kind=kind,
            versions=versions,
            before=history.last.after if history.last is not None else {},
            after=after,
            baseline=baseline if baseline in versions else None,
            reason=reason,
            token=self.token,
            **more,
        )

    def _write(self, decide: Decide, suffix: str) -> None:
        self.gates.journal.record(self.gates.endpoint, f"{self.token}{suffix}", decide)


def retire(gates: Gates) -> None:
    """Lets the journal of an endpoint that is gone expire after its days, if it has any."""
    days = gates.new.get("journalRetentionDays")
    if isinstance(days, int | float):
        gates.journal.retire(gates.endpoint, gates.now + timedelta(days=days))


def _kind(
    last: Movement | None, after: Mapping[str, Decimal], baseline: str | None, served: Mapping[str, Served]
) -> Kind | None:
    """Returns what a change is called; None when nothing changes."""
    if last is None:
        return Kind.DEPLOY
    if baseline is not None and last.baseline is not None and baseline != last.baseline:
        return Kind.PROMOTE
    rising = [slot for slot in after if ladder.rising(float(last.share(slot)), float(after[slot]))]
    if any(slot != baseline for slot in rising):
        return Kind.RISE
    if not same(last.after, after):
        return Kind.FALL
    return Kind.DEPLOY if any(last.digest(slot) != it.digest for slot, it in served.items()) else None
