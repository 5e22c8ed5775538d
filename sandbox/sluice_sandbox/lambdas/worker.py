"""Runs what waits in the queue, one after the other, outside the server's lock: handlers ask the server for things."""

import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager

from sluice_sandbox.lambdas.queue import QUEUE
from sluice_sandbox.lambdas.runner import Outcome, Task, run

_NAP = 0.5

Take = Callable[[], Task | None]
Finish = Callable[[Task, Outcome], None]


class Worker:
    """
    Runs functions, in its own thread or in that of somebody who waits for them.

    `take` returns what is to be run now and `finish` makes an outcome last; both are called with the lock held.
    """

    def __init__(self, lock: AbstractContextManager[object], take: Take, finish: Finish) -> None:
        self._lock, self._take, self._finish = lock, take, finish
        self._running = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Says that something may be to run."""
        if QUEUE.next_due() is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        self._wake.set()

    def run_due(self) -> None:
        """Runs everything that is due, and returns when nothing is. The caller must not hold the lock."""
        with self._running:
            while True:
                with self._lock:
                    task = self._take()
                if task is None:
                    return
                outcome = run(task)
                with self._lock:
                    self._finish(task, outcome)

    def _work(self) -> None:
        while True:
            self._wake.wait(_NAP if QUEUE.next_due() is not None else None)
            self._wake.clear()
            try:
                self.run_due()
            except Exception:
                # To the server's log; what was to be run still waits.
                traceback.print_exc()
                time.sleep(_NAP)
