"""An endpoint's dashboard, from creation to destruction."""

import json
from typing import Any

import pulumi
import pytest

from sluice.endpoint_dashboard import EndpointDashboard
from sluice_sandbox.engine.result import Result
from tests.components.conftest import ClientOf, Deploy

DIGEST = f"sha256:{'ab' * 32}"


def pinned(release: int) -> dict[str, Any]:
    return {
        "label": f"digits@{release}",
        "version_digest": DIGEST,
        "model_name": f"digits-{release}",
        "release": release,
    }


class Page:
    """A stack with a dashboard, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, **args: Any) -> None:
        versions = {"blue": pinned(1), "green": pinned(2)}
        self.args = {"endpoint": "search", "versions": versions, "baseline": "blue", "owner": "ml, #ml", **args}
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        page = EndpointDashboard("search", self.args)  # type: ignore[arg-type]
        pulumi.export("name", page.dashboard_name)
        pulumi.export("url", page.dashboard_url)

    def up(self) -> Result:
        return self.stack.up()


def shown(client: ClientOf, name: str) -> list[dict[str, Any]]:
    body = client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def test_it_is_the_endpoints(deploy: Deploy, client: ClientOf) -> None:
    """By its name, with its figures and its guard's alarms, at an address that people can follow."""
    outputs = Page(deploy, alarms=["search-test-green-errors"]).up().outputs
    assert outputs["name"] == "search-test"
    assert outputs["url"].startswith("https://eu-west-1.console.aws.amazon.com/cloudwatch/")
    text, alarms, *graphs = shown(client, outputs["name"])
    assert "ml, #ml" in text["properties"]["markdown"]
    (arn,) = alarms["properties"]["alarms"]
    assert arn.startswith("arn:aws:cloudwatch:eu-west-1:")
    assert arn.endswith(":alarm:search-test-green-errors")
    assert "search-test" in json.dumps(graphs)


def test_it_stays_as_it_is(deploy: Deploy) -> None:
    """A second update and a refresh find nothing to do."""
    page = Page(deploy)
    page.up()
    assert not page.stack.refresh().changed
    assert not page.up().changed


def test_another_version_is_shown_in_place(deploy: Deploy, client: ClientOf) -> None:
    """The dashboard is the same one; what somebody drew by hand is gone with the next update."""
    page = Page(deploy)
    name = page.up().outputs["name"]
    page.args["versions"] = {"blue": pinned(1), "green": pinned(3)}
    assert page.up().changes["update"] == 1
    assert "| green | digits@3 |" in shown(client, name)[0]["properties"]["markdown"]
    client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')
    page.stack.refresh()
    page.up()
    assert len(shown(client, name)) > 2
    page.stack.destroy()
    assert client("cloudwatch").list_dashboards()["DashboardEntries"] == []


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"owner": " "}, "owner is ' '; allowed: one line that says who is called"),
        ({"owner": "a\nb"}, "owner is 'a\\nb'"),
        ({"runbook": "wiki/search"}, "runbook is 'wiki/search'; allowed: an https:// address"),
        ({"runbook": "https://a.b/c) [x](javascript:1"}, "allowed: an https:// address"),
        ({"p95_seconds": 0}, "p95_seconds is 0; allowed above 0"),
        ({"baseline": "red"}, "baseline is 'red'"),
        ({"instances": ["red"]}, "instances has red, which there is not; slots are: blue, green"),
    ],
)
def test_what_cannot_be_is_refused(deploy: Deploy, args: dict[str, Any], reason: str) -> None:
    """Before anything is made, with the dashboard's name."""
    errors = Page(deploy, **args).stack.preview().errors()
    assert "EndpointDashboard 'search': 1 problem" in errors
    assert reason in errors
