"""Every endpoint has alarms for its errors, its latency and its quality."""

from collections.abc import Iterator, Sequence

from endpoints import ALARM, TYPES, endpoints, may_watch, name_of
from kit import TEXTS, of_type
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    alarms = of_type(stack, ALARM)
    for endpoint in endpoints(stack):
        name = name_of(endpoint)
        for trigger, wanted in settings["triggers"].items():
            if name is not None and not any(may_watch(alarm, name, wanted) for alarm in alarms):
                yield Finding(endpoint, f"alarm on {trigger}", f"missing: none is on {' or '.join(wanted)}")


RULE = StackRule(
    id="guarded-endpoints",
    concern=Concern.ROLLBACK,
    types=(*TYPES, ALARM),
    reason="At night nobody looks: what no alarm tells of, no rollback answers.",
    fix="declare a RollbackGuard of the endpoint",
    settings={
        "triggers": {
            "type": "object",
            "additionalProperties": TEXTS,
            "default": {
                "errors": ["Invocation5XXErrors", "Invocation*Errors"],
                "latency": ["ModelLatency", "OverheadLatency"],
                "quality": ["*allucination*", "*uality*"],
            },
            "description": "From a trigger to the metrics that it is on: patterns.",
        }
    },
    production=True,
    check=check,
)
