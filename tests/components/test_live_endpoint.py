"""An endpoint, from creation to destruction."""

from typing import Any

import pytest

from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws import session
from sluice_sandbox.aws.supervisor import Aws
from tests.components.conftest import REGION
from tests.components.serving import TAGS, Serving, serving
from tests.support.calls import counting

__all__ = ["serving"]


def test_an_endpoint_serves_as_declared(serving: Serving) -> None:
    """From the start with the declared weights, whatever the configuration's initial ones are; then all is still."""
    assert serving.described()["EndpointStatus"] == "InService"
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}
    assert serving.is_settled()


def test_a_shift_of_traffic_makes_no_new_fleet(serving: Serving) -> None:
    """One resource is updated in place; the configuration stays."""
    result = serving.up(weights={"blue": 50, "green": 50})
    step = result.step("search")
    assert (step.op, set(step.changes)) == ("update", {"weights.blue", "weights.green"})
    assert serving.live() == {"blue": (50, 1), "green": (50, 1)}
    assert serving.described()["EndpointConfigName"] == "one"
    assert serving.is_settled()


def test_a_declared_count_is_scaled_to_in_place(serving: Serving) -> None:
    """Together with weights, in one call."""
    serving.up(counts={"blue": 3, "green": 1}, weights={"blue": 80, "green": 20})
    assert serving.live() == {"blue": (80, 3), "green": (20, 1)}
    assert serving.is_settled()


def test_weights_that_somebody_changed_show_and_are_put_right(serving: Serving) -> None:
    """A refresh reads what is live; the next update gives the declared shares again."""
    shifted = [{"VariantName": "blue", "DesiredWeight": 1.0}, {"VariantName": "green", "DesiredWeight": 3.0}]
    serving.sagemaker.update_endpoint_weights_and_capacities(EndpointName="search", DesiredWeightsAndCapacities=shifted)
    serving.described()
    step = serving.stack.refresh().step("search")
    assert (step.op, set(step.changes)) == ("update", {"weights.blue", "weights.green"})
    assert serving.stack.state().resources[-1].outputs["weights"] == {"blue": 25, "green": 75}
    serving.up()
    assert serving.live() == {"blue": (90, 1), "green": (10, 1)}


def test_a_configuration_that_somebody_changed_shows(serving: Serving) -> None:
    """And is put right."""
    serving.sagemaker.update_endpoint(EndpointName="search", EndpointConfigName="two", RetainAllVariantProperties=True)
    serving.described()
    assert set(serving.stack.refresh().step("search").changes) == {"endpointConfigName"}
    serving.up()
    assert serving.described()["EndpointConfigName"] == "one"


def test_another_name_is_another_endpoint(serving: Serving) -> None:
    """The new one is there before the old one goes."""
    result = serving.up(name="find")
    assert result.step("search").op == "replace"
    assert [it["EndpointName"] for it in serving.sagemaker.list_endpoints()["Endpoints"]] == ["find"]


def test_tags_follow(serving: Serving) -> None:
    """Added, changed and removed in place."""
    arn = serving.described()["EndpointArn"]
    for tags in ({**TAGS, "team": "search"}, {**TAGS, "team": "find"}, TAGS):
        assert serving.up(tags=tags).step("search").op == "update"
        found = serving.sagemaker.list_tags(ResourceArn=arn)["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in found} == tags
    assert serving.is_settled()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": {}}, "weights: are all 0; at least one variant serves"),
        ({"weights": {"blue": 0, "green": 0}}, "weights: are all 0; at least one variant serves"),
        ({"weights": {"blue": -1, "green": 101}}, "weights.blue: is -1; allowed: whole numbers from 0"),
        ({"weights": {f"v{i}": 9 for i in range(11)}}, "weights: are of 11 variants; SageMaker allows 10"),
        ({"counts": {"blue": 0}}, "counts.blue: is 0; allowed: whole numbers from 1"),
        ({"min_counts": {"blue": 0}}, "minCounts.blue: is 0; allowed: whole numbers from 1"),
        ({"standby_hours": -1}, "standbyHours: is -1; allowed 0 to 8760"),
        ({"counts": {"red": 1}}, "counts.red: is for a slot that there is not; slots are: blue, green"),
        ({"versions": {"red": "digits@1"}}, "versions.red: is for a slot that there is not; slots are: blue, green"),
        ({"baseline": "red"}, "baseline: is 'red', a slot that there is not; slots are: blue, green"),
        ({"name": "se_arch"}, "name: is 'se_arch'; allowed: up to 63 letters"),
        ({"name": "s" * 64}, "allowed: up to 63 letters"),
        ({"name": "s-" * 31 + "ss"}, "allowed: up to 63 letters"),
        ({"weights": {"bl_ue": 100}}, "weights.bl_ue: is no name for a slot; allowed: up to 63 letters"),
        (
            {"versions": {"blue": "digits@3", "green": "digits@2"}},
            "versions.blue: is 'digits@3', and the slot has 90 of the traffic with 'digits@1': its users at once",
        ),
        ({"weights": {"blue": 100}}, "weights.green: is gone, and the slot has 10 of the traffic; shift it away first"),
    ],
)
def test_what_would_harm_is_refused_at_preview(serving: Serving, changes: dict[str, Any], said: str) -> None:
    """With what to do instead; nothing is changed."""
    serving.args |= changes
    preview = serving.stack.preview()
    assert not preview.succeeded
    assert said in str(preview.errors())


def test_a_slot_without_traffic_may_change_and_go(serving: Serving) -> None:
    """That is where new versions come from, and where old ones end."""
    serving.up(weights={"blue": 100, "green": 0}, standby_hours=0)
    serving.up(versions={"blue": "digits@1", "green": "digits@3"}, endpoint_config_name="two")
    serving.up(weights={"blue": 100}, counts={"blue": 1}, versions={"blue": "digits@1"}, endpoint_config_name="three")
    assert serving.live() == {"blue": (100, 1)}
    assert serving.is_settled()


def test_a_shift_asks_four_things_of_aws_at_most(serving: Serving, sandbox_aws: Aws) -> None:
    """A look, the shift, and a look at what came of it; a refresh takes two, and an update without changes none."""
    calls: list[str] = []
    clients = counting(lambda service, region: session.client(service, region, sandbox_aws.endpoint), calls)
    serving.stack.providers = {
        **serving.stack.providers,
        "sluice": lambda: ResourceProvider(clients, lambda: REGION),
    }
    serving.up()
    assert calls == []
    serving.up(weights={"blue": 50, "green": 50})
    assert calls == ["DescribeEndpoint", "UpdateEndpointWeightsAndCapacities", "DescribeEndpoint"]
    calls.clear()
    serving.stack.refresh()
    assert calls == ["DescribeEndpoint", "ListTags"]
