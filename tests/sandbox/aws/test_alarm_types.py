"""CloudWatch's alarms as resources: percentiles, M of N, metric math."""

from typing import Any

import pulumi_aws as aws

from tests.sandbox.aws.life_cycle import Case, LifeCycle, Props

RULE: Props = {"comparison_operator": "GreaterThanThreshold", "evaluation_periods": 3, "threshold": 0.1}
LATENCY: Props = {
    **RULE,
    "namespace": "AWS/SageMaker",
    "metric_name": "ModelLatency",
    "dimensions": {"EndpointName": "search", "VariantName": "blue"},
    "period": 60,
}


def _metric(name: str, stat: str = "Sum", period: int = 60) -> dict[str, Any]:
    metric = {"namespace": "AWS/SageMaker", "metric_name": name, "period": period, "stat": stat}
    return {"id": name.lower(), "metric": {**metric, "dimensions": {"VariantName": "blue"}}}


def _rate(expression: str, period: int = 60) -> list[dict[str, Any]]:
    watched = {"id": "rate", "expression": expression, "label": "Rate", "return_data": True}
    return [watched, _metric("Errors", period=period), _metric("Invocations", period=period)]


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            lambda props: aws.cloudwatch.MetricAlarm("it", **{**LATENCY, **props}),
            {
                "extended_statistic": "p95",
                "datapoints_to_alarm": 2,
                "evaluate_low_sample_count_percentiles": "ignore",
                "treat_missing_data": "notBreaching",
            },
            {
                "extended_statistic": "p99.9",
                "datapoints_to_alarm": 3,
                "evaluate_low_sample_count_percentiles": "evaluate",
                "treat_missing_data": "breaching",
                "actions_enabled": False,
                "ok_actions": ["arn:aws:sns:eu-west-1:123456789012:alerts"],
                "insufficient_data_actions": ["arn:aws:sns:eu-west-1:123456789012:alerts"],
            },
            {"extended_statistic": "p95", "name": "other"},
            lambda client, it: client("cloudwatch").put_metric_alarm(
                AlarmName=it.id,
                Namespace="AWS/SageMaker",
                MetricName="ModelLatency",
                ExtendedStatistic="p50",
                Period=60,
                EvaluationPeriods=3,
                ComparisonOperator="GreaterThanThreshold",
                Threshold=0.1,
            ),
            lambda client, it: client("cloudwatch").delete_alarms(AlarmNames=[it.id]),
            note="on a percentile",
        ),
        Case(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            lambda props: aws.cloudwatch.MetricAlarm("it", **{**RULE, **props}),
            {"metric_queries": _rate("errors / invocations")},
            {"metric_queries": _rate("MAX([errors / invocations, 0.01])", period=10), "datapoints_to_alarm": 2},
            note="on an expression",
        ),
    ]
