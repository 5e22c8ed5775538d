"""What is on an endpoint's dashboard: every figure that gates and alarms judge by, and what it is held against."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sluice import metrics
from sluice.dashboard_body import Board, board_problems, body, name_problems
from sluice.guard_alarms import Tolerance, Trigger, Watch, plans
from sluice.metrics import Metric
from sluice.rollout.movement import Served
from sluice_sandbox.cloudwatch.arithmetic import Series, evaluate
from sluice_sandbox.cloudwatch.expressions import names_in, parse

OLD, NEW = (Served(f"sha256:{at:064x}", f"digits@{at}") for at in (1, 2))
BOARD = Board(
    endpoint="search-prod",
    stack="prod",
    owner="ml-platform",
    runbook="https://wiki/search",
    versions={"blue": OLD, "green-1": NEW},
    baseline="blue",
    instance_types={"blue": "ml.m5.large", "green-1": "ml.g5.xlarge"},
    tolerance=Tolerance(2.0, 0.01, 0.004, 20),
    p95_seconds=0.5,
    quality={"HallucinationRate": Trigger(0.1, True, 5, 300), "Clicks": Trigger(0.2, False, 5, 60)},
)
ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{}"
MINUTE = 60
METRICS = {name: it for name, it in vars(metrics).items() if isinstance(it, Metric)}
OF_INSTANCES = {name for name, it in METRICS.items() if it.namespace == metrics.INSTANCES_NAMESPACE}
OF_GPUS = {"GPU", "GPU_MEMORY"}


def widgets(board: Board = BOARD, *alarms: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body(board, "eu-west-1", alarms))["widgets"]
    return found


def graphs(board: Board = BOARD) -> list[dict[str, Any]]:
    return [it["properties"] for it in widgets(board) if it["type"] == "metric"]


def graph(title: str, board: Board = BOARD) -> dict[str, Any]:
    (found,) = [it for it in graphs(board) if it["title"].startswith(title)]
    return found


def markdown(board: Board = BOARD) -> str:
    text: str = widgets(board)[0]["properties"]["markdown"]
    return text


def measured(board: Board = BOARD) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yields namespace, name, variant and rendering of every metric."""
    for it in graphs(board):
        for namespace, name, *dimensions, rendered in (line for line in it["metrics"] if len(line) > 1):
            assert dimensions[:3] == ["EndpointName", "search-prod", "VariantName"]
            yield namespace, name, dimensions[3], rendered


def bounds(shown: dict[str, Any]) -> list[tuple[float, str]]:
    return [(it["value"], it["fill"]) for it in shown.get("annotations", {}).get("horizontal", [])]


def value(shown: dict[str, Any], identity: str, figures: Mapping[str, float]) -> float | None:
    """Returns what an expression of a graph comes to in one period; what was not measured is missing."""
    known: dict[str, Series] = {
        line[-1]["id"]: {MINUTE: figures[line[-1]["id"]]} if line[-1]["id"] in figures else {}
        for line in shown["metrics"]
        if len(line) > 1
    }
    waiting = {line[0]["id"]: parse(line[0]["expression"]) for line in shown["metrics"] if len(line) == 1}
    for _ in range(len(waiting)):
        for name, node in list(waiting.items()):
            if names_in(node) <= known.keys():
                found = evaluate(node, known, [MINUTE])
                known[name] = found if isinstance(found, dict) else {MINUTE: float(found)}  # type: ignore[arg-type]
                del waiting[name]
    assert waiting == {}
    return known[identity].get(MINUTE)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_metric_of_every_variant_is_there(name: str) -> None:
    """What an alarm or a gate judges by is on the page, by the same name and dimensions; GPUs where there are some."""
    metric = METRICS[name]
    shown = {slot for namespace, found, slot, _ in measured() if (namespace, found) == (metric.namespace, metric.name)}
    assert shown == ({"green-1"} if name in OF_GPUS else {"blue", "green-1"})


def test_serverless_variants_have_no_instances_to_show() -> None:
    """Their processors and memory are nowhere, all else is."""
    shown = {(namespace, found) for namespace, found, *_ in measured(replace(BOARD, instance_types={}))}
    assert {name for name, it in METRICS.items() if (it.namespace, it.name) not in shown} == OF_INSTANCES
    one = list(measured(replace(BOARD, instance_types={"blue": "ml.m5.large"})))
    assert {slot for namespace, _, slot, _ in one if namespace == metrics.INSTANCES_NAMESPACE} == {"blue"}


def test_the_shadow_is_shown_like_any_variant() -> None:
    """The version that gets copies, last."""
    shadowed = replace(BOARD, versions={"shadow": NEW, "zeta": OLD}, baseline="zeta", shadow="shadow")
    shown = [slot for _, name, slot, _ in measured(shadowed) if name == "OverheadLatency"]
    assert shown == ["zeta", "shadow"]
    assert "| shadow (copies) | digits@2 |" in markdown(shadowed)


@pytest.mark.parametrize("baseline", [None, (0, 0), (10, 10), (100, 0), (100, 1), (1000, 40)])
def test_what_is_tolerated_is_what_the_guard_rings_by(baseline: tuple[int, int] | None) -> None:
    """The line is at the very share of failed requests at which the candidate's alarm begins to ring."""
    figures: dict[str, float] = {}
    if baseline is not None:
        figures["baseline_requests"], figures["baseline_errors5xx"] = baseline
    tolerated = value(graph("Error rate"), "tolerated_percent", figures)
    assert tolerated is not None
    (alarm,) = [it for it in plans(WATCH) if it.role == "errors"]
    queries = [
        [it] if "expression" in it else [it["metric"]["namespace"], it["metric"]["metric_name"], {"id": it["id"]}]
        for it in alarm.queries
    ]
    for share, rings in ((0.999, False), (1.001, True)):
        failed = {"candidate_requests": 1e6, "candidate_errors4xx": 1e4 * tolerated * share}
        excess = value({"metrics": queries}, "excess", figures | failed)
        assert excess is not None
        assert (excess > alarm.threshold) == rings


WATCH = Watch(
    endpoint=BOARD.endpoint,
    versions=BOARD.versions,
    baseline=BOARD.baseline,
    error_rate_ratio=2.0,
    error_rate_floor=0.01,
    recorded_error_rate=0.004,
    p95_seconds=BOARD.p95_seconds,
    min_requests=20,
    period_seconds=60,
    quality=BOARD.quality,
)


def test_error_rates_are_percent_of_the_requests() -> None:
    """Refused and failed requests together; none at all is no gap."""
    shown = graph("Error rate")
    figures = {"variant1_requests": 200.0, "variant1_errors4xx": 1.0, "variant1_errors5xx": 3.0}
    assert value(shown, "variant1_percent", figures) == 2
    assert value(shown, "variant1_percent", {"variant1_requests": 200.0}) == 0
    assert value(shown, "variant1_percent", {}) is None
    assert bounds(shown) == [(1, "above")]


def test_latencies_are_milliseconds() -> None:
    """CloudWatch has microseconds; the bound of the guard's alarm, in seconds, is drawn in the same unit."""
    for slot in BOARD.versions:
        shown = graph(f"Model latency of {slot}")
        assert [value(shown, it, {f"{it}_raw": 250_000.0}) for it in ("p50", "p95", "p99")] == [250] * 3
        assert {line[-1]["stat"] for line in shown["metrics"] if len(line) > 1} == {"p50", "p95", "p99"}
        assert bounds(shown) == [(500, "above")]
    assert value(graph("Latency that SageMaker adds"), "variant0", {"variant0_raw": 3000.0}) == 3


def test_quality_is_held_against_what_the_guard_holds_it_against() -> None:
    """What is worse is shaded, above or below, and the mean is taken over as long as the alarm takes it."""
    for plan in (it for it in plans(WATCH) if it.role.startswith("quality-")):
        shown = graph(plan.role.removeprefix("quality-"))
        assert bounds(shown) == [(plan.threshold, "above" if plan.rings_above else "below")]
        (metric,) = {it["metric"]["period"] for it in plan.queries if "metric" in it}
        assert {line[-1]["period"] for line in shown["metrics"]} == {metric}


def test_without_a_guard_figures_are_shown_and_not_judged() -> None:
    """No line says what nobody rings by; hallucinations are shown all the same."""
    plain = replace(BOARD, tolerance=None, p95_seconds=None, quality={})
    assert [bounds(it) for it in graphs(plain)] == [[]] * len(graphs(plain))
    assert "tolerated" not in body(plain, "eu-west-1", [])
    assert graph("HallucinationRate", plain)["metrics"]


def test_the_first_thing_to_read_is_whose_it_is_and_what_to_do() -> None:
    """Owner, runbook, what is in which slot, and the commands, which can be copied."""
    assert widgets()[0]["type"] == "text"
    text = markdown()
    assert "**Owner:** ml-platform · [runbook](https://wiki/search)" in text
    assert "| blue (baseline) | digits@1 | sha256:000000000000 | ml.m5.large |" in text
    assert "| green-1 | digits@2 | sha256:000000000000 | ml.g5.xlarge |" in text
    for command in ("status", "rollback"):
        assert f"`sluice {command} search-prod --stack prod`" in text
    assert "traffic |" not in text


def test_declared_traffic_is_told_on_request() -> None:
    """A slot that is not named gets none, and a shadow gets no share."""
    told = markdown(replace(BOARD, traffic={"blue": 100}))
    assert "| slot | version | digest | declared traffic | instances |" in told
    assert "| 100 % | ml.m5.large |" in told
    assert "| 0 % | ml.g5.xlarge |" in told
    assert "runbook" not in markdown(replace(BOARD, runbook=None))


def test_alarms_are_shown_once_a_hundred_a_widget() -> None:
    """More than that CloudWatch does not take in one."""
    names = [ALARM.format(f"a{at:03}") for at in range(150)]
    shown = [it["properties"]["alarms"] for it in widgets(BOARD, *names, *names) if it["type"] == "alarm"]
    assert [len(it) for it in shown] == [100, 50]
    assert [alarm for it in shown for alarm in it] == names
    unwatched = widgets()
    assert [it["type"] for it in unwatched[:2]] == ["text", "text"]
    assert unwatched[1]["properties"]["markdown"] == "No alarm watches this endpoint."


def test_the_order_of_maps_does_not_matter() -> None:
    """They come in any order from a program in another language; the body is the same to the letter."""
    turned = replace(
        BOARD,
        versions=dict(reversed(list(BOARD.versions.items()))),
        instance_types=dict(reversed(list(BOARD.instance_types.items()))),
        quality=dict(reversed(list(BOARD.quality.items()))),
    )
    assert body(turned, "eu-west-1", ["b", "a"]) == body(BOARD, "eu-west-1", ["a", "b"])


def test_identities_are_such_as_metric_math_takes() -> None:
    """Whatever a slot is called: a small letter first, each once a graph, and no expression names what is not there."""
    for it in graphs(replace(BOARD, versions={f"Slot-{at}": NEW for at in range(10)}, baseline="Slot-3")):
        ids = [line[-1]["id"] for line in it["metrics"] if "id" in line[-1]]
        assert len(ids) == len(set(ids))
        assert [found for found in ids if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", found)] == []
        for line in it["metrics"]:
            if "expression" in line[0]:
                assert names_in(parse(line[0]["expression"])) <= set(ids)


def test_no_widget_lies_on_another_or_outside() -> None:
    """Each has its own cells of the 24 columns, and the first is on top."""
    board = replace(BOARD, versions={f"slot{at}": NEW for at in range(10)}, baseline="slot3")
    cells = [
        (x, y)
        for it in widgets(board, ALARM.format("a"))
        for x in range(it["x"], it["x"] + it["width"])
        for y in range(it["y"], it["y"] + it["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert (widgets(board)[0]["x"], widgets(board)[0]["y"]) == (0, 0)


@pytest.mark.parametrize(("name", "allowed"), [("a-B_9", True), ("a" * 255, True), ("", False), ("a" * 256, False)])
def test_names_are_such_as_cloudwatch_takes(name: str, allowed: bool) -> None:
    """Letters, digits, - and _, up to 255."""
    assert (list(name_problems(name)) == []) == allowed
    assert len(list(name_problems("a b"))) == len(list(name_problems("a.b\n"))) == 1


def test_more_than_a_dashboard_takes_is_refused() -> None:
    """By how many widgets or metrics there are, before CloudWatch says so."""
    assert list(board_problems(BOARD, 10)) == []
    trigger = Trigger(0.1, True, 5, 60)
    many = replace(BOARD, quality={f"q{at}": trigger for at in range(500)})
    (problem,) = board_problems(many, 10)
    assert (problem.path, problem.message[:24]) == ("quality", "comes to 512 widgets; Cl")
    slots = {f"slot{at}": NEW for at in range(10)}
    wide = replace(BOARD, versions=slots, baseline="slot0", quality={f"q{at}": trigger for at in range(300)})
    (problem,) = board_problems(wide, 0)
    assert "metrics; CloudWatch takes 2500" in problem.message
