"""Alarms on the sandbox's CloudWatch: when they ring, why, and what they remember."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.alarming import Account, on_expression, sum_of


def test_an_alarm_rings_and_calms_down(account: Account) -> None:
    """It is evaluated at the end of each period, and rings from the first that breaches to the first that does not."""
    account.watch()
    assert account.alarm()["StateValue"] == "INSUFFICIENT_DATA"
    assert account.alarm()["StateReason"] == "Unchecked: Initial alarm creation"
    assert [account.minute(value) for value in (5, 6, 9, 0)] == ["OK", "ALARM", "ALARM", "OK"]


def test_nothing_happens_within_a_period(account: Account) -> None:
    """However often somebody looks."""
    account.watch()
    account.put(9)
    account.aws.advance(59.9)
    assert account.alarm()["StateValue"] == "INSUFFICIENT_DATA"
    account.aws.advance(0.1)
    assert account.alarm()["StateValue"] == "ALARM"


def test_why_and_since_when(account: Account) -> None:
    """The reason is in AWS's words, its data in JSON, and both times are those of the transition, not of the look."""
    account.watch(EvaluationPeriods=2, DatapointsToAlarm=1)
    began = account.now()
    account.minute(3)
    account.put(4, 5)
    account.aws.advance(110)
    alarm = account.alarm()
    assert alarm["StateReason"].startswith("Threshold Crossed: 1 out of the last 2 datapoints [9.0 (")
    assert alarm["StateReason"].endswith(
        "was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    data = json.loads(alarm["StateReasonData"])
    assert (data["version"], data["statistic"], data["period"], data["threshold"]) == ("1.0", "Sum", 60, 5.0)
    assert data["recentDatapoints"] == [3.0, 9.0]
    assert [(point["value"], point["sampleCount"]) for point in data["evaluatedDatapoints"]] == [(9.0, 2.0), (3.0, 1.0)]
    assert alarm["StateTransitionedTimestamp"].timestamp() == began + 120
    assert alarm["StateUpdatedTimestamp"].timestamp() == began + 120


def test_m_of_n(account: Account) -> None:
    """Two of the last three minutes have to breach."""
    account.watch(EvaluationPeriods=3, DatapointsToAlarm=2)
    states = [account.minute(value) for value in (9, 0, 9, 0, 0)]
    assert states == ["INSUFFICIENT_DATA", "OK", "ALARM", "OK", "OK"]


@pytest.mark.parametrize(
    ("missing", "states"),
    [
        ("missing", ["ALARM", "ALARM", "ALARM", "INSUFFICIENT_DATA"]),
        ("notBreaching", ["ALARM", "ALARM", "ALARM", "OK"]),
        ("breaching", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("ignore", ["ALARM", "ALARM", "ALARM", "ALARM"]),
    ],
)
def test_missing_data(account: Account, missing: str, states: list[str]) -> None:
    """What is missing counts only once the last data has left the range that is looked at, as on AWS."""
    account.watch(TreatMissingData=missing)
    assert [account.minute(9), *(account.minute() for _ in range(3))] == states


def test_no_data_ever(account: Account) -> None:
    """A heartbeat's alarm rings at the end of its first period."""
    account.watch(TreatMissingData="breaching")
    account.watch("quiet", TreatMissingData="notBreaching")
    account.aws.advance(60)
    assert account.alarm()["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 1 period and "
        "1 missing datapoint was treated as [Breaching]."
    )
    assert account.alarm("quiet")["StateValue"] == "OK"


@pytest.mark.parametrize("period", [10, 300])
def test_other_periods(account: Account, period: int) -> None:
    """Ten seconds need data of one second's resolution."""
    account.aws.advance(300 - account.now() % 300)
    account.watch(Period=period)
    account.put(9, StorageResolution=1)
    account.aws.advance(period - 1)
    assert account.alarm()["StateValue"] == "INSUFFICIENT_DATA"
    account.aws.advance(1)
    assert account.alarm()["StateValue"] == "ALARM"


def test_percentiles(account: Account) -> None:
    """As an extended statistic."""
    account.watch(Statistic=None, ExtendedStatistic="p95", Threshold=100)
    assert account.minute(50, 500, Counts=[95, 5]) == "OK"
    assert account.minute(50, 500, Counts=[94, 6]) == "ALARM"
    assert json.loads(account.alarm()["StateReasonData"])["extendedStatistic"] == "p95"


@pytest.mark.parametrize(("low", "states"), [("ignore", ["OK", "ALARM"]), ("evaluate", ["ALARM", "ALARM"])])
def test_percentiles_of_few_samples(account: Account, low: str, states: list[str]) -> None:
    """Where they are ignored the state stays until there are 10/(1-p) samples, 200 for p95."""
    account.watch(Statistic=None, ExtendedStatistic="p95", Threshold=100, EvaluateLowSampleCountPercentile=low)
    account.minute(50, Counts=[200])
    assert account.alarm()["StateValue"] == "OK"
    assert [account.minute(500, Counts=[count]) for count in (199, 200)] == states


def test_a_rate_with_a_floor_over_the_baselines(account: Account) -> None:
    """Metric math over four metrics, as a rollback guard has it."""
    on_expression(
        account,
        "IF(requests >= 20, (errors / requests) - 2 * MAX([FILL(base_errors, 0) / base_requests, 0.01]), 0)",
        *(sum_of(name, name) for name in ("errors", "requests", "base_errors", "base_requests")),
        Threshold=0,
    )
    quiet = [
        {"errors": 9, "requests": 10, "base_requests": 100},
        {"errors": 2, "requests": 100, "base_requests": 100},
        {"errors": 4, "requests": 100, "base_requests": 100, "base_errors": 3},
    ]
    bad = {"errors": 7, "requests": 100, "base_requests": 100, "base_errors": 3}
    states = []
    for figures in [*quiet, bad]:
        for name, value in figures.items():
            account.put(value, name=name)
        states.append(account.minute())
    assert states == ["OK", "OK", "OK", "ALARM"]
    assert "[0.01" in account.alarm()["StateReason"]


def test_an_expression_that_misses_data_misses_data(account: Account) -> None:
    """A baseline without traffic leaves a rate without value: after the range, there is insufficient data."""
    on_expression(
        account, "errors / requests", sum_of("errors", "errors"), sum_of("requests", "requests"), Threshold=0.5
    )
    account.put(10, name="requests")
    assert account.minute(9) == "ALARM"
    assert [account.minute(9) for _ in range(3)] == ["ALARM", "ALARM", "INSUFFICIENT_DATA"]


def test_an_alarm_that_is_put_again_keeps_its_state(account: Account) -> None:
    """And is judged by its new threshold from the next period on."""
    account.watch()
    account.minute(9)
    account.watch(Threshold=50)
    alarm = account.alarm()
    assert (alarm["StateValue"], alarm["Threshold"]) == ("ALARM", 50)
    assert account.minute(9) == "OK"


def test_a_state_set_by_hand(account: Account) -> None:
    """It lasts until there is data to judge by."""
    account.watch()
    account.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a rehearsal")
    account.aws.advance(3600)
    assert (account.alarm()["StateValue"], account.alarm()["StateReason"]) == ("ALARM", "a rehearsal")
    account.watch(Threshold=7)
    assert account.minute() == "ALARM"
    assert account.minute(0) == "OK"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        account.cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="x")
    with pytest.raises(ClientError, match="failed to satisfy constraint"):
        account.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="FINE", StateReason="x")


def test_data_that_comes_late(account: Account) -> None:
    """It is judged at the next end of a period, wherever in the range it belongs."""
    account.watch(EvaluationPeriods=2, DatapointsToAlarm=1)
    account.minute(1)
    account.minute(1)
    account.put(9, Timestamp=account.now() - 60)
    assert account.minute(1) == "ALARM"


def test_two_weeks_are_rehearsed_at_once(account: Account) -> None:
    """Where nothing is measured nothing is computed; what was measured long ago does not come back."""
    account.watch(TreatMissingData="notBreaching")
    account.minute(9)
    account.aws.advance(14 * 86_400)
    assert account.minute(9) == "ALARM"
    assert [summary.rpartition(" ")[2] for summary, _ in account.history("StateUpdate")] == ["ALARM", "OK", "ALARM"]
