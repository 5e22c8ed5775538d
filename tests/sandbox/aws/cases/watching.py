"""Logs, alarms and topics."""

import json

import pulumi
import pulumi_aws as aws

from tests.sandbox.aws.cases.case import Case, Meddle, Props


def _subscription(props: Props) -> pulumi.CustomResource:
    topic = aws.sns.Topic("topic")
    return aws.sns.TopicSubscription("it", topic=topic.arn, protocol="sqs", **props)


def _topic_policy(props: Props) -> pulumi.CustomResource:
    topic = aws.sns.Topic("topic")

    def document(arn: str) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": props["action"],
            "Resource": arn,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return aws.sns.TopicPolicy("it", arn=topic.arn, policy=topic.arn.apply(document))


def _attributes(**attributes: str) -> Meddle:
    return lambda client, it: [
        client("sns").set_topic_attributes(TopicArn=it.id, AttributeName=key, AttributeValue=value)
        for key, value in attributes.items()
    ]


def _dashboard(text: str) -> str:
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": text}}]})


ALARM: Props = {
    "namespace": "AWS/SageMaker",
    "metric_name": "Invocation5XXErrors",
    "statistic": "Sum",
    "period": 60,
    "evaluation_periods": 3,
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 5.0,
}
QUEUE, ROLE = "arn:aws:sqs:eu-west-1:123456789012:it", "arn:aws:iam::123456789012:role/scheduler"
SCHEDULE: Props = {
    "schedule_expression": "rate(7 days)",
    "flexible_time_window": {"mode": "OFF"},
    "target": {
        "arn": QUEUE,
        "role_arn": ROLE,
        "input": "{}",
        "dead_letter_config": {"arn": QUEUE},
        "retry_policy": {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 5},
    },
}


CASES = [
    Case(
        "log group",
        lambda props: aws.cloudwatch.LogGroup("it", **props),
        {"retention_in_days": 7},
        {"retention_in_days": 30},
        {"retention_in_days": 7, "name": "/other"},
        lambda client, it: client("logs").put_retention_policy(logGroupName=it.id, retentionInDays=1),
        lambda client, it: client("logs").delete_log_group(logGroupName=it.id),
    ),
    Case(
        "metric alarm",
        lambda props: aws.cloudwatch.MetricAlarm("it", **props),
        ALARM,
        {**ALARM, "threshold": 7.0, "dimensions": {"EndpointName": "digits"}},
        {**ALARM, "name": "other"},
        lambda client, it: client("cloudwatch").put_metric_alarm(
            AlarmName=it.id,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=3,
            ComparisonOperator="GreaterThanThreshold",
            Threshold=1000,
        ),
        lambda client, it: client("cloudwatch").delete_alarms(AlarmNames=[it.id]),
    ),
    Case(
        "dashboard",
        lambda props: aws.cloudwatch.Dashboard("it", **props),
        {"dashboard_name": "search", "dashboard_body": _dashboard("search")},
        {"dashboard_name": "search", "dashboard_body": _dashboard("find")},
        {"dashboard_name": "find", "dashboard_body": _dashboard("search")},
        lambda client, it: client("cloudwatch").put_dashboard(DashboardName=it.id, DashboardBody=_dashboard("mine")),
        lambda client, it: client("cloudwatch").delete_dashboards(DashboardNames=[it.id]),
    ),
    Case(
        "schedule",
        lambda props: aws.scheduler.Schedule("it", **{**SCHEDULE, **props}),
        {},
        {"schedule_expression": "cron(0 3 ? * MON *)", "schedule_expression_timezone": "Europe/Berlin"},
        {"name": "other"},
        lambda client, it: client("scheduler").update_schedule(
            Name=it.outputs["name"],
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": QUEUE, "RoleArn": ROLE, "Input": "{}"},
        ),
        lambda client, it: client("scheduler").delete_schedule(Name=it.outputs["name"]),
    ),
    Case(
        "sns topic",
        lambda props: aws.sns.Topic("it", **props),
        {"display_name": "Alerts"},
        {"display_name": "Alarms", "kms_master_key_id": "alias/aws/sns"},
        {"display_name": "Alerts", "name": "other"},
        _attributes(DisplayName="mine"),
        lambda client, it: client("sns").delete_topic(TopicArn=it.id),
    ),
    Case(
        "sns subscription",
        _subscription,
        {"endpoint": "arn:aws:sqs:eu-west-1:123456789012:one"},
        {"endpoint": "arn:aws:sqs:eu-west-1:123456789012:one", "raw_message_delivery": True},
        {"endpoint": "arn:aws:sqs:eu-west-1:123456789012:two"},
        lose=lambda client, it: client("sns").unsubscribe(SubscriptionArn=it.id),
    ),
    Case("sns topic policy", _topic_policy, {"action": "sns:Publish"}, {"action": "sns:Subscribe"}),
]
