"""What a deployment would do, as `pulumi preview --json` and `sluice sandbox preview --json` tell it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.errors import InvalidFile, Problem

LIVE_ENDPOINT = "sluice:index:LiveEndpoint"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_HARMLESS = frozenset({"same", "read", "read-replacement", "discard", "refresh"})
_HALVES = frozenset({"create-replacement", "delete-replaced", "discard-replaced"})
_FIX = "make one with: pulumi preview --json"
SECRET = "[secret]"
UNKNOWN = "[not known yet]"


@dataclass(frozen=True)
class Step:
    """What would happen to one resource."""

    op: str
    """As Pulumi calls it: `create`, `update`, `replace`, `delete`, `same`."""
    urn: str
    old: Mapping[str, Any] | None
    """The resource as it is in the state. None: it is new."""
    new: Mapping[str, Any] | None
    """The resource as it would be. None: it would be gone."""
    changes: Mapping[str, str]
    """From a property path to what happens there: `add`, `delete`, `update`, with `-replace` where it replaces."""

    @property
    def type(self) -> str:
        """`sluice:index:LiveEndpoint`."""
        parts = self.urn.split("::", 3)
        return parts[2].rpartition("$")[2] if len(parts) > 2 else ""

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.split("::", 3)[-1]

    @property
    def changed(self) -> bool:
        """Whether something happens; the halves of a replacement are told by the whole."""
        return self.op not in _HARMLESS and self.op not in _HALVES


@dataclass(frozen=True)
class Said:
    """A message about a resource, or about the whole."""

    severity: str
    """`info`, `warning` or `error`."""
    message: str
    urn: str = ""


@dataclass(frozen=True)
class PolicyResult:
    """What a policy objects to."""

    policy: str
    level: str
    """`advisory`, `mandatory` or `remediate`."""
    message: str
    urn: str = ""
    waived: str | None = None
    """Why it does not count. None: it counts."""

    @property
    def stops(self) -> bool:
        """Whether it stops the deployment."""
        return self.waived is None and self.level != "advisory"


@dataclass(frozen=True)
class Plan:
    """What a deployment would do."""

    steps: tuple[Step, ...]
    said: tuple[Said, ...]
    policies: tuple[PolicyResult, ...] | None
    """None: no policy was asked, or the plan does not tell."""
    config: Mapping[str, str]
    failed: bool
    """Whether the preview ended before its end, by an error; policies that object are none."""
    left_out: int = 0
    """How many resources that stay as they are it does not show, as the CLI does unless it is asked for them."""

    @property
    def changed(self) -> list[Step]:
        """The steps that change something."""
        return [step for step in self.steps if step.changed]

    @property
    def endpoints(self) -> list[Step]:
        """The steps on live endpoints, one for each."""
        return [it for it in self.steps if it.type == LIVE_ENDPOINT and it.op not in _HALVES]

    @property
    def from_nothing(self) -> bool:
        """Whether nothing is in the state: all that there is to be would be new."""
        return all(step.old is None for step in self.steps)

    def state(self, *, before: bool) -> dict[str, Any]:
        """Returns the resources before or after, in the form of `pulumi stack export`."""
        found: dict[str, Mapping[str, Any]] = {}
        for step in self.steps:
            resource = step.old if before else step.new
            if resource is not None and not (before is False and step.op in ("delete", "delete-replaced")):
                # A preview has no outputs of what it would make; what is asked for is the best that is known.
                outputs = {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
                found[step.urn] = {
                    **resource,
                    "inputs": _hidden(resource.get("inputs") or {}),
                    "outputs": _hidden(outputs),
                }
        return {"version": 3, "deployment": {"resources": list(found.values())}}


def read_plan(document: Any, name: str) -> Plan:
    """Returns the plan that a JSON document is. Raises InvalidFile with every problem; `name` is what it is called."""
    problems = list(_problems(document))
    if problems:
        raise InvalidFile(name, problems)
    diagnostics = [_said(it) for it in document.get("diagnostics") or []]
    # After errors that say why, the CLI says once more that there were some.
    said = tuple(it for it in diagnostics if len(diagnostics) == 1 or it.urn or it.message != "preview failed")
    policies = document.get("policyViolations")
    objections = None if policies is None else tuple(_policy(it) for it in policies)
    unexplained = document.get("result") == "failed" and not any(it.stops for it in objections or ())
    return Plan(
        steps=tuple(_step(it) for it in document.get("steps") or []),
        said=said,
        policies=objections,
        config={str(key): str(value) for key, value in (document.get("config") or {}).items()},
        left_out=_left_out(document),
        failed=unexplained or any(it.severity == "error" for it in said),
    )


def shown(value: Any) -> Any:
    """Returns a property's value fit to be shown: secrets and what is not known yet by their names."""
    if value == _UNKNOWN:
        return UNKNOWN
    if isinstance(value, Mapping):
        return SECRET if _SIGNATURE in value and "hash" not in value else {key: shown(it) for key, it in value.items()}
    return [shown(it) for it in value] if isinstance(value, list) else value


def _problems(document: Any) -> Iterator[Problem]:
    if not isinstance(document, Mapping) or "steps" not in document:
        yield Problem("", f"is no plan: it has no steps; {_FIX}")
        return
    for key, kind in (
        ("steps", list),
        ("diagnostics", list),
        ("policyViolations", list),
        ("config", Mapping),
        ("changeSummary", Mapping),
    ):
        value = document.get(key)
        if value is not None and not isinstance(value, kind):
            yield Problem(key, f"is {type(value).__name__}; expected {'a list' if kind is list else 'a map'}; {_FIX}")
        elif kind is list:
            for index, it in enumerate(value or []):
                if not isinstance(it, Mapping):
                    yield Problem(f"{key}[{index}]", f"is {type(it).__name__}; expected a map; {_FIX}")
                elif key == "steps" and not all(isinstance(it.get(each), str) for each in ("op", "urn")):
                    yield Problem(f"{key}[{index}]", f"lacks op or urn; {_FIX}")


def _left_out(document: Mapping[str, Any]) -> int:
    counted = (document.get("changeSummary") or {}).get("same", 0)
    shown_ones = sum(it["op"] == "same" for it in document.get("steps") or [])
    return max(0, counted - shown_ones) if isinstance(counted, int) else 0


def _step(given: Mapping[str, Any]) -> Step:
    detailed = given.get("detailedDiff") or {}
    changes = {path: str(it.get("kind", "update")) for path, it in detailed.items() if isinstance(it, Mapping)}
    return Step(
        given["op"],
        given["urn"],
        given.get("oldState") or None,
        given.get("newState") or None,
        changes or {str(path): "update" for path in given.get("diffReasons") or []},
    )


def _said(given: Mapping[str, Any]) -> Said:
    severity = str(given.get("severity") or "info").removeprefix("info#").lower()
    # The CLI repeats the severity in the text, and what it was about to do.
    message = str(given.get("message") or "").strip().removeprefix(f"{severity}: ").removeprefix("Preview failed: ")
    return Said(severity, message, str(given.get("urn") or ""))


def _policy(given: Mapping[str, Any]) -> PolicyResult:
    waived = given.get("waived")
    return PolicyResult(
        policy=str(given.get("policy") or ""),
        level=str(given.get("level") or "mandatory"),
        message=str(given.get("message") or ""),
        urn=str(given.get("urn") or ""),
        waived=f"{waived.get('reason')}, until {waived.get('expires')}" if isinstance(waived, Mapping) else None,
    )


def _hidden(value: Any) -> Any:
    """Returns properties in which what is not known is what state_check takes for it: an encrypted value."""
    if value in (_UNKNOWN, SECRET):
        return {_SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
    if isinstance(value, Mapping):
        return {key: _hidden(it) for key, it in value.items()}
    return [_hidden(it) for it in value] if isinstance(value, list) else value
