"""The rate that a candidate is held to when its baseline is asked too little: measured, kept, and told by previews."""

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from pulumi.provider.experimental.provider import CheckRequest, CheckResponse, ReadRequest

from sluice import BaselineErrorRate, BaselineErrorRateArgs
from sluice.errors import SluiceError
from sluice.provider.properties import UNKNOWN, to_plain, to_properties
from sluice.provider.resources import ResourceProvider
from sluice.rollout.movement import Served
from sluice_sandbox.aws import session
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.events import StepRecord
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import REGION, ClientOf, Deploy
from tests.support.calls import counting
from tests.support.guarded import ENDPOINT, NEW, OLD, Guarded, pinned

HALVES, ALL_NEW = {"blue": 50, "green": 50}, {"blue": 0, "green": 100}
THIRD = Served(f"sha256:{3:064x}", "digits@3")
URN = "urn:pulumi:dev::app::sluice:index:BaselineErrorRate::usual"
BARE = {"endpoint": "search", "baseline": "blue", "versions": {"blue": OLD.digest}, "region": REGION}
KEPT = {**BARE, "minRequests": 20, "errorRate": 0.03, "requests": 900, "since": {}}


@pytest.fixture
def guarded(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> Callable[..., Guarded]:
    """Returns a guard that is deployed, with an endpoint on which green has half of the traffic."""

    def make(**args: Any) -> Guarded:
        return Guarded(deploy, client, sandbox_aws, traffic=HALVES, **args).up().serve(50)

    return make


def serve(guard: Guarded, minutes: int = 6, **errors: int) -> None:
    """Lets a slot be asked 100 times a minute, that many of them in vain, and then lets the last minute settle."""
    for _ in range(minutes):
        for slot, bad in errors.items():
            guard.ask(slot, requests=100, errors=bad)
        guard.aws.advance(60)
    guard.aws.advance(180)


def tolerated(guard: Guarded) -> str:
    """Returns the baseline's rate as the alarm has it where the baseline is asked too little."""
    (alarm,) = guard.client("cloudwatch").describe_alarms(AlarmNames=[f"{ENDPOINT}-green-errors"])["MetricAlarms"]
    (rate,) = [it["Expression"] for it in alarm["Metrics"] if it["Id"] == "baseline_rate"]
    return str(rate).rpartition(", ")[2].removesuffix(")")


def step(result: Result, kind: str, op: str = "") -> StepRecord:
    (found,) = [it for it in result.visible if it.type.endswith(f":{kind}") and op in it.op.value]
    return found


def inputs_of(record: StepRecord) -> dict[str, Any]:
    assert record.step.new is not None
    return dict(record.step.new.inputs)


def warned(result: Result) -> str:
    return "\n".join(it.message for it in result.diagnostics if it.urn.endswith("BaselineErrorRate::guard"))


def test_at_a_hundred_percent_what_was_usual_is_tolerated(guarded: Any) -> None:
    """A baseline that fails 3 of 100 requests: alone, its successor may fail 4 of 100, and at 8 it is gone."""
    guard = guarded()
    assert tolerated(guard) == "0"
    serve(guard, blue=3, green=3)
    guard.args["traffic"] = ALL_NEW
    assert step(guard.stack.up(), "BaselineErrorRate").changes.keys() == {"errorRate", "requests", "serving"}
    assert tolerated(guard) == "0.03"
    guard.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=ENDPOINT,
        DesiredWeightsAndCapacities=[{"VariantName": slot, "DesiredWeight": it} for slot, it in ALL_NEW.items()],
    )
    serve(guard, green=4)
    assert guard.weights() == ALL_NEW
    serve(guard, green=8)
    assert guard.weights() == {"blue": 100, "green": 0}


def test_a_preview_shows_what_would_be_tolerated(guarded: Any) -> None:
    """The rate and the alarm's expression are known before anything changes."""
    guard = guarded()
    serve(guard, blue=3)
    guard.args["traffic"] = ALL_NEW
    preview = guard.stack.preview()
    assert (preview.changes["update"], sum(preview.changes.values()) - preview.changes["same"]) == (2, 2)
    assert inputs_of(step(preview, "BaselineErrorRate"))["errorRate"] == 0.03
    assert "baseline_errors / (baseline_count + (baseline_count < 1)), 0.03)" in str(
        inputs_of(step(preview, "MetricAlarm", "update"))["metricQueries"]
    )
    assert tolerated(guard) == "0"


def test_nothing_is_asked_while_nothing_moves(guarded: Any, sandbox_aws: Aws) -> None:
    """Neither by previews nor by updates, and nothing differs, whatever users meet; a movement takes two calls."""
    calls: list[str] = []
    guard = guarded()
    clients = counting(lambda service, region: session.client(service, region, sandbox_aws.endpoint), calls)
    guard.stack.providers = {**guard.stack.providers, "sluice": lambda: ResourceProvider(clients, lambda: REGION)}
    serve(guard, blue=3)
    assert not guard.stack.preview().changed
    assert not guard.stack.up().changed
    assert calls == []
    guard.args["traffic"] = ALL_NEW
    guard.stack.up()
    assert calls == ["ListEndpoints", "GetMetricData"]
    guard.stack.refresh()
    assert not guard.stack.up().changed
    assert len(calls) == 2


def test_a_shift_that_leaves_the_baseline_something_changes_nothing(guarded: Any) -> None:
    """The alarm compares with what the baseline does at the same time: a guard has no part in such a movement."""
    guard = guarded()
    serve(guard, blue=3)
    guard.args["traffic"] = {"blue": 10, "green": 90}
    assert not guard.stack.up().changed


def test_without_requests_the_former_rate_stays(guarded: Any) -> None:
    """A version that nobody asked for a day is what it was; only when its slot gets another one it begins anew."""
    guard = guarded()
    serve(guard, blue=3, green=3)
    guard.args["traffic"] = ALL_NEW
    guard.up()
    guard.aws.advance(25 * 3600)
    guard.args["traffic"] = HALVES
    assert warned(guard.stack.up()) == ""
    assert tolerated(guard) == "0.03"
    guard.args |= {"traffic": ALL_NEW, "versions": {"blue": pinned(THIRD), "green": pinned(NEW)}}
    assert "say recorded_error_rate" in warned(guard.stack.up())
    assert tolerated(guard) == "0"


def test_who_is_promoted_is_measured(guarded: Any) -> None:
    """The candidate that became the baseline has a rate of its own, without what its slot had before it."""
    guard = guarded()
    serve(guard, blue=3, green=60)
    guard.args["versions"] = {"blue": pinned(OLD), "green": pinned(THIRD)}
    guard.up()
    guard.aws.advance(60)
    serve(guard, blue=3, green=5)
    guard.args |= {"baseline": "green", "traffic": ALL_NEW}
    guard.up()
    (alarm,) = guard.client("cloudwatch").describe_alarms(AlarmNames=[f"{ENDPOINT}-blue-errors"])["MetricAlarms"]
    (rate,) = [it["Expression"] for it in alarm["Metrics"] if it["Id"] == "baseline_rate"]
    assert rate.endswith(", 0.05)")


def test_what_is_declared_counts(guarded: Any) -> None:
    """Then nothing is measured, and no resource keeps it; without it there is one again."""
    guard = guarded(recorded_error_rate=0.002)
    kept = [it.type for it in guard.stack.state().resources]
    assert "sluice:index:BaselineErrorRate" not in kept
    serve(guard, blue=3)
    guard.args["traffic"] = ALL_NEW
    guard.up()
    assert tolerated(guard) == "0.002"
    del guard.args["recorded_error_rate"]
    guard.up()
    assert tolerated(guard) == "0.03"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "no AWS credentials were found"),
        (EndpointConnectionError(endpoint_url="https://monitoring.eu-west-1.amazonaws.com"), "AWS does not answer"),
    ],
    ids=["without credentials", "without a network"],
)
@pytest.mark.parametrize("service", ["cloudwatch", "sagemaker"])
def test_who_cannot_measure_is_warned(
    guarded: Any, sandbox_aws: Aws, error: Exception, said: str, service: str
) -> None:
    """The former rate counts on, and nothing fails."""
    guard = guarded()
    serve(guard, blue=3)
    guard.args["traffic"] = ALL_NEW
    guard.up()

    def clients(name: str, region: str) -> Any:
        if name == service:
            raise error
        return session.client(name, region, sandbox_aws.endpoint)

    guard.stack.providers = {**guard.stack.providers, "sluice": lambda: ResourceProvider(clients, lambda: REGION)}
    guard.args["traffic"] = HALVES
    preview = guard.stack.preview()
    assert preview.succeeded
    assert said in warned(preview)
    assert "3 % counts on" in warned(preview)
    assert said in warned(guard.stack.up())
    assert tolerated(guard) == "0.03"


def declared(**args: Any) -> Callable[[], None]:
    given: dict[str, Any] = {**BARE, **args}

    def program() -> None:
        pulumi.export("rate", BaselineErrorRate("usual", BaselineErrorRateArgs(**given)).error_rate)

    return program


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"baseline": "green"}, "is 'green', a slot that there is not; slots are: blue"),
        ({"versions": {}}, "is 'blue', a slot that there is not; slots are: none"),
        ({"endpoint": "a b"}, "is 'a b'; "),
        ({"min_requests": -1}, "is -1.0; allowed: whole numbers from 1"),
        ({"min_requests": 0}, "is 0.0; allowed: whole numbers from 1"),
    ],
)
def test_mistakes_are_told(deploy: Deploy, args: dict[str, Any], said: str) -> None:
    """Before anything is asked of AWS."""
    with pytest.raises(UpdateFailed) as error:
        deploy(declared(**args)).up()
    assert said in str(error.value)


def test_an_endpoint_that_there_is_not_has_no_errors(deploy: Deploy) -> None:
    """A first deployment is told no more than that nothing is known where that matters, and can be taken away again."""
    stack = deploy(declared(serving=True))
    made = stack.up()
    assert (made.outputs["rate"], [it.message for it in made.diagnostics]) == (0, [])
    stack.declare(declared(serving=False))
    assert [it.message for it in stack.preview().diagnostics if "is not known" in it.message]
    stack.destroy()
    assert not [it for it in stack.state().resources if it.type == "sluice:index:BaselineErrorRate"]


def test_a_guards_traffic_is_traffic(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """Shares of slots that there are, which sum to 100."""
    with pytest.raises(UpdateFailed) as error:
        Guarded(deploy, client, sandbox_aws, traffic={"blue": 50, "grey": 40}).up()
    assert "traffic.grey is for a slot that there is not; slots are: blue, green" in str(error.value)
    assert "traffic sums to 90 (blue 50, grey 40); allowed is 100; give out 10 more" in str(error.value)


def checked(old: dict[str, Any], **changes: Any) -> CheckResponse:
    """Returns what becomes of inputs, `old` being those of before, where nothing may be asked of AWS."""
    provider = ResourceProvider(lambda service, region: pytest.fail("AWS is asked"), lambda: REGION)
    request = CheckRequest(URN, to_properties(old), to_properties({**BARE, **changes}), b"")
    return asyncio.run(provider.check(request))


@pytest.mark.parametrize("change", [{"versions": {"blue": UNKNOWN}}, {"versions": UNKNOWN}, {"baseline": UNKNOWN}])
def test_what_a_preview_does_not_know_is_not_measured(change: dict[str, Any]) -> None:
    """Then its rate is not known either."""
    found = to_plain(checked(KEPT, **change).inputs or {})
    assert (found["errorRate"], found["requests"]) == (UNKNOWN, UNKNOWN)


def test_a_region_that_is_still_to_be_found_out_is_not_another_one() -> None:
    """The rate stays."""
    assert to_plain(checked(KEPT, region=UNKNOWN).inputs or {})["errorRate"] == 0.03


@pytest.mark.parametrize(
    ("change", "path"),
    [({"versions": "blue"}, "versions"), ({"errorRate": 0.5}, "errorRate"), ({"serving": "all"}, "serving")],
)
def test_what_is_no_value_is_refused(change: dict[str, Any], path: str) -> None:
    """Also from programs in languages that check nothing; and nobody declares what is found out."""
    assert [it.property for it in checked({}, **change).failures or []] == [path]


def test_there_is_nothing_to_import() -> None:
    """Whoever tries is told what to do instead."""
    with pytest.raises(SluiceError, match="nothing that can be imported: declare it, and it is measured"):
        asyncio.run(ResourceProvider().read(ReadRequest(URN, "search", {}, {})))
