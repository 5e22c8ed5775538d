"""What happened to alarms: changes of their configuration and state, and what was done about it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.core.utils import utcnow

from sluice_sandbox.cloudwatch.messages import StateOf

_HISTORY = "_sluice_alarm_history"


@dataclass(frozen=True)
class Item:
    """One thing that happened."""

    alarm: str
    kind: str
    at: datetime
    summary: str
    data: str
    alarm_type: str

    def told(self) -> dict[str, Any]:
        return {
            "AlarmName": self.alarm,
            "AlarmType": self.alarm_type,
            "Timestamp": self.at,
            "HistoryItemType": self.kind,
            "HistorySummary": self.summary,
            "HistoryData": self.data,
        }


def items(backend: CloudWatchBackend) -> list[Item]:
    """Returns everything, oldest first. It outlives the alarms."""
    if not hasattr(backend, _HISTORY):
        setattr(backend, _HISTORY, [])
    found: list[Item] = getattr(backend, _HISTORY)
    return found


def configured(backend: CloudWatchBackend, alarm: Any, kind: str, told: dict[str, Any]) -> None:
    """Notes that an alarm was created, updated or deleted."""
    name = {"Create": "created", "Update": "updated", "Delete": "deleted"}[kind]
    data = {"version": "1.0", "type": kind, f"{name}Alarm": told}
    _note(backend, alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" {name}', data)


def changed(backend: CloudWatchBackend, alarm: Any, before: StateOf, after: StateOf) -> None:
    """Notes a change of state."""
    data = {"version": "1.0", "oldState": _state(before), "newState": _state(after)}
    _note(backend, alarm, "StateUpdate", f"Alarm updated from {before.value} to {after.value}", data)


def acted(backend: CloudWatchBackend, alarm: Any, action: str, error: str | None, sent: Any, at: str) -> None:
    """Notes that an action was taken, or could not be."""
    service = action.split(":")[2].upper() if action.count(":") > 1 else action
    data = {
        "version": "1.0",
        "actionState": "Succeeded" if error is None else "Failed",
        "stateUpdateTimestamp": at,
        "notificationResource": action,
        "publishedMessage": json.dumps(sent) if sent is not None else None,
        "service": service,
        "error": error,
    }
    summary = f"Successfully executed action {action}"
    if error is not None:
        summary = f'Failed to execute action {action}. Received error: "{error}"'
    _note(backend, alarm, "Action", summary, data)


def _note(backend: CloudWatchBackend, alarm: Any, kind: str, summary: str, data: dict[str, Any]) -> None:
    alarm_type = "MetricAlarm" if alarm.rule is None else "CompositeAlarm"
    items(backend).append(Item(alarm.name, kind, utcnow(), summary, json.dumps(data, default=str), alarm_type))


def _state(state: StateOf) -> dict[str, Any]:
    told: dict[str, Any] = {"stateValue": state.value, "stateReason": state.reason}
    if state.reason_data not in ("", "{}"):
        told["stateReasonData"] = json.loads(state.reason_data)
    return told
