"""An account in which metrics are measured, alarms watch them, and functions and queues hear of it."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.life_cycle import REGION, Client

ACCOUNT = "123456789012"
SPACE = "Sluice/Quality"
FAILS = "def handle(event, context):\n    raise ValueError('no ' + str(event.get('what')))\n"
ECHO = "def handle(event, context):\n    print('heard', event)\n    return event\n"
BLUE = [{"Name": "VariantName", "Value": "blue"}]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def arn_of_queue(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def arn_of_alarm(name: str) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


def zipped(**modules: str) -> bytes:
    """Returns a function's code."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, source in modules.items():
            archive.writestr(f"{name}.py", source)
    return packed.getvalue()


@dataclass
class Account:
    """Clients, and what tests do with them over and over."""

    client: Client
    aws: Aws

    def __post_init__(self) -> None:
        self.cloudwatch, self.functions = self.client("cloudwatch"), self.client("lambda")
        self.sns, self.sqs = self.client("sns"), self.client("sqs")

    def now(self) -> float:
        return float(self.aws.control("clock")["now"])

    def stop_at_a_minute(self) -> float:
        """Stops the clock at the beginning of a minute, and returns when that is."""
        self.aws.stop_clock()
        self.aws.advance(60 - self.now() % 60)
        return self.now()

    def put(self, *values: float, name: str = "errors", dimensions: Any = BLUE, **more: Any) -> None:
        """Measures values now."""
        datum = {"MetricName": name, "Dimensions": dimensions, "Values": list(values), **more}
        self.cloudwatch.put_metric_data(Namespace=SPACE, MetricData=[datum])

    def minute(self, *values: float, **more: Any) -> str:
        """Measures values, lets the minute pass, and returns the state of the alarm `errors`."""
        if values:
            self.put(*values, **more)
        self.aws.advance(60)
        return str(self.alarm()["StateValue"])

    def watch(self, name: str = "errors", **more: Any) -> None:
        """Puts an alarm on more than 5 errors in one minute, or as told."""
        given = {
            "Namespace": SPACE,
            "MetricName": "errors",
            "Dimensions": BLUE,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        merged = {key: value for key, value in {**given, **more}.items() if value is not None}
        self.cloudwatch.put_metric_alarm(AlarmName=name, **merged)

    def alarm(self, name: str = "errors") -> dict[str, Any]:
        (found,) = self.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return dict(found)

    def history(self, kind: str, name: str = "errors") -> list[tuple[str, dict[str, Any]]]:
        """Returns summaries and data, oldest first."""
        items = self.cloudwatch.describe_alarm_history(
            AlarmName=name, HistoryItemType=kind, ScanBy="TimestampAscending"
        )["AlarmHistoryItems"]
        return [(item["HistorySummary"], json.loads(item["HistoryData"])) for item in items]

    def topic(self, *queues: str, name: str = "alerts", **attributes: str) -> str:
        """Makes a topic and queues that hear it."""
        topic = str(self.sns.create_topic(Name=name)["TopicArn"])
        for queue in queues:
            self.open(self.queue(queue), queue, topic)
            self.sns.subscribe(
                TopicArn=topic, Protocol="sqs", Endpoint=arn_of_queue(queue), Attributes=dict(attributes)
            )
        return topic

    def open(self, url: str, queue: str, topic: str) -> None:
        """Lets a topic send to a queue."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn_of_queue(queue),
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    def queue(self, name: str) -> str:
        return str(self.sqs.create_queue(QueueName=name)["QueueUrl"])

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """Takes all messages out of a queue."""
        return list(self._received(self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]))

    def function(self, source: str, name: str = "rollback", may: str | None = None, **more: Any) -> str:
        """
        Makes a function of a module's source with a `handle`, and returns its ARN.

        `may` is the one action that its role allows, on everything.
        """
        iam = self.client("iam")
        role = f"{name}-role"
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
        if may is not None:
            self.allow(role, may)
        given = {
            "Runtime": "python3.12",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "Handler": "code.handle",
            "Code": {"ZipFile": zipped(code=source)},
            "Timeout": 30,
        }
        made = self.functions.create_function(FunctionName=name, **{**given, **more})
        return str(made["FunctionArn"])

    def allow(self, role: str, action: str, resource: str = "*", effect: str = "Allow", **more: Any) -> None:
        """Puts a policy into a role."""
        statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
        self.client("iam").put_role_policy(
            RoleName=role,
            PolicyName=f"{effect}-{action.replace(':', '-').replace('*', 'all')}",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    def let_in(self, alarm: str = "errors", function: str = "rollback", **more: str) -> None:
        """Lets an alarm invoke a function."""
        given = {
            "StatementId": alarm,
            "Action": "lambda:InvokeFunction",
            "Principal": "lambda.alarms.cloudwatch.amazonaws.com",
            "SourceAccount": ACCOUNT,
            "SourceArn": arn_of_alarm(alarm),
        }
        self.functions.add_permission(FunctionName=function, **{**given, **more})

    def invoke(self, event: Mapping[str, Any], function: str = "rollback", **more: Any) -> tuple[Any, str | None]:
        """Invokes a function and waits; returns what it returned, and AWS's word for a failure."""
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(event), **more)
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def _received(self, url: str) -> Iterator[dict[str, Any]]:
        asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while found := self.sqs.receive_message(**asked).get("Messages"):
            for message in found:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                yield message


def sum_of(query: str, name: str, stat: str = "Sum", period: int = 60) -> dict[str, Any]:
    """Returns a query of a metric for an expression."""
    metric = {"Namespace": SPACE, "MetricName": name, "Dimensions": BLUE}
    return {"Id": query, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, "ReturnData": False}


def on_expression(account: Account, expression: str, *metrics: dict[str, Any], **more: Any) -> None:
    """Puts the alarm `errors` on an expression."""
    nothing = dict.fromkeys(("Namespace", "MetricName", "Dimensions", "Statistic", "Period"))
    queries = [{"Id": "watched", "Expression": expression, "Label": "Watched", "ReturnData": True}, *metrics]
    account.watch(**nothing, Metrics=queries, **more)
