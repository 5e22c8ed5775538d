"""The component `RollbackGuard`: alarms on candidates, and a function that takes their traffic away when one rings."""

from typing import Any, cast

import pulumi
import pulumi_aws as aws

from sluice import guard_alarms, guard_policies
from sluice.baseline_error_rate import BaselineErrorRate
from sluice.errors import InvalidInput
from sluice.guard_alarms import Plan
from sluice.guard_args import RollbackGuardArgs, description, guard_problems, measured_rate, or_else, watch_of
from sluice.guard_queues import GuardQueues
from sluice.handlers import package
from sluice.tags import identity_tags

_ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"
_TIMEOUT, _CONCURRENCY = 80, 3


class RollbackGuard(pulumi.ComponentResource):
    """
    Returns a candidate's traffic to the baseline within minutes when its errors, latency or quality are bad.

    One function for each endpoint, which may do no more than that. An event waits, for up to six hours, while the
    endpoint is busy; people hear of every rollback, and when the guard itself fails or nothing is measured.
    """

    alarm_names: pulumi.Output[list[str]]
    """The candidates' alarms, for the guardrails of a deployment. Known once they may call the function."""
    function_name: pulumi.Output[str]
    """The function."""
    function_arn: pulumi.Output[str]
    """Its ARN."""
    topic_arn: pulumi.Output[str]
    """The topic that people subscribe to."""
    role_arn: pulumi.Output[str]
    """The function's role."""
    dead_letter_queue_url: pulumi.Output[str]
    """Where events are that could not be handled."""
    baseline_error_rate: pulumi.Output[float]
    """What counts as the baseline's error rate, 0 to 1, while it has too few requests: declared, or measured before."""

    def __init__(self, name: str, args: RollbackGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"RollbackGuard {name!r}"
        args = RollbackGuardArgs.parse(subject, args)
        if problems := list(guard_problems(args)):
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:RollbackGuard", name, {}, opts)

        self._name, self._tags = name, identity_tags("RollbackGuard", name, args.tags)
        self._watch = watch_of(args)
        invoke = pulumi.InvokeOptions(parent=self)
        self._partition = aws.get_partition_output(opts=invoke).partition
        self._account = aws.get_caller_identity_output(opts=invoke).account_id
        self._region = aws.get_region_output(opts=invoke).region
        self._key = pulumi.Output.from_input(args.kms_key_arn) if args.kms_key_arn is not None else self._own_key()
        self._topic = self._topic_for_people()
        self._queues = GuardQueues(name, self._key, self._tags, self._child())
        self._logs = self._log_group(or_else(args.log_retention_days, 30))
        self._role, policy = self._function_role(args)
        self._function = self._handler(args, policy)
        self._queues.feed(self._function, policy)
        measured = measured_rate(args, self._region)
        self._usual = None if measured is None else BaselineErrorRate(name, measured, self._child()).error_rate
        alarms = [self._alarm(plan, args) for plan in guard_alarms.plans(self._watch)]
        self._watch_itself(or_else(args.silence_minutes, 60))

        self.alarm_names = pulumi.Output.all(*alarms).apply(list)
        self.function_name, self.function_arn = self._function.name, self._function.arn
        self.topic_arn, self.role_arn = self._topic.arn, self._role.arn
        self.dead_letter_queue_url = self._queues.dead_letters.url
        declared = pulumi.Output.from_input(self._watch.recorded_error_rate)
        self.baseline_error_rate = declared if self._usual is None else self._usual
        self.register_outputs(
            {
                "alarmNames": self.alarm_names,
                "functionName": self.function_name,
                "functionArn": self.function_arn,
                "topicArn": self.topic_arn,
                "roleArn": self.role_arn,
                "deadLetterQueueUrl": self.dead_letter_queue_url,
                "baselineErrorRate": self.baseline_error_rate,
            }
        )

    def _own_key(self) -> pulumi.Output[str]:
        policy = pulumi.Output.all(self._partition, self._account, self._region).apply(
            lambda it: guard_policies.key_policy(*it)
        )
        key = aws.kms.Key(
            self._name,
            description=f"Rollback guard of {self._watch.endpoint}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy,
            tags=self._tags,
            opts=self._child(),
        )
        aws.kms.Alias(self._name, target_key_id=key.key_id, opts=self._child())
        return key.arn

    def _topic_for_people(self) -> aws.sns.Topic:
        topic = aws.sns.Topic(self._name, kms_master_key_id=self._key, tags=self._tags, opts=self._child())
        policy = topic.arn.apply(guard_policies.topic_policy)
        aws.sns.TopicPolicy(self._name, arn=topic.arn, policy=policy, opts=self._child())
        return topic

    def _log_group(self, days: int) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            self._name, retention_in_days=days, kms_key_id=self._key, tags=self._tags, opts=self._child()
        )

    def _function_role(self, args: RollbackGuardArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(self._name, assume_role_policy=guard_policies.trust(), tags=self._tags, opts=self._child())
        grants = pulumi.Output.all(
            partition=self._partition,
            account=self._account,
            region=self._region,
            endpoint=self._watch.endpoint,
            journal_arn=args.journal_table_arn,
            journal_key_arn=args.journal_key_arn,
            key_arn=self._key,
            topic_arn=self._topic.arn,
            retries_arn=self._queues.retries.arn,
            dead_letters_arn=self._queues.dead_letters.arn,
            log_group_arn=self._logs.arn,
        ).apply(lambda it: guard_policies.permissions(**it))
        return role, aws.iam.RolePolicy(self._name, role=role.name, policy=grants, opts=self._child())

    def _handler(self, args: RollbackGuardArgs, policy: aws.iam.RolePolicy) -> aws.lambda_.Function:
        return aws.lambda_.Function(
            self._name,
            description=f"Returns traffic of {self._watch.endpoint} to the baseline when an alarm rings",
            role=self._role.arn,
            handler=f"{package.ROLLBACK}.handle",
            runtime="python3.13",
            architectures=["arm64"],
            code=package.archive(package.ROLLBACK),
            timeout=_TIMEOUT,
            memory_size=512,
            reserved_concurrent_executions=_CONCURRENCY,
            kms_key_arn=self._key,
            environment={
                "variables": {
                    "SLUICE_ENDPOINT": self._watch.endpoint,
                    "SLUICE_JOURNAL": args.journal_table_arn,
                    "SLUICE_TOPIC": self._topic.arn,
                    "SLUICE_RETRIES": self._queues.retries.url,
                    "SLUICE_DEAD_LETTERS": self._queues.dead_letters.url,
                }
            },
            logging_config={"log_format": "Text", "log_group": self._logs.name},
            # Who traces a call through the account sees this function in it; by itself it begins no trace.
            tracing_config={"mode": "PassThrough"},
            tags=self._tags,
            # Lambda takes the role when the function is made.
            opts=self._child(depends_on=[policy]),
        )

    def _alarm(self, plan: Plan, args: RollbackGuardArgs) -> pulumi.Output[Any]:
        """Returns the name of an alarm, once it may call the function."""
        key = f"{self._name}-{plan.slot}-{plan.role}"
        alarm = aws.cloudwatch.MetricAlarm(
            key,
            name=plan.name(),
            alarm_description=description(plan),
            metric_queries=cast("Any", self._queries_of(plan)),
            comparison_operator="GreaterThanThreshold" if plan.rings_above else "LessThanThreshold",
            threshold=plan.threshold,
            evaluation_periods=or_else(args.evaluation_periods, 3),
            datapoints_to_alarm=or_else(args.datapoints_to_alarm, 2),
            # Who is asked nothing does nothing wrong; that nothing is measured at all, the guard's own alarm says.
            treat_missing_data="notBreaching",
            alarm_actions=[self._function.arn, self._topic.arn],
            tags=self._tags,
            opts=self._child(),
        )
        permission = aws.lambda_.Permission(
            key,
            function=self._function.name,
            action="lambda:InvokeFunction",
            principal=_ALARMS,
            source_account=self._account,
            source_arn=alarm.arn,
            opts=self._child(),
        )
        return pulumi.Output.all(alarm.name, permission.id).apply(lambda it: it[0])

    def _queries_of(self, plan: Plan) -> pulumi.Input[list[Any]]:
        watch, usual = self._watch, self._usual
        if plan.role != guard_alarms.ERRORS or usual is None:
            return plan.queries
        return usual.apply(lambda rate: guard_alarms.error_queries(watch, plan.slot, rate))

    def _watch_itself(self, silence_minutes: int) -> None:
        """Tells people when the function fails, when an event is given up, and when nothing is measured any more."""
        self._heartbeat(
            "failures",
            "The rollback guard fails: its alarms may ring in vain. See the function's log.",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": self._function.name},
            statistic="Sum",
        )
        self._heartbeat(
            "dead-letters",
            "A rollback was given up: its event is in the guard's dead-letter queue. Look at the endpoint now.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self._queues.dead_letters.name},
            statistic="Maximum",
        )
        if silence_minutes:
            self._silence(silence_minutes)

    def _heartbeat(self, role: str, text: str, **watched: Any) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{role}",
            name=guard_alarms.alarm_name(self._watch.endpoint, "guard", role),
            alarm_description=text,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=60,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic.arn],
            tags=self._tags,
            opts=self._child(),
            **watched,
        )

    def _silence(self, minutes: int) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-silence",
            name=guard_alarms.alarm_name(self._watch.endpoint, "guard", "silence"),
            alarm_description=f"No request to {self._watch.endpoint} was measured for {minutes} minutes: no alarm of "
            "its candidates can ring.",
            metric_queries=cast("Any", guard_alarms.silence(self._watch.endpoint, list(self._watch.versions))),
            comparison_operator="LessThanThreshold",
            threshold=1,
            evaluation_periods=minutes // 5,
            # Until the first request nothing is wrong; once there were some, their absence is a change of state.
            treat_missing_data="missing",
            alarm_actions=[self._topic.arn],
            insufficient_data_actions=[self._topic.arn],
            tags=self._tags,
            opts=self._child(),
        )

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)
