"""What a deployment tells the world while it runs."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from sluice.provider.wire import Json
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine import values
from sluice_sandbox.engine.diff import Change, Changes, Kind
from sluice_sandbox.engine.steps import Op, Step
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.engine.violations import Violation


class Severity(Enum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Diagnostic:
    """Something to tell the user, about a resource or, without a URN, about the whole."""

    severity: Severity
    message: str
    urn: str = ""


class Status(Enum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(eq=False)
class StepRecord:
    """A step as it happened."""

    step: Step
    status: Status = Status.RUNNING
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def op(self) -> Op:
        return self.step.op

    @property
    def urn(self) -> str:
        return self.step.urn

    @property
    def name(self) -> str:
        return urns.name_of(self.step.urn)

    @property
    def type(self) -> str:
        return urns.type_of(self.step.urn)

    @property
    def changes(self) -> Changes:
        """From a property path to how it changes; of what nobody compared in detail, the reasons alone."""
        step = self.step
        return step.changes or {key: Change(Kind.UPDATE, key in step.replace_keys) for key in step.changed_keys}

    @property
    def visible(self) -> bool:
        """False for what Pulumi does for itself: default providers, and the halves of a replacement."""
        halves = (Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.DISCARD_REPLACED)
        return self.op not in halves and not urns.is_default_provider(self.urn)


class Listener(Protocol):
    """Somebody who watches a deployment: a display, a log, a test."""

    def begun(self, record: StepRecord) -> None: ...

    def ended(self, record: StepRecord) -> None: ...

    def outputs(self, urn: str, outputs: Inputs) -> None: ...

    def diagnosed(self, diagnostic: Diagnostic) -> None: ...

    def violated(self, violation: Violation) -> None: ...

    def told(self, urn: str, message: str) -> None: ...


class Events:
    """Collects what happens and passes it on; safe to call from any thread."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self.records: list[StepRecord] = []
        self.diagnostics: list[Diagnostic] = []
        self.stack_outputs: Inputs = {}
        self._listeners = list(listeners)
        self._secrets: set[str] = set()
        self._lock = threading.RLock()

    def begin(self, step: Step) -> StepRecord:
        record = StepRecord(step)
        with self._lock:
            self.records.append(record)
            for listener in self._listeners:
                listener.begun(record)
        return record

    def end(self, record: StepRecord) -> None:
        self._finish(record, Status.DONE)

    def fail(self, record: StepRecord, urn: str, message: str) -> None:
        self._finish(record, Status.FAILED)
        self.error(message, urn)

    def replaced(self, step: Step) -> None:
        """Reports a replacement as one thing; its halves are reported for themselves."""
        self.end(self.begin(step))

    def refreshed(self, record: StepRecord, step: Step) -> None:
        """Reports what a refresh found, which was not known when it began."""
        record.step = step
        self.end(record)

    def outputs(self, urn: str, outputs: Inputs) -> None:
        with self._lock:
            if urns.type_of(urn) == urns.STACK_TYPE:
                self.stack_outputs = outputs
            for listener in self._listeners:
                listener.outputs(urn, outputs)

    def violated(self, violation: Violation) -> None:
        with self._lock:
            for listener in self._listeners:
                listener.violated(violation)

    def tell(self, urn: str, message: str) -> None:
        """Passes on how far a resource is: for who watches now, and of no account later."""
        message = self.masked(message)
        with self._lock:
            for listener in self._listeners:
                listener.told(urn, message)

    def info(self, message: str, urn: str = "") -> None:
        self._diagnose(Severity.INFO, message, urn)

    def warn(self, message: str, urn: str = "") -> None:
        self._diagnose(Severity.WARNING, message, urn)

    def error(self, message: str, urn: str = "") -> None:
        self._diagnose(Severity.ERROR, message, urn)

    def keep_secret(self, value: Json) -> None:
        """Never says any text that is a secret within this value, whoever puts it into a message."""
        found = set(_secret_texts(value))
        with self._lock:
            self._secrets |= found

    def masked(self, message: str) -> str:
        """Returns a message without any text that is a secret."""
        with self._lock:
            for secret in sorted(self._secrets, key=len, reverse=True):
                message = message.replace(secret, "[secret]")
        return message

    @property
    def errors(self) -> list[Diagnostic]:
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]

    def _diagnose(self, severity: Severity, message: str, urn: str) -> None:
        with self._lock:
            diagnostic = Diagnostic(severity, self.masked(message), urn)
            self.diagnostics.append(diagnostic)
            for listener in self._listeners:
                listener.diagnosed(diagnostic)

    def _finish(self, record: StepRecord, status: Status) -> None:
        with self._lock:
            record.status = status
            record.seconds = time.monotonic() - record.started
            for listener in self._listeners:
                listener.ended(record)


def _secret_texts(value: Json) -> Iterable[str]:
    if values.is_secret(value):
        yield from _texts(values.plain(value))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secret_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _secret_texts(item)


def _texts(value: Json) -> Iterable[str]:
    # A secret of one or two characters cannot be told from ordinary words.
    if isinstance(value, str) and len(value) > 2 and not values.is_unknown(value):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
