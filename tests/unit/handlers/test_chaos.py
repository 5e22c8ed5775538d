"""
Whatever happens in whatever order, and however often the handler ends in between.

Alarms, duplicates, delays, crashes before and after each call, throttling, an `up` and an update of the endpoint in
flight, changes by hand, acknowledgements: in the end traffic is on the baseline, or on what a person declared later.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sluice.rollout.journal import latch
from sluice.rollout.journal_errors import JournalConflict
from sluice.rollout.movement import Kind, Movement
from tests.support.movements import movement
from tests.support.rings import event
from tests.support.small_aws import Crash, Fault, SmallAws, risen

NAMES = ("digits-prod-green-errors", "digits-prod-green-p95")
FAULTS = st.none() | st.builds(Fault, st.integers(1, 9), st.sampled_from(["before", "after", "throttle"]))


@dataclass
class Delivery:
    """An event that Lambda or the retry queue has yet to see handled."""

    event: dict[str, Any]
    request: str
    queued: bool = False
    """Whether it is a message of the retry queue."""


class Chaos(RuleBasedStateMachine):
    """One endpoint and everybody who has to do with it."""

    def __init__(self) -> None:
        super().__init__()
        self.aws: SmallAws = risen()
        self.waiting: list[Delivery] = []
        self.seen: list[dict[str, Any]] = []
        self.number = 0
        self.must_be_off = False
        """An alarm rang while green had traffic, and no person has said anything since."""
        self.told_twice = 0
        """How often a run ended just after it had told people, or had handed its event on."""
        self.crossed = False
        """A rise was written after an alarm that its gates did not see."""
        self.up: float | None = None
        """Green's share that an `up` in flight has declared, and not yet given."""

    @initialize(settles=st.sampled_from([0, 3, 70]))
    def begin(self, settles: int) -> None:
        self.aws.settles_after = timedelta(seconds=settles)

    # What the world does

    @rule(name=st.sampled_from(NAMES))
    def rings(self, name: str) -> None:
        if name in self.aws.ringing:
            return
        # No alarm changes twice at one moment.
        self.aws.now += timedelta(seconds=1)
        self.aws.busy()
        self.aws.ringing.add(name)
        told = event(self.aws.now, name)
        self.seen.append(told)
        self._put(told)
        self.must_be_off |= self.aws.weights["green"] > 0

    @rule(name=st.sampled_from(NAMES))
    def is_over(self, name: str) -> None:
        if name in self.aws.ringing and self.crossed:
            # A rise came after it, and nothing is wrong with that any more.
            self.must_be_off = False
        self.aws.ringing.discard(name)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def comes_twice(self, data: st.DataObject) -> None:
        self._put(data.draw(st.sampled_from(self.seen)))

    @rule(minutes=st.sampled_from([0.05, 1, 10, 45]))
    def time_passes(self, minutes: float) -> None:
        self.aws.now += timedelta(minutes=minutes)
        self.aws.busy()

    @precondition(lambda self: not self.aws.busy())
    @rule(minutes=st.sampled_from([0.5, 5, 60]))
    def endpoint_is_updated(self, minutes: float) -> None:
        self.aws.begin_update(minutes)

    # What people do

    @precondition(lambda self: not self.aws.busy())
    @rule(green=st.sampled_from([0, 5, 50]))
    def changes_by_hand(self, green: int) -> None:
        self.aws.weights = {"blue": 100.0 - green, "green": float(green)}
        self.must_be_off = False

    @precondition(lambda self: latch(self.aws.history()) is not None)
    @rule()
    def acknowledges(self) -> None:
        found = latch(self.aws.history())
        assert found is not None
        self._write(Kind.ACKNOWLEDGE, self._declared(), acknowledges=found.id)
        self.must_be_off = False

    @precondition(lambda self: self.up is None and latch(self.aws.history()) is None)
    @rule(green=st.sampled_from([10, 25]))
    def up_is_forced(self, green: int) -> None:
        self._write(Kind.RISE, green, forced="we know" if self.aws.ringing else None)
        self.up, self.must_be_off = green, False

    @precondition(lambda self: self.up is None and not self.aws.ringing and latch(self.aws.history()) is None)
    @rule(green=st.sampled_from([10, 25]), name=st.none() | st.sampled_from(NAMES))
    def up_passes_its_gates(self, green: int, name: str | None) -> None:
        self.must_be_off = False
        # An alarm may ring after the gates were asked, and before what they let pass is written.
        self.crossed = name is not None
        if name is not None:
            self.rings(name)
        self.aws.now += timedelta(seconds=1)
        self._write(Kind.RISE, green)
        self.up = green

    @precondition(lambda self: self.up is not None and not self.aws.busy())
    @rule()
    def up_ends(self) -> None:
        # Before it gives weights it looks whether something was rolled back meanwhile.
        if latch(self.aws.history()) is None and self.up is not None:
            self.aws.weights = {"blue": 100.0 - self.up, "green": float(self.up)}
        self.up = None

    # What the handler does

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), fault=FAULTS)
    def is_handled(self, data: st.DataObject, fault: Fault | None) -> None:
        self._handle(data.draw(st.sampled_from(self.waiting)), fault)

    def _handle(self, delivery: Delivery, fault: Fault | None) -> None:
        record = {"messageId": "m", "body": _body(delivery)}
        given = {"Records": [record]} if delivery.queued else delivery.event
        queued = len(self.aws.retries)
        try:
            told = self.aws.run(given, delivery.request, fault)
        except (Crash, ClientError):
            # Lambda tries again, and the queue afterwards.
            last = self.aws.made[-1]
            self.told_twice += last in ("Publish", "SendMessage") and fault is not None and fault.kind == "after"
            return
        finally:
            self.waiting += [Delivery(delivery.event, delivery.request, True)] * (len(self.aws.retries) - queued)
        if not told["batchItemFailures"]:
            self.waiting.remove(delivery)

    def teardown(self) -> None:
        """Lets everything come to its end, without further faults."""
        if self.up is not None and not self.aws.busy():
            self.up_ends()
        for _ in range(200):
            if not self.waiting:
                break
            self.aws.now += timedelta(seconds=90)
            for delivery in list(self.waiting):
                self._handle(delivery, None)
        assert self.waiting == []
        self._check_the_end()

    def _check_the_end(self) -> None:
        self.aws.busy()
        gave_up = [it for it in self.aws.published if "FAILED" in it["subject"]]
        assert len(gave_up) <= len(self.aws.dead_letters) <= len(gave_up)
        if self.must_be_off and not gave_up:
            assert self.aws.weights["green"] == 0
        rollbacks = [it for it in self.aws.movements if it.kind is Kind.ROLLBACK]
        told = Counter(it["rollback"] for it in self.aws.published if "FAILED" not in it["subject"])
        late = {it["rollback"] for it in gave_up}
        assert {it.rollback for it in rollbacks} - late <= told.keys() <= {it.rollback for it in rollbacks}
        assert sum(told.values()) <= len(told) + self.told_twice

    @invariant()
    def one_entry_for_each_change(self) -> None:
        """A change of an alarm makes one movement at most, and no version is rolled back that has no traffic."""
        rollbacks = [it for it in self.aws.movements if it.kind is Kind.ROLLBACK]
        assert len({it.token for it in rollbacks}) == len(rollbacks)
        assert all(it.was("green") > 0 and it.share("green") == 0 for it in rollbacks)
        kinds = [it.kind for it in self.aws.movements]
        assert (Kind.ROLLBACK, Kind.ROLLBACK) not in pairwise(kinds)

    @invariant()
    def somebody_serves(self) -> None:
        """The endpoint has a variant that answers, and no weight gets lost."""
        assert self.aws.weights["blue"] > 0
        assert sum(self.aws.weights.values()) == 100

    def _put(self, told: dict[str, Any]) -> None:
        self.number += 1
        self.waiting.append(Delivery(told, f"r{self.number}"))

    def _declared(self) -> int:
        last = self.aws.history().last
        return 0 if last is None else int(last.share("green"))

    def _write(self, kind: Kind, green: int, **more: Any) -> None:
        was = self._declared()
        sequence = len(self.aws.movements) + 1
        made: Movement = movement(sequence, green, was, kind=kind, at=self.aws.now, **more)
        try:
            self.aws.write(made)
        except JournalConflict as error:
            raise AssertionError("nobody writes at the same time here") from error


def _body(delivery: Delivery) -> str:
    return json.dumps({"event": delivery.event, "request": delivery.request})


Chaos.TestCase.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
TestChaos = Chaos.TestCase
