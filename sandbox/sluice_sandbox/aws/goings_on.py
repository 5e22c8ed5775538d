"""What goes on in the sandbox's AWS by itself: alarms are evaluated, functions run, and both take their time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sluice_sandbox.aws.clock import Clock
from sluice_sandbox.lambdas.queue import QUEUE, Invocation
from sluice_sandbox.lambdas.runner import Outcome, Task, run
from sluice_sandbox.lambdas.worker import Worker
from sluice_sandbox.moto_patches import durations, function_runs, queue_feeds
from sluice_sandbox.moto_patches.alarm_watch import WATCHES, evaluate_until


class GoingsOn:
    """Lets happen what is due. Every method but `wake` is called with the lock held, and `advance` lets go of it."""

    def __init__(self, clock: Clock, lock: threading.Lock, keep: Callable[[dict[str, Any]], None]) -> None:
        self._clock, self._lock, self._keep = clock, lock, keep
        self._worker = Worker(lock, self._take, self._finish)

    def begin(self) -> None:
        """Lets functions run; until then, while the journal is replayed, they are only waited for."""
        function_runs.run_now[:] = [self._run_now]
        function_runs.done[:] = [self._keep]

    def catch_up(self, moment: float) -> None:
        """Evaluates the alarms that are due, and shows that moment."""
        evaluate_until(moment, self._clock.apply)
        self._clock.apply(moment)

    def advance(self, seconds: float) -> None:
        """
        Moves the time on, from one evaluation to the next: a function that an alarm invokes runs at that moment.

        Raises ValueError for a step back.
        """
        if seconds < 0:
            raise ValueError("the sandbox's time only moves forward")
        target = self._clock.now() + seconds
        while True:
            self.settle()
            reached = evaluate_until(target, self._clock.apply, stop_when_queued=True)
            self._clock.advance(max(0.0, reached - self._clock.now()))
            self._clock.apply()
            if reached >= target and not self._is_due():
                return

    def settle(self) -> None:
        """Runs the functions that are to be run now, and waits for them."""
        if not self._is_due():
            return
        with self._unlocked():
            self._worker.run_due()

    def wake(self) -> None:
        """Runs functions in the background if there are any to run."""
        if function_runs.run_now:
            self._worker.wake()

    def reset(self) -> None:
        QUEUE.clear()
        WATCHES.of.clear()

    def _is_due(self) -> bool:
        due = QUEUE.next_due()
        return due is not None and due <= self._clock.now()

    def _run_now(self, task: Task) -> Outcome:
        with self._unlocked():
            return run(task)

    def _take(self) -> Task | None:
        moment = self._clock.apply()
        while (invocation := QUEUE.due(moment)) is not None:
            function = function_runs.find(invocation.account, invocation.region, invocation.function)
            if function is None or queue_feeds.is_gone(invocation):
                function_runs.give_up(invocation)
            elif function_runs.is_throttled(function):
                invocation.due = moment + max(1.0, durations.seconds("function-retry"))
            else:
                return function_runs.task_of(function, invocation.id, invocation.payload)
        return None

    def _finish(self, task: Task, outcome: Outcome) -> None:
        invocation: Invocation | None = QUEUE.waiting.get(task.request_id)
        # Whoever reset the sandbox meanwhile wants to hear no more of it.
        if invocation is not None:
            told = function_runs.told(task, outcome, "Event", invocation.source, invocation.region, invocation.account)
            self._keep(told)

    @contextmanager
    def _unlocked(self) -> Iterator[None]:
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._clock.apply()
