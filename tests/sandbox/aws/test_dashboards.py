"""CloudWatch's dashboards, as resources and as requests."""

import json
from typing import Any

import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.aws.types import all_types
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.life_cycle import CONFIG, REGION, Client

GRAPH: dict[str, Any] = {
    "type": "metric",
    "properties": {"region": "eu-west-1", "metrics": [["AWS/SageMaker", "Invocations", "EndpointName", "search"]]},
}


def _page(text: str) -> str:
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": text}}]})


def test_another_layout_of_the_same_body_is_no_change(sandbox: Sandbox) -> None:
    """Spaces and line ends are nobody's business."""
    body = {"widgets": [GRAPH]}

    def declare(**layout: Any) -> Any:
        text = json.dumps(body, **layout)
        return lambda: aws.cloudwatch.Dashboard("it", dashboard_name="it", dashboard_body=text) and None

    stack = sandbox.stack(declare(), CONFIG)
    stack.up()
    stack.declare(declare(indent=2))
    assert not stack.up().changed


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"dashboard_name": "a b", "dashboard_body": _page("x")}, "is 'a b'; allowed: 1 to 255 letters"),
        ({"dashboard_name": "a" * 256, "dashboard_body": _page("x")}, "allowed: 1 to 255 letters"),
        ({"dashboard_name": "it", "dashboard_body": "{"}, "is no JSON document"),
    ],
)
def test_what_the_provider_refuses_a_preview_refuses(sandbox: Sandbox, given: dict[str, Any], told: str) -> None:
    """Before anything is asked of AWS."""

    def program() -> None:
        aws.cloudwatch.Dashboard("it", **given)

    preview = sandbox.stack(program, CONFIG).preview()
    assert not preview.succeeded
    assert told in preview.errors()


def test_an_existing_one_is_read_by_its_name(client: Client, sandbox_aws: Aws) -> None:
    """As an import needs it: name, body and ARN, which has no region, and nothing for a name that there is not."""
    body = _page("x")
    client("cloudwatch").put_dashboard(DashboardName="theirs", DashboardBody=body)
    kind, clients = all_types()["aws:cloudwatch/dashboard:Dashboard"], Clients(REGION, sandbox_aws.endpoint)
    assert kind.read(clients, "theirs") == {
        "dashboardName": "theirs",
        "dashboardBody": body,
        "dashboardArn": "arn:aws:cloudwatch::123456789012:dashboard/theirs",
        "region": REGION,
    }
    assert kind.read(clients, "none") is None


@pytest.mark.parametrize(
    ("body", "path", "told"),
    [
        ("{", None, "Body is invalid JSON"),
        ([], "", "Should be object"),
        ({}, "", "Should have required property 'widgets'"),
        ({"widgets": {}}, "/widgets", "Should be array"),
        ({"widgets": [GRAPH] * 501}, "/widgets", "Should NOT have more than 500 items"),
        ({"widgets": ["x"]}, "/widgets/0", "Should be object"),
        ({"widgets": [GRAPH, {"type": "text"}]}, "/widgets/1", "Should have required property 'properties'"),
        ({"widgets": [{"type": "graph", "properties": {}}]}, "/widgets/0/type", "one of the allowed values"),
        ({"widgets": [{"type": "text", "properties": []}]}, "/widgets/0/properties", "Should be object"),
        ({"widgets": [{"type": "text", "properties": {}}]}, "/widgets/0/properties", "property 'markdown'"),
        ({"widgets": [{"type": "alarm", "properties": {}}]}, "/widgets/0/properties", "property 'alarms'"),
        ({"widgets": [{**GRAPH, "x": 18, "width": 12}]}, "/widgets/0", "more than 24 columns"),
        ({"widgets": [{**GRAPH, "width": 0}]}, "/widgets/0/width", "Should be integer"),
        (
            {"widgets": [{"type": "metric", "properties": {"region": "eu-west-1"}}]},
            "/widgets/0/properties",
            "Should have required property 'metrics'",
        ),
        (
            {"widgets": [{"type": "metric", "properties": {"metrics": []}}]},
            "/widgets/0/properties",
            "should have specified a region",
        ),
        (
            {"widgets": [{"type": "metric", "properties": {"region": "x", "metrics": ["a"]}}]},
            "/widgets/0/properties/metrics/0",
            "Should be array",
        ),
    ],
)
def test_a_body_that_is_none_is_refused(client: Client, body: Any, path: str | None, told: str) -> None:
    """With the path of what is wrong; nothing is put."""
    text = body if isinstance(body, str) else json.dumps(body)
    cloudwatch = client("cloudwatch")
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_dashboard(DashboardName="search", DashboardBody=text)
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidParameterInput"
    assert told in error["Message"]
    assert path is None or f'"dataPath": "{path}"' in error["Message"]
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


def test_a_body_with_widgets_is_kept_as_it_is(client: Client) -> None:
    """To the letter, and found by its name's beginning."""
    cloudwatch, body = client("cloudwatch"), json.dumps({"widgets": [{**GRAPH, "x": 12, "width": 12}]}, indent=3)
    assert cloudwatch.put_dashboard(DashboardName="search", DashboardBody=body)["DashboardValidationMessages"] == []
    assert cloudwatch.get_dashboard(DashboardName="search")["DashboardBody"] == body
    (found,) = cloudwatch.list_dashboards(DashboardNamePrefix="sea")["DashboardEntries"]
    assert found["DashboardName"] == "search"
