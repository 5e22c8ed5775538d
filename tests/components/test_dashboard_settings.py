"""What a stack's file says of a dashboard, and what the endpoint's and the guard's settings say already."""

from typing import Any

from sluice import (
    DashboardSettings,
    EndpointDashboardArgs,
    EndpointSettings,
    GuardSettings,
    PinnedVersionArgs,
    RolloutJournal,
    read_settings,
)
from sluice.guard_args import alarm_names, watch_of
from sluice_sandbox.harness import Sandbox

SLOT = {"version": "digits@1", "instanceType": "ml.m5.large"}
ENDPOINT: dict[str, Any] = {
    "variants": {"blue": SLOT, "green": {"version": "digits@2", "serverless": {"memoryMb": 2048, "maxConcurrency": 5}}},
    "traffic": {"blue": 90, "green": 10},
}
OWNED = {"owner": "ml-platform, #ml-oncall"}
PINNED = {
    f"digits@{at}": PinnedVersionArgs(
        label=f"digits@{at}", version_digest=f"sha256:{at:064x}", model_name="m", release=at
    )
    for at in (1, 2, 3)
}


def shown(
    sandbox: Sandbox, guard: dict[str, Any] | None = None, **endpoint: Any
) -> tuple[EndpointDashboardArgs, list[str], Any]:
    """Returns a dashboard's arguments, the names of its guard's alarms, and what its guard watches."""
    found: list[Any] = []

    def program() -> None:
        settings = read_settings(EndpointSettings, "endpoint")
        guarding = None
        if guard is not None:
            journal = RolloutJournal("movements", {"force_destroy": True})  # type: ignore[arg-type]
            guarding = read_settings(GuardSettings, "guard").guarding("search", settings, PINNED, journal)
        page = read_settings(DashboardSettings, "dashboard").showing("search", settings, PINNED, guarding)
        found.append((page, [] if guarding is None else alarm_names(guarding), guarding and watch_of(guarding)))

    config = {"endpoint": {**ENDPOINT, **endpoint}, "dashboard": OWNED, **({} if guard is None else {"guard": guard})}
    sandbox.stack(program, config).up()
    (it,) = found
    return it  # type: ignore[no-any-return]


def test_what_the_guard_judges_by_is_on_the_page(sandbox: Sandbox) -> None:
    """Every figure as the guard has it, its defaults too, and the names of its alarms, known before they are made."""
    page, alarms, watch = shown(sandbox, {"p95Seconds": 5, "hallucinationRate": 0.05, "errorRateRatio": 3})
    assert (
        page.alarms
        == alarms
        == [f"search-test-green-{role}" for role in ("errors", "p95", "quality-HallucinationRate")]
    )
    for name in ("error_rate_floor", "error_rate_ratio", "recorded_error_rate", "p95_seconds", "period_seconds"):
        assert getattr(page, name) == getattr(watch, name), name
    assert (page.error_rate_ratio, page.hallucination_rate) == (3, watch.quality["HallucinationRate"].threshold)


def test_without_a_guard_nothing_is_held_against_anything(sandbox: Sandbox) -> None:
    """The owner, the versions and the instances are told all the same."""
    page, *_ = shown(sandbox)
    assert (page.owner, page.error_rate_floor, page.p95_seconds, page.alarms) == (OWNED["owner"], None, None, [])
    assert {slot: it.label for slot, it in page.versions.items()} == {"blue": "digits@1", "green": "digits@2"}
    assert page.instance_types == {"blue": "ml.m5.large"}


def test_alarms_of_deployments_and_of_the_endpoint_are_among_them(sandbox: Sandbox) -> None:
    """Whatever keeps traffic from rising, or a configuration from staying, is seen on one page."""
    deployment = {"strategy": "allAtOnce", "alarms": ["search-test-green-errors", "theirs"]}
    page, *_ = shown(sandbox, {}, deployment=deployment, alarms=["upstream"])
    assert set(page.alarms) == {"search-test-green-errors", "upstream", "theirs"}  # type: ignore[arg-type]


def test_the_shadow_is_shown(sandbox: Sandbox) -> None:
    """By its version and its instances."""
    one = {"variants": {"blue": SLOT}, "traffic": {"blue": 100}}
    page, *_ = shown(sandbox, None, **one, shadow={"version": "digits@3", "instanceType": "ml.g5.xlarge"})
    assert page.shadow is not None
    assert page.shadow.label == "digits@3"
    assert page.instance_types == {"blue": "ml.m5.large", "shadow": "ml.g5.xlarge"}


def test_a_shift_of_traffic_changes_nothing_on_it(sandbox: Sandbox) -> None:
    """It touches the endpoint alone."""
    declared = {"baseline": "blue"}
    before, *_ = shown(sandbox, None, **declared)
    after, *_ = shown(sandbox, None, **declared, traffic={"blue": 10, "green": 90})
    assert before == after


def test_what_is_wrong_is_told_by_its_key_path(sandbox: Sandbox) -> None:
    """An owner must be there, and nothing is taken that the page does not know."""

    def program() -> None:
        read_settings(DashboardSettings, "dashboard")

    stack = sandbox.stack(program, {"dashboard": {"runbok": "https://a.b"}}, name="dev", project="shop")
    told = stack.preview().errors().splitlines()
    assert told[0] == "Pulumi.dev.yaml: config shop:dashboard: 2 problems"
    assert told[1] == "  owner is missing"
    assert told[2].startswith("  runbok is not known here")
