"""The dashboard of an endpoint, from creation to destruction, as CloudWatch has it."""

import json
from typing import Any

import pulumi
import pytest

from sluice import InvalidInput
from sluice.endpoint_dashboard import EndpointDashboard, EndpointDashboardArgs
from sluice.journal import RolloutJournal
from sluice.rollback_guard import RollbackGuard
from sluice_sandbox.engine.result import Result
from tests.components.conftest import ClientOf, Deploy
from tests.support.guarded import NEW, OLD, pinned

GOOD: dict[str, Any] = {
    "endpoint": "search",
    "versions": {"blue": pinned(OLD), "green": pinned(NEW)},
    "baseline": "blue",
    "owner": "ml-platform",
}
ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{}"


class Page:
    """A stack with a dashboard, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, client: ClientOf, **args: Any) -> None:
        self.args = {**GOOD, **args}
        self.stack = deploy(self._declare)
        self.cloudwatch = client("cloudwatch")

    def _declare(self) -> None:
        dashboard = EndpointDashboard("search", self.args)  # type: ignore[arg-type]
        pulumi.export("name", dashboard.dashboard_name)
        pulumi.export("url", dashboard.dashboard_url)

    def up(self) -> Result:
        return self.stack.up()

    def widgets(self, name: str = "search-test") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])[
            "widgets"
        ]
        return found

    def text(self) -> str:
        markdown: str = self.widgets()[0]["properties"]["markdown"]
        return markdown

    def alarms(self) -> list[str]:
        return [arn for it in self.widgets() if it["type"] == "alarm" for arn in it["properties"]["alarms"]]

    def names(self) -> list[str]:
        return [it["DashboardName"] for it in self.cloudwatch.list_dashboards()["DashboardEntries"]]


def done(result: Result) -> list[str]:
    """Returns what was done to the dashboard itself, and asserts that nothing was done to anything else."""
    changed = {urn: ops for urn, ops in result.ops.items() if set(ops) - {"same", "read"}}
    ((urn, ops),) = changed.items()
    assert "aws:cloudwatch/dashboard:Dashboard::search" in urn
    return ops


@pytest.fixture
def page(deploy: Deploy, client: ClientOf) -> Any:
    """Returns a dashboard, to be deployed."""
    return lambda **args: Page(deploy, client, **args)


def test_a_dashboard_is_made_stays_and_goes(page: Any) -> None:
    """CloudWatch takes its body; it has the endpoint's name, in the region of the stack, and leaves nothing behind."""
    it = page(alarms=["one"], error_rate_floor=0.01, p95_seconds=1, instance_types={"blue": "ml.m5.large"})
    assert not it.stack.preview().errors()
    outputs = it.up().outputs
    assert outputs["name"] == "search-test"
    assert outputs["url"] == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/search-test"
    )
    graphs = [widget["properties"] for widget in it.widgets() if widget["type"] == "metric"]
    assert {graph["region"] for graph in graphs} == {"eu-west-1"}
    assert not it.stack.refresh().changed
    assert not it.up().changed
    it.stack.destroy()
    assert it.names() == []


def test_another_version_in_a_slot_changes_it_in_place(page: Any) -> None:
    """The page tells what serves; nothing else is touched."""
    it = page()
    it.up()
    assert "| green | digits@2 |" in it.text()
    it.args["versions"] = {"blue": pinned(OLD), "green": {**pinned(NEW), "label": "digits@3"}}
    assert done(it.stack.preview()) == ["update"]
    assert done(it.up()) == ["update"]
    assert "| green | digits@3 |" in it.text()
    assert it.names() == ["search-test"]


def test_what_somebody_changes_on_the_page_is_put_right(page: Any) -> None:
    """A refresh shows it, the next update undoes it, as the page says."""
    it = page()
    it.up()
    it.cloudwatch.put_dashboard(DashboardName="search-test", DashboardBody='{"widgets": []}')
    assert done(it.stack.refresh()) == ["update"]
    assert done(it.up()) == ["update"]
    assert "Pulumi has made this page" in it.text()


def test_alarms_are_given_by_name_or_by_arn(page: Any) -> None:
    """Names are of alarms in the stack's own account and region."""
    it = page(alarms=["search-test-green-errors", ARN.format("other").replace("eu-west-1", "us-east-1")])
    it.up()
    assert it.alarms() == [
        ARN.format("search-test-green-errors"),
        ARN.format("other").replace("eu-west-1", "us-east-1"),
    ]


def test_the_guards_alarms_are_shown_as_the_guard_has_them(deploy: Deploy, client: ClientOf) -> None:
    """What a guard says of itself can be given on, although no preview knows it all."""

    def declare() -> None:
        journal = RolloutJournal("movements", {"force_destroy": True})  # type: ignore[arg-type]
        given = {key: GOOD[key] for key in ("endpoint", "versions", "baseline")}
        figures = {"p95_seconds": 1, "error_rate_floor": 0.01}
        watched = {**figures, "journal_table_arn": journal.table_arn, "recorded_error_rate": 0.037}
        guard = RollbackGuard("guard", {**given, **watched})  # type: ignore[arg-type]
        of_guard = {"alarms": guard.alarm_names, "recorded_error_rate": guard.baseline_error_rate}
        EndpointDashboard("search", {**GOOD, **figures, **of_guard})  # type: ignore[arg-type]

    stack = deploy(declare)
    assert stack.preview().errors() == ""
    stack.up()
    body = json.loads(client("cloudwatch").get_dashboard(DashboardName="search-test")["DashboardBody"])
    (shown,) = [it["properties"]["alarms"] for it in body["widgets"] if it["type"] == "alarm"]
    there = {it["AlarmArn"] for it in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert shown == [ARN.format(f"search-test-green-{role}") for role in ("errors", "p95")]
    assert set(shown) < there
    assert ", 0.037)" in json.dumps(body)


def test_a_name_of_its_own(page: Any) -> None:
    """An account has one dashboard of a name; another name is another dashboard."""
    it = page(dashboard_name="mine")
    it.up()
    assert it.names() == ["mine"]
    it.args["dashboard_name"] = "ours"
    assert "replace" in done(it.up())
    assert it.names() == ["ours"]


def test_the_shadow_is_on_the_page(page: Any) -> None:
    """With its version and its instances."""
    it = page(shadow={**pinned(NEW), "label": "digits@3"}, instance_types={"shadow": "ml.m5.large"})
    it.up()
    assert "| shadow (copies) | digits@3 |" in it.text()
    assert it.text().count("| ml.m5.large |") == 1


def test_everything_that_is_wrong_is_told_together() -> None:
    """By key path: before anything is made."""
    wrong = {
        **GOOD,
        "baseline": "red",
        "owner": " ",
        "runbook": "wiki/search",
        "traffic": {"blue": 90},
        "shadow": pinned(NEW),
        "versions": {**GOOD["versions"], "shadow": pinned(NEW)},
        "instance_types": {"red": "ml.m5.large", "blue": "m5.large"},
        "error_rate_floor": 2,
        "period_seconds": 45,
        "dashboard_name": "a b",
    }
    with pytest.raises(InvalidInput) as refused:
        EndpointDashboard("search", wrong)  # type: ignore[arg-type]
    assert [problem.path for problem in refused.value.problems] == [
        "baseline",
        "traffic",
        "error_rate_floor",
        "period_seconds",
        "owner",
        "runbook",
        "versions.shadow",
        "instance_types.red",
        "instance_types.blue",
        "dashboard_name",
    ]
    assert str(refused.value).startswith("EndpointDashboard 'search': 10 problems")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"owner": " "}, "owner is ' '; allowed: one line that says who is called"),
        ({"owner": "a\nb"}, "owner is 'a\\nb'"),
        ({"runbook": "wiki/search"}, "runbook is 'wiki/search'; allowed: an https:// address"),
        ({"runbook": "https://a.b/c) [x](javascript:1"}, "allowed: an https:// address"),
        ({"p95_seconds": 0}, "p95_seconds is 0; allowed above 0"),
        ({"baseline": "red"}, "baseline is 'red'"),
        (
            {"instance_types": {"red": "ml.m5.large"}},
            "instance_types.red is for a slot that there is not; slots are: bl",
        ),
    ],
)
def test_what_cannot_be_is_refused(page: Any, args: dict[str, Any], reason: str) -> None:
    """Before anything is made, with the dashboard's name."""
    errors = page(**args).stack.preview().errors()
    assert "EndpointDashboard 'search': 1 problem" in errors
    assert reason in errors


def test_an_owner_is_not_left_out() -> None:
    """A page without one is of no use at night."""
    with pytest.raises(InvalidInput, match="owner is missing"):
        EndpointDashboardArgs.parse("it", {key: it for key, it in GOOD.items() if key != "owner"})
