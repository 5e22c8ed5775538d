"""The guard, from bad requests to traffic on the baseline: alarms, function, queues and topic on the sandbox."""

import json
from typing import Any

import pytest

from sluice.guard_args import RollbackGuardArgs, alarm_names
from sluice.rollout.movement import Kind
from sluice.routing.quality import publish
from sluice_sandbox.aws.supervisor import Aws
from tests.components.conftest import ClientOf, Deploy
from tests.support.guarded import ENDPOINT, NEW, OLD, Guarded, pinned


@pytest.fixture
def guarded(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> Any:
    """Returns a guard that is deployed, with an endpoint on which green has ten percent."""

    def make(green: float = 10, **args: Any) -> Guarded:
        return Guarded(deploy, client, sandbox_aws, **args).up().serve(green)

    return make


def test_a_bad_candidate_loses_its_traffic(guarded: Any) -> None:
    """Within three minutes: a journal entry, a message, and no more of either when the event comes again."""
    guard = guarded()
    assert guard.spend(240) == float("inf")
    assert guard.spend(600, errors=10) == 120
    assert guard.weights() == {"blue": 100, "green": 0}
    last = guard.history().last
    assert (last.kind, last.fallen, last.after) == (Kind.ROLLBACK, {NEW.digest}, {"blue": 100, "green": 0})
    assert last.actor == "alarm search-test-green-errors"
    heard = guard.heard()
    # The alarm tells people as well, so that they know although the function may have failed.
    assert [it["AlarmName"] for it in heard.alarms] == ["search-test-green-errors"]
    (told,) = heard.rollbacks
    assert told["attributes"] == {"endpoint": ENDPOINT, "rollback": last.rollback}
    assert told["subject"] == "Rolled back: digits@2 on search-test"
    assert "20 errors" in told["text"]
    assert OLD.label in told["text"]
    assert guard.send(guard.event())["result"]["outcomes"][0]["outcome"] == "ignore"
    assert (len(guard.history()), guard.told(), guard.dead_letters()) == (2, [], [])


def test_ten_seconds_are_quicker(guarded: Any) -> None:
    """Where metrics have that resolution."""
    guard = guarded(period_seconds=10)
    assert guard.spend(120, step=10, errors=10) == 20


def test_slowness_rings(guarded: Any) -> None:
    """p95 of the model latency over its bound, without a single error."""
    guard = guarded(p95_seconds=0.5)
    assert guard.spend(180, milliseconds=400) == float("inf")
    assert guard.spend(300, milliseconds=600) == 120
    assert guard.history().last.actor == "alarm search-test-green-p95"


def test_what_applications_find_out_rings(guarded: Any, client: ClientOf) -> None:
    """Answers that claim what is not so, published by the helper for applications; the message has both means."""
    guard = guarded(hallucination_rate=0.1, min_requests=10)
    for _ in range(3):
        for slot, bad in (("blue", 0.0), ("green", 1.0)):
            publish(client("cloudwatch"), ENDPOINT, slot, {"HallucinationRate": [bad, 0.0, 0.0, 0.0] * 5})
        guard.aws.advance(60)
    assert guard.weights()["green"] == 0
    (told,) = guard.told()
    assert "green (digits@2): 0 requests, HallucinationRate 0.25" in told["text"]
    assert "blue (digits@1): 0 requests, HallucinationRate 0" in told["text"]


def test_at_a_hundred_percent_what_is_usual_is_on_record(guarded: Any) -> None:
    """There is no baseline to compare with, and traffic still goes back to it."""
    guard = guarded(green=100, recorded_error_rate=0.05)
    for errors, gone in ((1, False), (4, True)):
        for _ in range(3):
            guard.ask("green", requests=20, errors=errors)
            guard.aws.advance(60)
        assert (guard.weights() == {"blue": 100, "green": 0}) == gone


def test_an_update_in_flight_is_waited_for(guarded: Any) -> None:
    """As long as it takes the event is kept; the entry is there at once, the message once it is done."""
    guard = guarded()
    guard.aws.set_durations(endpoint_update=420)
    guard.client("sagemaker").update_endpoint(
        EndpointName=ENDPOINT, EndpointConfigName="two", RetainAllVariantProperties=True
    )
    assert guard.spend(240, errors=10) == float("inf")
    assert guard.history().last.kind is Kind.ROLLBACK
    assert guard.told() == []
    assert guard.spend(600, errors=10) <= 360
    assert len(guard.told()) == 1
    assert len(guard.history()) == 2
    assert {run["error"] for run in guard.runs()} == {None}
    guard.aws.advance(900)
    assert (guard.told(), guard.dead_letters()) == ([], [])


def test_a_function_that_fails_is_tried_again_for_hours(guarded: Any, client: ClientOf) -> None:
    """By Lambda, then by the queue; as soon as it works, the traffic moves."""
    guard = guarded()
    iam, role = client("iam"), guard.outputs["role_arn"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    assert guard.spend(600, errors=10) == float("inf")
    assert {run["error"] for run in guard.runs()} == {"Unhandled"}
    assert len(guard.runs()) > 3
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    assert guard.spend(120) <= 120
    assert len(guard.told()) == 1


def test_the_function_may_do_no_more_than_that(guarded: Any, client: ClientOf) -> None:
    """Another endpoint is none of its business, nor is deleting this one."""
    guard = guarded()
    role = guard.outputs["role_arn"].rpartition("/")[2]
    iam = client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
    allowed = {action: it["Resource"] for it in statements for action in it["Action"]}
    assert allowed["sagemaker:UpdateEndpointWeightsAndCapacities"] == [
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/search-test"
    ]
    assert {action for action, on in allowed.items() if on == ["*"]} == {"cloudwatch:GetMetricData"}
    assert {action.partition(":")[0] for action in allowed} == {
        "cloudwatch",
        "dynamodb",
        "kms",
        "logs",
        "sagemaker",
        "sns",
        "sqs",
    }
    assert not [action for action in allowed if "*" in action or ("Delete" in action and action != "sqs:DeleteMessage")]


def test_a_guard_watches_itself(guarded: Any, client: ClientOf) -> None:
    """People hear when the function fails, when an event is given up, and when nothing is measured any more."""
    guard = guarded(silence_minutes=10)
    guard.spend(600)
    queue = guard.outputs["dead_letter_queue_url"].rpartition("/")[2]
    for space, name, dimension, value in (
        ("AWS/Lambda", "Errors", "FunctionName", guard.outputs["function_name"]),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue),
    ):
        datum = {"MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}], "Value": 1}
        client("cloudwatch").put_metric_data(Namespace=space, MetricData=[datum])
    guard.aws.advance(60)
    assert sorted(guard.rung()) == ["search-test-guard-dead-letters", "search-test-guard-failures"]
    guard.aws.advance(3600)
    assert guard.rung() == ["search-test-guard-silence"]


def test_everything_of_it_is_encrypted_and_kept_no_longer_than_said(guarded: Any, client: ClientOf) -> None:
    """By one key, which alarms may use; nothing runs without bounds."""
    guard = guarded()
    function = client("lambda").get_function(FunctionName=guard.outputs["function_name"])
    settings = function["Configuration"]
    key = settings["KMSKeyArn"]
    policy = json.loads(client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    assert {"Service": "cloudwatch.amazonaws.com"} in [it["Principal"] for it in policy["Statement"]]
    topic = client("sns").get_topic_attributes(TopicArn=guard.outputs["topic_arn"])["Attributes"]
    assert topic["KmsMasterKeyId"] == key
    queues = client("sqs").list_queues(QueueNamePrefix="guard")["QueueUrls"]
    for url in queues:
        attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert attributes["KmsMasterKeyId"] == key
    assert len(queues) == 2
    (logs,) = [it for it in client("logs").describe_log_groups()["logGroups"] if it["logGroupName"].startswith("guard")]
    assert (logs["retentionInDays"], logs["kmsKeyId"]) == (30, key)
    assert settings["LoggingConfig"]["LogGroup"] == logs["logGroupName"]
    assert function["Concurrency"]["ReservedConcurrentExecutions"] == 3


def test_a_guard_stays_as_it_is(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """A second update and a refresh find nothing to do; alarms have the names that were known before."""
    guard = Guarded(deploy, client, sandbox_aws, p95_seconds=1, hallucination_rate=0.1)
    assert not guard.stack.preview().errors()
    guard.up()
    assert guard.outputs["alarm_names"] == [
        "search-test-green-errors",
        "search-test-green-p95",
        "search-test-green-quality-HallucinationRate",
    ]
    assert not guard.stack.refresh().changed
    assert not guard.stack.up().changed


def test_an_endpoint_without_a_candidate_is_ready_for_one(deploy: Deploy, client: ClientOf, sandbox_aws: Aws) -> None:
    """It has a guard and none of a candidate's alarms; those come with the candidate."""
    guard = Guarded(deploy, client, sandbox_aws, versions={"blue": pinned(OLD)}).up()
    assert guard.outputs["alarm_names"] == []
    guard.args["versions"] = {"blue": pinned(OLD), "green": pinned(NEW)}
    assert guard.up().outputs["alarm_names"] == ["search-test-green-errors"]


def test_another_version_in_the_slot_arms_its_alarms_anew(guarded: Any) -> None:
    """They stay, and say what they are about; an event of before is about what is not there any more."""
    guard = guarded()
    guard.spend(600, errors=10)
    guard.args["versions"] = {**guard.args["versions"], "green": {**pinned(NEW), "version_digest": "sha256:3"}}
    steps = [it for it in guard.stack.up().visible if it.op.value != "same"]
    assert [(it.type.rpartition(":")[2], it.op.value) for it in steps if "Alarm" in it.type] == [
        ("MetricAlarm", "update")
    ]
    alarm = guard.client("cloudwatch").describe_alarms(AlarmNames=["search-test-green-errors"])["MetricAlarms"][0]
    assert "sha256:3" in alarm["AlarmDescription"]


def test_it_is_destroyed_without_a_trace(guarded: Any, client: ClientOf) -> None:
    """Also what has been written to."""
    guard = guarded()
    guard.stack.destroy()
    assert guard.stack.state().resources == []
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"baseline": "red"}, "baseline is 'red', a slot that there is not; slots are: blue, green"),
        ({"error_rate_ratio": 0.5}, "error_rate_ratio is 0.5; allowed 1 or more"),
        ({"error_rate_floor": 0}, "error_rate_floor is 0; allowed above 0 and up to 1"),
        ({"recorded_error_rate": 2}, "recorded_error_rate is 2; allowed 0 to 1"),
        ({"hallucination_rate": -1}, "hallucination_rate is -1; allowed 0 to 1"),
        ({"p95_seconds": 0}, "p95_seconds is 0; allowed above 0"),
        ({"min_requests": 0}, "min_requests is 0; allowed 1 or more"),
        ({"period_seconds": 20}, "period_seconds is 20; allowed 10, 30 and multiples of 60"),
        ({"period_seconds": 86_400}, "is more than a day"),
        ({"evaluation_periods": 2, "datapoints_to_alarm": 3}, "datapoints_to_alarm is 3 of 2 periods; allowed 1 to 2"),
        ({"silence_minutes": 7}, "silence_minutes is 7; allowed 0 and multiples of 5"),
        ({"log_retention_days": 2}, "log_retention_days is 2; CloudWatch allows"),
        ({"quality": {"Score": {"threshold": 1, "min_samples": 0}}}, "quality.Score.min_samples is 0"),
        ({"quality": {"My score": {"threshold": 1}}}, "quality.My score is no name for an alarm's part"),
        ({"quality": {"Score": {"threshold": 1, "period_seconds": 15}}}, "quality.Score.period_seconds is 15"),
        (
            {"quality": {"HallucinationRate": {"threshold": 1}}, "hallucination_rate": 0.1},
            "quality.HallucinationRate is what hallucination_rate says as well",
        ),
        ({"versions": {"blue": pinned(OLD), "green": {**pinned(NEW), "label": "x" * 900}}}, "CloudWatch takes 1024"),
    ],
)
def test_what_cannot_be_is_refused(args: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it together, with its path."""
    from sluice import guard_args

    monkeypatch.setattr(guard_args, "physical_name", lambda name: f"{name}-test")
    given = {
        "endpoint": "search",
        "versions": {"blue": pinned(OLD), "green": pinned(NEW)},
        "baseline": "blue",
        "journal_table_arn": "arn",
        **args,
    }
    found = [str(it) for it in guard_args.guard_problems(RollbackGuardArgs(**given))]
    assert len(found) == 1
    assert reason in found[0]


def test_names_of_alarms_are_known_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """For gates and guardrails: by endpoint, so by stack, by slot and by what is watched."""
    from sluice import guard_args

    monkeypatch.setattr(guard_args, "physical_name", lambda name: f"{name}-prod")
    three = {slot: pinned(version) for slot, version in {"blue": OLD, "green": NEW, "red": NEW}.items()}
    args = RollbackGuardArgs(endpoint="search", versions=three, baseline="green", journal_table_arn="arn")
    assert alarm_names(args) == ["search-prod-blue-errors", "search-prod-red-errors"]
