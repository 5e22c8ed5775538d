"""Lambda on the sandbox: handlers run in a process of this machine's, without Docker."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.alarming import ACCOUNT, ECHO, FAILS, Account, zipped
from tests.sandbox.aws.life_cycle import REGION


def test_a_handler_is_invoked_and_waited_for(account: Account) -> None:
    """Its answer comes back, with the end of its log when that is asked for."""
    account.function(ECHO)
    answer = account.functions.invoke(FunctionName="rollback", Payload=b'{"a": [1, 2]}', LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"].read()) == {"a": [1, 2]}
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.startswith("START RequestId: ")
    assert "heard {'a': [1, 2]}" in log


def test_what_a_handler_is_told(account: Account) -> None:
    """Its environment, its run, and the sandbox's time; nothing of the machine's own AWS settings."""
    source = """
import os, time
def handle(event, context):
    time.sleep(0.01)
    return {
        "env": {key: os.environ.get(key) for key in ("TABLE", "AWS_REGION", "AWS_PROFILE", "AWS_LAMBDA_FUNCTION_NAME")},
        "now": time.time(),
        "left": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
        "id": context.aws_request_id,
    }
"""
    arn = account.function(source, Environment={"Variables": {"TABLE": "journal"}}, Timeout=20)
    account.aws.advance(86_400 * 30)
    told, _ = account.invoke({})
    assert told["env"] == {
        "TABLE": "journal",
        "AWS_REGION": REGION,
        "AWS_PROFILE": None,
        "AWS_LAMBDA_FUNCTION_NAME": "rollback",
    }
    assert 0 < told["now"] - account.now() < 10
    assert 10_000 < told["left"] < 20_000
    assert (told["arn"], told["id"]) == (arn, account.aws.function_runs()[0]["id"])


def test_a_handler_asks_the_sandbox(account: Account) -> None:
    """boto3 reaches it without being told where, and with nothing but the function's role to its name."""
    account.queue("inbox")
    source = """
import boto3
from helper import NAME
def handle(event, context):
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=NAME)["QueueUrl"], MessageBody=event["say"])
"""
    account.function("", may="sqs:*", Code={"ZipFile": zipped(code=source, helper="NAME = 'inbox'")})
    assert account.invoke({"say": "hello"}) == (None, None)
    assert [message["Body"] for message in account.messages("inbox")] == ["hello"]


def test_a_handler_that_fails(account: Account) -> None:
    """The answer says with what, and that nobody handled it."""
    account.function(FAILS)
    told, error = account.invoke({"what": "data"})
    assert error == "Unhandled"
    assert (told["errorType"], told["errorMessage"]) == ("ValueError", "no data")
    assert any("handle" in line for line in told["stackTrace"])


@pytest.mark.parametrize(
    ("source", "more", "kind", "said"),
    [
        (
            "import time\ndef handle(e, c):\n    time.sleep(60)\n",
            {"Timeout": 1},
            "Sandbox.Timedout",
            "timed out after 1.00",
        ),
        ("import os\ndef handle(e, c):\n    os._exit(3)\n", {}, "Runtime.ExitError", "exit status 3"),
        (ECHO, {"Handler": "code.other"}, "AttributeError", "other"),
        (ECHO, {"Handler": "elsewhere.handle"}, "ModuleNotFoundError", "elsewhere"),
        ("def handle(e, c):\n    return {1, 2}\n", {}, "TypeError", "JSON serializable"),
        (ECHO, {"Code": {"ZipFile": b"no archive"}}, "Runtime.InvalidZip", "no zip archive"),
    ],
    ids=["slow", "exits", "no function", "no module", "no JSON", "no archive"],
)
def test_handlers_that_come_to_nothing(account: Account, source: str, more: dict, kind: str, said: str) -> None:  # type: ignore[type-arg]
    """Each in Lambda's words."""
    account.function(source, **more)
    told, error = account.invoke({})
    assert (error, told["errorType"]) == ("Unhandled", kind)
    assert said in told["errorMessage"]


def test_a_request_that_is_no_event(account: Account) -> None:
    """A payload that is no JSON, a function that is not there; a dry run runs nothing."""
    account.function(ECHO)
    with pytest.raises(ClientError, match="InvalidRequestContent"):
        account.functions.invoke(FunctionName="rollback", Payload=b"{")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        account.functions.invoke(FunctionName="nobody")
    assert account.functions.invoke(FunctionName="rollback", InvocationType="DryRun")["StatusCode"] == 204
    assert account.aws.function_runs() == []


def test_new_code_runs_from_then_on(account: Account) -> None:
    """And so does a new environment."""
    account.function(ECHO)
    source = "import os\ndef handle(event, context):\n    return os.environ['MODE']\n"
    account.functions.update_function_code(FunctionName="rollback", ZipFile=zipped(code=source))
    account.functions.update_function_configuration(FunctionName="rollback", Environment={"Variables": {"MODE": "new"}})
    assert account.invoke({}) == ("new", None)


def test_what_it_prints_is_in_the_logs(account: Account) -> None:
    """In the group of its name."""
    account.function("def handle(event, context):\n    print('shifted to baseline')\n")
    account.invoke({})
    told = account.client("logs").filter_log_events(logGroupName="/aws/lambda/rollback")["events"]
    assert "shifted to baseline" in [event["message"] for event in told]


def test_a_function_that_invokes_another(account: Account) -> None:
    """The server answers while it waits for a handler."""
    account.function("def handle(event, context):\n    return event['n'] + 1\n", name="inner")
    outer = """
import boto3, json
def handle(event, context):
    answer = boto3.client("lambda").invoke(FunctionName="inner", Payload=json.dumps(event))
    return json.load(answer["Payload"]) * 10
"""
    account.function(outer, may="lambda:InvokeFunction")
    assert account.invoke({"n": 4}) == (50, None)


ASKS = """
import boto3
from botocore.exceptions import ClientError
CALLS = {
    "sqs": lambda: boto3.client("sqs").get_queue_url(QueueName="inbox"),
    "topic": lambda: boto3.client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:alerts", Message="x"),
    "endpoint": lambda: boto3.client("sagemaker").describe_endpoint(EndpointName="search"),
    "metrics": lambda: boto3.client("cloudwatch").describe_alarms(),
    "itself": lambda: boto3.client("lambda").invoke(FunctionName="rollback", InvocationType="DryRun"),
}
def handle(event, context):
    try:
        CALLS[event["call"]]()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
"""


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("sqs", "sqs:GetQueueUrl"),
        ("topic", "sns:Publish"),
        ("endpoint", "sagemaker:DescribeEndpoint"),
        ("metrics", "cloudwatch:DescribeAlarms"),
        ("itself", "lambda:InvokeFunction"),
    ],
)
def test_a_handler_may_do_what_its_role_allows(account: Account, call: str, action: str) -> None:
    """What no policy allows is refused, with who may not do what; what one allows is done."""
    account.function(ASKS)
    account.topic()
    account.queue("inbox")
    told, _ = account.invoke({"call": call})
    assert told[0].startswith("AccessDenied")
    assert f"arn:aws:iam::{ACCOUNT}:role/rollback-role is not authorized to perform: " in told[1]
    assert action in told[1]
    account.allow("rollback-role", action)
    told, _ = account.invoke({"call": call})
    assert told is None or "Could not find endpoint" in told[1]


def test_a_role_is_limited_to_its_resources(account: Account) -> None:
    """Another endpoint than the one that it names is out of its reach; a policy may be attached as well as its own."""
    account.function(ASKS)
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/"
    account.allow("rollback-role", "sagemaker:*", f"{arn}other")
    assert account.invoke({"call": "endpoint"})[0][0] == "AccessDeniedException"
    document = {"Effect": "Allow", "Action": "sagemaker:DescribeEndpoint", "Resource": f"{arn}search"}
    iam = account.client("iam")
    policy = iam.create_policy(
        PolicyName="see", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [document]})
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="rollback-role", PolicyArn=policy)
    assert "Could not find endpoint" in account.invoke({"call": "endpoint"})[0][1]
    account.allow("rollback-role", "sagemaker:Describe*", effect="Deny")
    assert account.invoke({"call": "endpoint"})[0][0] == "AccessDeniedException"


def test_arns_are_of_the_sandboxs_account(account: Account) -> None:
    """Every test relies on it."""
    assert account.function(ECHO) == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rollback"
