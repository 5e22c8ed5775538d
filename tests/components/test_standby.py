"""A slot that had traffic and has none: what may be done to it before its hours are over."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sluice.rollout import clock
from tests.components.conftest import ClientOf, Deploy
from tests.components.serving import Serving, serving, variant
from tests.components.test_model_endpoint import Endpoint, models, serverless, slot

__all__ = ["models", "serving"]
START = datetime.fromisoformat("2026-11-23T10:00:00Z")
SCALED = {"min_instances": 3, "max_instances": 9, "invocations_per_instance": 600}


class Time:
    """The sandbox's time, which a test moves."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set(hours=0)

    def set(self, hours: float) -> None:
        """Sets how many hours after the start it is."""
        clock.write(self._path, START + timedelta(hours=hours))


@pytest.fixture
def time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Time:
    """It is 10 o'clock, and stays so."""
    monkeypatch.setenv(clock.VARIABLE, str(tmp_path / "clock"))
    return Time(tmp_path / "clock")


def _drained(serving: Serving) -> Any:
    return serving.stack.state().resources[-1].outputs["drained"]


def test_a_slot_stands_by_since_it_lost_its_traffic(time: Time, serving: Serving) -> None:
    """The moment is recorded, nothing that comes later moves it, and new traffic ends it."""
    assert _drained(serving) == {}
    serving.up(weights={"blue": 0, "green": 100})
    time.set(hours=5)
    serving.up(counts={"blue": 1, "green": 2})
    assert _drained(serving) == {"blue": "2026-11-23T10:00:00Z"}
    assert serving.is_settled()
    serving.up(weights={"blue": 5, "green": 95})
    assert _drained(serving) == {}
    time.set(hours=6)
    serving.up(weights={"blue": 0, "green": 100})
    assert _drained(serving) == {"blue": "2026-11-23T16:00:00Z"}


def test_a_refresh_sees_that_somebody_drained_a_slot(time: Time, serving: Serving) -> None:
    """And that somebody gave it traffic again."""
    for hours, weight, found in ((1, 0.0, {"green": "2026-11-23T11:00:00Z"}), (2, 10.0, {})):
        time.set(hours=hours)
        serving.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="search", DesiredWeightsAndCapacities=[{"VariantName": "green", "DesiredWeight": weight}]
        )
        serving.described()
        serving.stack.refresh()
        assert _drained(serving) == found


def test_traffic_that_nobody_recorded_counts(time: Time, serving: Serving) -> None:
    """A slot that somebody gave traffic by hand stands by once an update has taken that away."""
    serving.up(weights={"blue": 100, "green": 0}, standby_hours=0)
    serving.up(weights={"blue": 100}, counts=None, versions={"blue": "digits@1"}, endpoint_config_name="three")
    serving.up(weights={"blue": 100, "green": 0}, endpoint_config_name="two")
    assert _drained(serving) == {}
    serving.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="search", DesiredWeightsAndCapacities=[{"VariantName": "green", "DesiredWeight": 50.0}]
    )
    serving.described()
    serving.up(counts={"blue": 2})
    assert _drained(serving) == {"green": "2026-11-23T10:00:00Z"}


LOSSES: list[tuple[dict[str, Any], str]] = [
    (
        {"weights": {"green": 100}, "counts": None, "versions": {"green": "digits@2"}, "instance_types": None},
        "weights.blue is gone",
    ),
    ({"versions": {"blue": "digits@3", "green": "digits@2"}}, "versions.blue was 'digits@1' and is 'digits@3'"),
    ({"versions": {"green": "digits@2"}}, "versions.blue was 'digits@1' and is gone"),
    ({"counts": {"blue": 2, "green": 1}}, "counts.blue was 3 and is 2"),
    ({"min_counts": {"blue": 1}}, "minCounts.blue was 3 and is 1"),
    (
        {"instance_types": {"blue": "ml.m5.xlarge"}, "endpoint_config_name": "two"},
        "instanceTypes.blue was 'ml.m5.large' and is 'ml.m5.xlarge'",
    ),
]


@pytest.fixture
def standing_by(time: Time, serving: Serving) -> Serving:
    """Blue, of three instances, lost its traffic at 10 o'clock."""
    serving.up(
        weights={"blue": 0, "green": 100}, counts={"blue": 3, "green": 1}, instance_types={"blue": "ml.m5.large"}
    )
    return serving


@pytest.mark.parametrize(("changes", "said"), LOSSES)
def test_a_standby_slot_stays_as_it_is(time: Time, standing_by: Serving, changes: dict[str, Any], said: str) -> None:
    """Whatever would take it away, or make it smaller, is refused at preview and in the update, with the figures."""
    time.set(hours=3.55)
    before = standing_by.described()["ProductionVariants"]
    standing_by.args |= changes
    preview = standing_by.stack.preview()
    assert not preview.succeeded
    expected = (
        f"{said}; slot blue stands by since 2026-11-23T10:00Z, for 72 hours; 3.5 are over; "
        "keep it as it is until 2026-11-26T10:00Z, or lower standby_hours"
    )
    assert expected in str(preview.errors())
    assert expected in standing_by.fails()
    assert standing_by.described()["ProductionVariants"] == before


@pytest.mark.parametrize(("changes", "_"), LOSSES)
def test_a_slot_whose_hours_are_over_is_free(time: Time, standing_by: Serving, changes: dict[str, Any], _: str) -> None:
    """From the moment on that was told, and not a minute earlier."""
    standing_by.args |= changes
    time.set(hours=72 - 1 / 60)
    assert not standing_by.stack.preview().succeeded
    time.set(hours=72)
    assert standing_by.stack.preview().succeeded


@pytest.mark.parametrize(("changes", "_"), LOSSES)
def test_lower_standby_hours_are_the_way_out(time: Time, standing_by: Serving, changes: dict[str, Any], _: str) -> None:
    """In the same diff, where a reviewer sees them."""
    time.set(hours=3.5)
    standing_by.args |= {**changes, "standby_hours": 4}
    assert not standing_by.stack.preview().succeeded
    standing_by.args |= {"standby_hours": 3.5}
    preview = standing_by.stack.preview()
    assert preview.succeeded
    assert "standbyHours" in preview.step("search").changes


def test_all_that_a_slot_would_lose_is_told_at_once(standing_by: Serving) -> None:
    """One message has every path."""
    told = standing_by.fails(counts={"blue": 1, "green": 1}, versions={"blue": "digits@3", "green": "digits@2"})
    assert "LiveEndpoint 'search': 2 problems" in told
    assert "versions.blue was" in told
    assert "counts.blue was" in told


def test_a_standby_slot_may_grow_and_get_its_traffic_again(standing_by: Serving) -> None:
    """That is what it stands by for."""
    standing_by.up(counts={"blue": 5, "green": 1})
    standing_by.up(weights={"blue": 100, "green": 0})
    assert standing_by.live() == {"blue": (100, 5), "green": (0, 1)}


def test_a_slot_that_goes_is_forgotten(time: Time, standing_by: Serving) -> None:
    """One of the same name later is a candidate like any other."""
    variants = [variant("green", 1)]
    standing_by.sagemaker.create_endpoint_config(EndpointConfigName="green", ProductionVariants=variants)
    time.set(hours=80)
    green = {"counts": None, "versions": {"green": "digits@2"}, "instance_types": None}
    standing_by.up(weights={"green": 100}, endpoint_config_name="green", **green)
    assert _drained(standing_by) == {}
    standing_by.up(weights={"blue": 0, "green": 100}, endpoint_config_name="two")
    assert _drained(standing_by) == {}


def test_a_standby_slot_does_not_outlive_its_stack(standing_by: Serving) -> None:
    """Who destroys the endpoint means it."""
    standing_by.stack.destroy()
    assert standing_by.sagemaker.list_endpoints()["Endpoints"] == []


def _refused(endpoint: Endpoint) -> str:
    preview = endpoint.stack.preview()
    assert not preview.succeeded
    return str(preview.errors())


@pytest.mark.parametrize(
    ("blue", "said"),
    [
        (slot(3, autoscaling=SCALED), "versions.blue was 'digits@1 sha256:000000000000' and is 'digits@3 sha256:"),
        (slot(1, autoscaling={**SCALED, "min_instances": 2}), "minCounts.blue was 3 and is 2"),
        (slot(1, instance_count=2), "minCounts.blue was 3 and is 2"),
        (
            slot(1, autoscaling=SCALED, instance_type="ml.m5.xlarge"),
            "instanceTypes.blue was 'ml.m5.large' and is 'ml.m5.xlarge'",
        ),
        (None, "weights.blue is gone"),
    ],
)
def test_an_endpoint_keeps_its_standby_slot(time: Time, deploy: Deploy, blue: dict[str, Any] | None, said: str) -> None:
    """For 72 hours where nothing is declared, and for fewer where that is declared."""
    variants = {"blue": slot(1, autoscaling=SCALED), "green": slot(2)}
    endpoint = Endpoint(deploy, variants=variants)
    endpoint.up()
    endpoint.args["traffic"] = {"blue": 0, "green": 100}
    endpoint.up()
    time.set(hours=48)
    endpoint.args["variants"] = {**({"blue": blue} if blue else {}), "green": slot(2)}
    endpoint.args["traffic"] = {"green": 100}
    told = _refused(endpoint)
    assert said in told
    assert "for 72 hours; 48 are over; keep it as it is until 2026-11-26T10:00Z" in told
    endpoint.args["standby_hours"] = 48
    endpoint.up()
    assert not endpoint.up().changed


def test_a_candidate_without_traffic_is_no_standby(time: Time, deploy: Deploy, client: ClientOf) -> None:
    """It never had any: it may change and go at once."""
    endpoint = Endpoint(deploy, variants={"blue": slot(1), "green": slot(2)}, traffic={"blue": 100, "green": 0})
    endpoint.up()
    endpoint.args["variants"] = {"blue": slot(1), "green": slot(3)}
    endpoint.up()
    endpoint.args |= {"variants": {"blue": slot(1)}, "traffic": {"blue": 100}}
    endpoint.up()
    (left,) = client("sagemaker").describe_endpoint(EndpointName="search-test")["ProductionVariants"]
    assert left["VariantName"] == "blue"


def test_the_slot_that_a_start_from_nothing_uses_is_no_standby(time: Time, deploy: Deploy) -> None:
    """The oldest version serves for the seconds until the declared weights are there; nobody wants to go back to it."""
    endpoint = Endpoint(deploy, traffic={"blue": 0, "green": 100})
    endpoint.up()
    endpoint.args |= {"variants": {"green": slot(2)}, "traffic": {"green": 100}}
    endpoint.up()
    assert not endpoint.up().changed


def test_a_serverless_endpoint_has_nothing_to_keep(deploy: Deploy) -> None:
    """Its one variant has all the traffic."""
    endpoint = Endpoint(deploy, variants={"blue": serverless(1)}, traffic={"blue": 100})
    endpoint.up()
    assert not endpoint.stack.refresh().changed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "3 x ml.m5.large, about 9.23 USD a day, 27.70 in all (list prices of 2026-08-01)"),
        ({"hourly_prices": {"ml.m5.large": 0.05}}, "about 3.60 USD a day, 10.80 in all (your prices)"),
        ({"instance_types": {"blue": "ml.new.large"}}, "whose price is not in the table of 2026-08-01"),
    ],
)
def test_what_standing_by_costs_is_told_before(serving: Serving, changes: dict[str, Any], said: str) -> None:
    """At the preview of the step that takes the slot's traffic, and at no other."""
    fleet = {"counts": {"blue": 3, "green": 1}, "instance_types": {"blue": "ml.m5.large"}}
    serving.up(**{**fleet, **changes})
    serving.args |= {"weights": {"blue": 0, "green": 100}}
    (told,) = [it.message for it in serving.stack.preview().diagnostics]
    assert told.startswith("slot blue stands by for 72 hours: 3 x ")
    assert said in told
    serving.up()
    assert serving.stack.preview().diagnostics == []


def test_both_price_tables_are_the_same() -> None:
    """The policies come without Sluice's components, and estimate by the same prices."""
    root = Path(__file__).parents[2]
    ours, theirs = root / "components/sluice/prices/sagemaker.json", root / "policies/prices/sagemaker.json"
    assert ours.read_text() == theirs.read_text()
