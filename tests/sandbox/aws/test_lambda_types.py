"""Lambda's resources: functions, who may invoke them, and what becomes of events that fail."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.alarming import TRUST, arn_of_queue
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Props

NAME = "rollback"


def _archive(source: str) -> pulumi.Archive:
    return pulumi.AssetArchive({"code.py": pulumi.StringAsset(source)})


SOURCE = "def handle(event, context):\n    return {}\n"
HANDLER: Props = {"handler": "code.handle", "runtime": "python3.12", "code": _archive(SOURCE.format("'one'"))}


def _function(props: Props, name: str = "it") -> aws.lambda_.Function:
    role = aws.iam.Role("role", assume_role_policy=json.dumps(TRUST))
    return aws.lambda_.Function(name, role=role.arn, **{**HANDLER, **props})


def _permission(props: Props) -> pulumi.CustomResource:
    function = _function({}, "function")
    given = {"action": "lambda:InvokeFunction", "principal": "lambda.alarms.cloudwatch.amazonaws.com", **props}
    return aws.lambda_.Permission("it", function=function.name, **given)


def _config(props: Props) -> pulumi.CustomResource:
    return aws.lambda_.FunctionEventInvokeConfig("it", function_name=_function({}, "function").name, **props)


def _mapping(props: Props) -> pulumi.CustomResource:
    queue = aws.sqs.Queue("queue")
    function = _function({}, "function")
    given = {"event_source_arn": queue.arn, "function_name": function.name}
    return aws.lambda_.EventSourceMapping("it", **{**given, **props})


def _failing(queue: str) -> Props:
    return {"destination_config": {"on_failure": {"destination": arn_of_queue(queue)}}}


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:lambda/function:Function",
            _function,
            {"timeout": 10},
            {
                "timeout": 30,
                "memory_size": 256,
                "description": "returns traffic to the baseline",
                "environment": {"variables": {"ENDPOINT": "search"}},
                "dead_letter_config": {"target_arn": arn_of_queue("dead")},
                "reserved_concurrent_executions": 1,
                "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/1",
                "ephemeral_storage": {"size": 1024},
                "tracing_config": {"mode": "Active"},
                "logging_config": {"log_format": "JSON", "log_group": "/sluice/rollback"},
                "tags": {"team": "ml"},
            },
            {"name": "other"},
            lambda client, it: client("lambda").update_function_configuration(FunctionName=it.id, Timeout=99),
            lambda client, it: client("lambda").delete_function(FunctionName=it.id),
        ),
        Case(
            "aws:lambda/function:Function",
            _function,
            {"reserved_concurrent_executions": 0},
            {"code": _archive(SOURCE.format("'two'")), "reserved_concurrent_executions": 2},
            meddle=lambda client, it: client("lambda").put_function_concurrency(
                FunctionName=it.id, ReservedConcurrentExecutions=9
            ),
            note="with new code",
        ),
        Case(
            "aws:lambda/permission:Permission",
            _permission,
            {"source_account": "123456789012"},
            replacing={"source_arn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"},
            lose=lambda client, it: client("lambda").remove_permission(
                FunctionName=it.id.partition("/")[0], StatementId=it.id.partition("/")[2]
            ),
        ),
        Case(
            "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
            _config,
            {"maximum_retry_attempts": 1},
            {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60, **_failing("dead")},
            meddle=lambda client, it: client("lambda").put_function_event_invoke_config(
                FunctionName=it.id, MaximumRetryAttempts=2
            ),
            lose=lambda client, it: client("lambda").delete_function_event_invoke_config(FunctionName=it.id),
        ),
        Case(
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            _mapping,
            {"batch_size": 1},
            {
                "batch_size": 5,
                "function_response_types": ["ReportBatchItemFailures"],
                "scaling_config": {"maximum_concurrency": 2},
            },
            meddle=lambda client, it: client("lambda").update_event_source_mapping(UUID=it.id, BatchSize=9),
            lose=lambda client, it: client("lambda").delete_event_source_mapping(UUID=it.id),
        ),
    ]


def _invoke(client: Client, name: str = NAME) -> Any:
    answer = client("lambda").invoke(FunctionName=name, Payload=b"{}")
    return json.loads(answer["Payload"].read())


def _named(code: pulumi.Archive) -> Any:
    return lambda: _function({"name": NAME, "code": code}) and None


def test_its_code_is_that_of_the_program(sandbox: Sandbox, client: Client, tmp_path: Path) -> None:
    """Texts, files, folders within folders, a zip file: whatever the archive is made of runs, and a change too."""
    folder = tmp_path / "function"
    (folder / "inner").mkdir(parents=True)
    (folder / "code.py").write_text(
        "from inner.deep import VALUE\ndef handle(event, context):\n    return VALUE\n", encoding="utf-8"
    )
    (folder / "inner" / "deep.py").write_text("VALUE = 'folder'\n", encoding="utf-8")
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handle(event, context):\n    return 'zip'\n")
    mixed = pulumi.AssetArchive(
        {
            "code.py": pulumi.FileAsset(str(folder / "code.py")),
            "inner": pulumi.AssetArchive({"deep.py": pulumi.StringAsset("VALUE = 'mixed'\n")}),
        }
    )
    stack = sandbox.stack(_named(pulumi.FileArchive(str(folder))), CONFIG)
    told = []
    for code in (pulumi.FileArchive(str(folder)), mixed, pulumi.FileArchive(str(packed))):
        stack.declare(_named(code))
        stack.up()
        told.append(_invoke(client))
        assert not stack.up().changed
    assert told == ["folder", "mixed", "zip"]


def test_the_same_code_has_the_same_digest(sandbox: Sandbox) -> None:
    """Whenever it is packed."""
    digests = []
    for name in ("one", "two"):
        stack = sandbox.stack(lambda: _function({}) and None, CONFIG, name=name)
        stack.up()
        (it,) = [resource for resource in stack.state().resources if resource.name == "it"]
        digests.append(it.outputs["codeSha256"])
        stack.destroy()
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"code": None}, "code: is missing; give an archive, or s3Bucket and s3Key"),
        ({"s3_bucket": "code"}, "s3Bucket: is given together with code"),
        ({"code": pulumi.FileArchive("/nowhere")}, "code: has /nowhere, which is not there"),
        ({"handler": None}, "handler: is missing"),
        ({"memory_size": 64}, "memorySize: is 64"),
        ({"layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:x:1"]}, "layers: the sandbox's AWS does not support"),
    ],
)
def test_what_is_no_function(sandbox: Sandbox, props: dict[str, Any], said: str) -> None:
    """It is refused before anything is asked of AWS."""
    with pytest.raises(UpdateFailed) as error:
        sandbox.stack(lambda: _function(props) and None, CONFIG).up()
    assert said in " ".join(str(error.value).split())


def test_an_alarm_of_a_stack_invokes_its_function(sandbox: Sandbox, sandbox_aws: Aws, client: Client) -> None:
    """Alarm, function and permission, declared and left alone, are all that it takes."""

    def program() -> None:
        function = _function({"name": NAME, "code": _archive("def handle(event, context):\n    return 'back'\n")})
        alarm = aws.cloudwatch.MetricAlarm(
            "errors",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            datapoints_to_alarm=1,
            threshold=0.1,
            treat_missing_data="notBreaching",
            alarm_actions=[function.arn],
            metric_queries=[
                {"id": "rate", "expression": "errors / requests", "label": "Error rate", "return_data": True},
                *(
                    {
                        "id": name,
                        "metric": {"namespace": "Sluice", "metric_name": name, "period": 10, "stat": "Sum"},
                    }
                    for name in ("errors", "requests")
                ),
            ],
        )
        aws.lambda_.Permission(
            "alarm",
            function=function.name,
            action="lambda:InvokeFunction",
            principal="lambda.alarms.cloudwatch.amazonaws.com",
            source_account="123456789012",
            source_arn=alarm.arn,
        )

    stack = sandbox.stack(program, CONFIG)
    stack.up()
    assert not stack.refresh().changed
    sandbox_aws.stop_clock()
    data = [
        {"MetricName": name, "Value": value, "StorageResolution": 1}
        for name, value in (("errors", 30), ("requests", 100))
    ]
    client("cloudwatch").put_metric_data(Namespace="Sluice", MetricData=data)
    sandbox_aws.advance(10)
    (run,) = sandbox_aws.function_runs(NAME)
    assert run["result"] == "back"
    assert run["event"]["alarmData"]["configuration"]["metrics"][0]["expression"] == "errors / requests"
    assert not stack.up().changed
