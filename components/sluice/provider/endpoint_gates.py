"""Whether an endpoint's traffic may move as declared, judged by its journal and by what its users meet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from sluice.provider import rollout_inputs
from sluice.provider.custom_type import Failure, Values
from sluice.provider.endpoint_traffic import percent, same, shares
from sluice.provider.moment import moment
from sluice.provider.work import Work
from sluice.rollout import cloudwatch, journal, ladder
from sluice.rollout.dynamodb import DynamoJournal
from sluice.rollout.journal import History
from sluice.rollout.judge import Change, Decision, Force, judge, rises_of
from sluice.rollout.movement import Kind
from sluice.rollout.rise import Evidence, Latch
from sluice.rollout.terms import Terms

_PENDING = timedelta(hours=1)
"""A movement that was recorded no longer ago than this and has not happened was cut off."""


@dataclass(frozen=True)
class Ruling:
    """What may happen to an endpoint's traffic."""

    decision: Decision
    weights: dict[str, float]
    """Percent by slot that it is to have: what is declared, or what is live where a rollback stands."""
    held: str | None = None
    """Why what is declared does not come about, without being a mistake."""
    problems: tuple[Failure, ...] = ()
    caution: str | None = None
    """What may happen and may not be meant."""

    @property
    def failures(self) -> Iterator[Failure]:
        """Yields why it may not happen at all."""
        yield from self.problems
        if not self.decision.allowed:
            yield from (("weights", line) for line in self.decision.message.splitlines() if " refused" in line)

    def tell(self, work: Work) -> None:
        """Says what a person should know of it although it may happen: to stay where not all is as it should be."""
        text = self.held or (self.decision.message if self.decision.allowed else "")
        unmet = any(ruling.unmet for ruling in self.decision.rulings)
        if text:
            (work.warn if self.held or unmet else work.say)(text)
        if self.caution is not None and self.decision.allowed:
            work.warn(self.caution)


@dataclass
class Gates:
    """Judges the movements of one endpoint."""

    work: Work
    new: Values
    """What is declared."""
    old: Values
    """What was declared last; empty for an endpoint that is to be made."""
    described: Values | None
    """What SageMaker says of the endpoint; None when there is none that serves."""

    @cached_property
    def now(self) -> datetime:
        return moment(self.work, self.new["region"], self.described)

    @cached_property
    def terms(self) -> Terms:
        return rollout_inputs.terms(self.new)

    @cached_property
    def journal(self) -> DynamoJournal:
        return DynamoJournal(self.work.client("dynamodb", self.new["region"]), self.new["journal"], lambda: self.now)

    @cached_property
    def live(self) -> dict[str, float]:
        """Percent by slot that is served at present; empty for an endpoint that is gone or not yet there."""
        return {slot: float(share) for slot, share in shares(self.described or {}).items()}

    @cached_property
    def declared(self) -> dict[str, float]:
        """Percent by slot that is declared."""
        return percent(self.new["weights"])

    @cached_property
    def digests(self) -> dict[str, str]:
        """The digest of the version that is declared in each slot."""
        return {slot: it.digest for slot, it in rollout_inputs.served(self.new).items()}

    @cached_property
    def actor(self) -> str:
        """Who deploys: the last part of the ARN, `assumed-role/deployer/alice`."""
        arn: str = self.work.client("sts", self.new["region"]).get_caller_identity()["Arn"]
        return arn.split(":", 5)[5]

    @property
    def endpoint(self) -> str:
        return str(self.new["name"])

    def rule(self, history: History | None = None) -> Ruling:
        """Returns what may happen, by the journal; read now where it is not given. Raises JournalError."""
        history = self.journal.read(self.endpoint) if history is None else history
        problems = tuple(self._acknowledge_problems(history))
        if (held := self._held(history)) is not None:
            return Ruling(Decision(True, ""), self._present(history), held, problems)
        if self.is_pending(history):
            return Ruling(Decision(True, ""), self.declared, None, problems)
        change = self._change(history)
        problems = (*problems, *self._baseline_problems(change))
        force, objection = self._force(history)
        rises = [] if change.first else rises_of(change, self.terms, Evidence(self.now))
        evidence = self._evidence(history, change, {rise.slot for rise in rises}) if rises else Evidence(self.now)
        decision = judge(change, self.terms, evidence, force)
        if objection is not None and not decision.allowed:
            decision = replace(decision, message=f"{decision.message}; {objection}")
        return Ruling(decision, self.declared, None, problems, self._caution(change))

    def moved_by_others(self) -> str | None:
        """Returns what a preview must say where it shows what was live, and that is past; else None."""
        known = percent(self.work.recorded.get("weights") or {})
        if not self.live or not known or same(known, self.live):
            return None
        live, was = (", ".join(f"{slot} {it:.4g}" for slot, it in shares.items()) for shares in (self.live, known))
        return f"live is {live}, and the state has {was}: others moved the traffic, and pulumi refresh shows it"

    def is_pending(self, history: History) -> bool:
        """Returns whether what is declared was judged and recorded, and then cut off before it happened."""
        last = history.last
        return (
            last is not None
            and last.kind not in (Kind.OBSERVED, Kind.ROLLBACK)
            and self.now - last.at <= _PENDING
            and same(last.after, self.declared)
            and same(last.before, self.live)
            and not same(last.before, last.after)
            and all(last.digest(slot) == digest for slot, digest in self.digests.items())
        )

    def _change(self, history: History) -> Change:
        recorded = None if history.last is None else history.last.baseline
        # A candidate does not become the baseline by being called so.
        baseline = recorded or self.old.get("baseline") or self.new.get("baseline") or _most(self.live or self.declared)
        return Change(
            endpoint=self.endpoint,
            before=self._present(history),
            after=self.declared,
            versions=self.digests,
            baseline=baseline,
            baseline_version=self._served_until_now(baseline, history),
            first=not len(history) and not self.live,
        )

    def _present(self, history: History) -> dict[str, float]:
        """Returns percent by slot: what is live, of an endpoint that is gone or is rolling back what is recorded."""
        last = history.last
        rolling_back = last is not None and last.kind is Kind.ROLLBACK and same(last.before, self.live)
        return _recorded(history) if rolling_back or not self.live else dict(self.live)

    def _held(self, history: History) -> str | None:
        """Returns why traffic stays where a rollback put it: what is declared is what was before, not a new wish."""
        latch = journal.latch(history)
        if latch is None or not self.live or self.new.get("acknowledge") == latch.id:
            return None
        rollback = history.rollback(latch.id)
        present = self._present(history)
        rising = [slot for slot, share in self.declared.items() if ladder.rising(present.get(slot, 0.0), share)]
        barred = [slot for slot in rising if self.digests.get(slot) in latch.barred]
        if rollback is None or not barred or not same(rollback.before, self.declared):
            return None
        stays = ", ".join(f"{slot} {share:g}" for slot, share in present.items())
        return (
            f"traffic stays at {stays}: {latch.actor} rolled back at {latch.at:%Y-%m-%d %H:%M} UTC ({latch.reason}); "
            f"declare what is live (sluice reconcile), or a new version, or acknowledge {latch.id}"
        )

    def _evidence(self, history: History, change: Change, rising: set[str]) -> Evidence:
        last = history.last
        since = {slot: found for slot in change.before if (found := journal.stage_since(history, slot)) is not None}
        measured = self._measured(history, [since[slot] for slot in {*rising, change.baseline} if slot in since])
        return Evidence(
            now=self.now,
            recorded_at=None if last is None else history.moments[-1],
            recorded=None if last is None else _recorded(history),
            stage_since=since,
            cohorts={} if measured is None else measured.cohorts,
            measured_until=None if measured is None else measured.until,
            alarms=self._alarms(),
            latch=self._latch(history, rising),
            shadows=rollout_inputs.shadows(self.new),
        )

    def _measured(self, history: History, begun: list[datetime]) -> cloudwatch.Measured | None:
        window = cloudwatch.window(max(begun), self.now) if begun else None
        if window is None:
            return None
        versions = {slot: self._served_until_now(slot, history) for slot in self.live}
        ask = cloudwatch.Ask(self.endpoint, versions, window, tuple(self.terms.quality))
        return cloudwatch.measure(self.work.client("cloudwatch", self.new["region"]), [ask])[self.endpoint]

    def _latch(self, history: History, rising: set[str]) -> Latch | None:
        for slot in sorted(rising):
            digest = self.digests.get(slot, "")
            barred = journal.barred_by(history, digest)
            if barred is not None and barred.id != self.new.get("acknowledge"):
                return Latch(digest, barred.at, f"{barred.id}: {barred.reason}")
        return None

    def _alarms(self) -> tuple[str, ...] | None:
        names = rollout_inputs.alarms(self.new)
        if not names:
            return ()
        try:
            return cloudwatch.firing(self.work.client("cloudwatch", self.new["region"]), names)
        except (LookupError, ClientError, BotoCoreError) as error:
            self.work.warn(f"the states of the alarms could not be read: {error}")
            return None

    def _force(self, history: History) -> tuple[Force | None, str | None]:
        """Returns who answers for a rise, or why the declared force is none: it is good for one movement."""
        reason = self.new.get("force")
        if not isinstance(reason, str):
            return None, None
        used = next((it for it in history.movements if it.forced == reason), None)
        if used is not None and not same(used.after, self.declared):
            return None, f"its force was used at {used.at:%Y-%m-%d %H:%M} UTC: say why this movement is forced too"
        return Force(reason, self.actor), None

    def _acknowledge_problems(self, history: History) -> Iterator[Failure]:
        wanted = self.new.get("acknowledge")
        if wanted is None or history.rollback(wanted) is not None:
            return
        known = ", ".join(it.id for it in journal.open_rollbacks(history)) or "none"
        yield "acknowledge", f"is {wanted!r}, which is no rollback of {self.endpoint}; those that are open: {known}"

    def _baseline_problems(self, change: Change) -> Iterator[Failure]:
        """Yields why a candidate may not be made the baseline, whose rises pass no gate."""
        wanted = self._promoted(change)
        share = 0.0 if wanted is None else self.declared.get(wanted, 0.0)
        if wanted is not None and ladder.rising(share, 100) and self.terms.enforced:
            reason = f"it has {share:g} % of the traffic, and would rise without gates from there"
            yield "baseline", f"{wanted} refused: {reason}; until it has all of it, declare baseline: {change.baseline}"

    def _caution(self, change: Change) -> str | None:
        wanted = self._promoted(change)
        if wanted is None or not ladder.rising(change.before.get(wanted, 0.0), self.declared.get(wanted, 0.0)):
            return None
        return (
            f"{wanted} becomes the baseline as it rises, and no guard watches a baseline; to have it watched until "
            f"it has proven itself, declare baseline: {change.baseline}, and later: sluice promote"
        )

    def _promoted(self, change: Change) -> str | None:
        wanted = self.new.get("baseline")
        return None if change.first or wanted == change.baseline else wanted

    def _served_until_now(self, slot: str, history: History) -> str:
        found = None if history.last is None else history.last.digest(slot)
        return found or self.digests.get(slot, "unknown")


def standing_rollback(gates: Gates) -> str | None:
    """Returns what is to be said while the newest that happened is a rollback that is not declared, or None."""
    last = gates.journal.last(gates.endpoint)
    if last is None or last.kind is not Kind.ROLLBACK or same(last.after, gates.declared):
        return None
    stays = ", ".join(f"{slot} {float(share):g}" for slot, share in last.after.items())
    return (
        f"traffic stays at {stays}: {last.actor} rolled back at {last.at:%Y-%m-%d %H:%M} UTC ({last.reason}); "
        f"declare what is live (sluice reconcile), or a new version, or acknowledge {last.rollback}"
    )


def _recorded(history: History) -> dict[str, float]:
    return {} if history.last is None else {slot: float(share) for slot, share in history.last.after.items()}


def _most(weights: Mapping[str, float]) -> str:
    return max(weights, key=lambda slot: weights[slot], default="")
