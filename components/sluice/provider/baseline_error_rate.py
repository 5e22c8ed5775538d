"""The custom resource behind `BaselineErrorRate`: measured when something moves, and then kept."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from sluice.errors import SluiceError
from sluice.names import ALLOWED, is_name
from sluice.provider.connection import explained
from sluice.provider.custom_type import CustomType, Failure, Values
from sluice.provider.moment import moment
from sluice.provider.properties import UNKNOWN
from sluice.provider.work import Work
from sluice.rollout import cloudwatch, error_rate
from sluice.rollout.error_rate import Usual


class BaselineErrorRate(CustomType):
    """
    The error rate of a baseline.

    There is nothing of it at AWS: it is found out while inputs are checked, so that a preview shows it, and is kept as
    long as nothing changes that it depends on.
    """

    token = "sluice:index:BaselineErrorRate"
    required = frozenset({"endpoint", "baseline", "versions", "region"})
    optional = frozenset({"minRequests", "serving"})
    defaults: ClassVar[Mapping[str, Any]] = {"minRequests": 20}
    untold = optional | {"baseline", "endpoint", "versions"}
    mutable = optional | {"baseline", "versions"}
    decided = frozenset({"errorRate", "requests", "since"})
    found_out = decided
    stable = frozenset()

    def check_more(self, inputs: Values, old: Values) -> Iterator[Failure]:
        endpoint, versions, baseline = (inputs.get(key) for key in ("endpoint", "versions", "baseline"))
        if isinstance(endpoint, str) and not is_name(endpoint):
            yield "endpoint", f"is {endpoint!r}; {ALLOWED}"
        if not isinstance(versions, dict) and versions not in (None, UNKNOWN):
            yield "versions", f"is {versions!r}; allowed: a map from slots to digests"
        if isinstance(versions, dict) and baseline not in (None, UNKNOWN, *versions):
            slots = ", ".join(versions) or "none"
            yield "baseline", f"is {baseline!r}, a slot that there is not; slots are: {slots}"
        fewest, serving = inputs.get("minRequests"), inputs.get("serving", True)
        if fewest is not UNKNOWN and not _is_whole_from_one(fewest):
            yield "minRequests", f"is {fewest!r}; allowed: whole numbers from 1"
        if serving is not UNKNOWN and not isinstance(serving, bool):
            yield "serving", f"is {serving!r}; allowed: true and false"

    def find_out(self, work: Work, inputs: Values, old: Values) -> Values:
        if old and not self._matters(inputs, old):
            return {key: old[key] for key in self.found_out & old.keys()}
        if _is_vague(inputs):
            return dict.fromkeys(self.found_out, UNKNOWN)
        former, counted, now = _former(inputs, old), (0, 0), datetime.now(UTC)
        try:
            with explained():
                now = moment(work, inputs["region"])
                counted = _counted(work, inputs, _since(inputs, old, now), now)
        except SluiceError as error:
            rate = (former or Usual()).rate
            work.warn(f"the error rate of {inputs['baseline']} was not measured: {error}; {rate * 100:g} % counts on")
        usual = error_rate.usual(former, *counted, int(inputs["minRequests"]))
        if inputs.get("serving") is False and not usual.requests:
            work.warn(
                f"the usual error rate of {inputs['baseline']} is not known, and it has no traffic to measure it on: "
                "candidates are held to the guard's floor; say recorded_error_rate"
            )
        return {"errorRate": usual.rate, "requests": usual.requests, "since": _since(inputs, old, now)}

    def _matters(self, inputs: Values, old: Values) -> bool:
        # A region that is not known yet is not another one.
        known = (self.required | self.optional) - ({"region"} if inputs["region"] is UNKNOWN else set())
        return any(inputs.get(key) != old.get(key) for key in known)

    def create(self, work: Work, inputs: Values, timeout: float) -> tuple[str, Values]:
        return inputs["endpoint"], {}

    def read(self, work: Work, identity: str, inputs: Values) -> Values | None:
        if not inputs:
            raise SluiceError("a BaselineErrorRate is nothing that can be imported: declare it, and it is measured")
        return dict(inputs)

    def update(self, work: Work, identity: str, old: Values, new: Values, timeout: float) -> Values:
        return {}

    def delete(self, work: Work, identity: str, outputs: Values, timeout: float) -> None:
        return


def _former(inputs: Values, old: Values) -> Usual | None:
    """Returns what was found out of the version that is the baseline, if it was that before."""
    was = (old.get("versions") or {}).get(old.get("baseline"))
    if was is None or was != inputs["versions"].get(inputs["baseline"]):
        return None
    return Usual(float(old.get("errorRate", 0)), int(old.get("requests", 0)))


def _counted(work: Work, inputs: Values, since: Mapping[str, str], now: datetime) -> tuple[int, int]:
    window = cloudwatch.minutes(error_rate.beginning(inputs["baseline"], since, now), now)
    client = work.client("cloudwatch", inputs["region"])
    return (0, 0) if window is None else cloudwatch.counted(client, inputs["endpoint"], inputs["baseline"], window)


def _since(inputs: Values, old: Values, now: datetime) -> dict[str, str]:
    return error_rate.since(inputs["versions"], old.get("versions") or {}, old.get("since") or {}, now)


def _is_vague(inputs: Values) -> bool:
    """Returns whether a preview does not know whose error rate is wanted."""
    versions = inputs["versions"]
    return UNKNOWN in [*inputs.values(), *(versions.values() if isinstance(versions, dict) else ())]


def _is_whole_from_one(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1 and value == int(value)
