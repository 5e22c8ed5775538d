"""Every endpoint has alarms for its errors, its latency and its quality."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from endpoints import ALARM, TYPES, endpoints, metrics_of, watches
from kit import TEXTS, of_type
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    alarms = of_type(stack, ALARM)
    for endpoint in endpoints(stack):
        watching = [alarm for alarm in alarms if watches(alarm, endpoint)]
        metrics = {name for alarm in watching for name, _ in metrics_of(alarm)}
        for trigger, wanted in settings["triggers"].items():
            if not any(fnmatchcase(name, pattern) for name in metrics for pattern in wanted):
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
