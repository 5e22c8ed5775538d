"""The component `ScheduledEvaluation`: what serves is evaluated again, because the world changes and it does not."""

import hashlib
import json
from pathlib import Path

import pulumi
import pulumi_aws as aws

from sluice import execution_role, scheduled_policies
from sluice.endpoint_role import physical_name
from sluice.errors import InvalidInput
from sluice.scheduled_args import ScheduledEvaluationArgs, scheduled_problems
from sluice.scheduled_work import Work, work_of
from sluice.tags import identity_tags

_DAY = 86_400
_TARGET = "scheduler:::aws-sdk:sagemaker:createProcessingJob"
_RUN = "<aws.scheduler.execution-id>"
"""What the scheduler puts a run's own id for: "Adding context attributes" of its user guide."""
_VOLUME_GB = 30
_JOB_PREFIX = 17


class ScheduledEvaluation(pulumi.ComponentResource):
    """
    Evaluates a live variant again and again, on the set and by the contract that its version was released with.

    A schedule starts a Processing job of SageMaker, which asks the variant, keeps its report, and publishes each score
    in the namespace `Sluice/Quality`: gates compare by them, and a guard's alarms ring.
    """

    schedule_arn: pulumi.Output[str]
    """The schedule."""
    role_arn: pulumi.Output[str]
    """The role of its jobs."""
    reports_url: pulumi.Output[str]
    """Where the reports are, `s3://...`, each below its run's id."""
    dead_letter_queue_url: pulumi.Output[str]
    """Where the starts are that failed."""

    def __init__(self, name: str, args: ScheduledEvaluationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"ScheduledEvaluation {name!r}"
        args = ScheduledEvaluationArgs.parse(subject, args)
        if problems := list(scheduled_problems(args)):
            raise InvalidInput(subject, problems)
        work = work_of(subject, args)
        super().__init__("sluice:index:ScheduledEvaluation", name, {}, opts)

        self._name, self._args, self._tags = name, args, identity_tags("ScheduledEvaluation", name, args.tags)
        self._endpoint = physical_name(args.endpoint)
        self._jobs = _jobs(self._endpoint, args.slot)
        self._prefix = f"evaluations/{self._jobs}/"
        invoke = pulumi.InvokeOptions(parent=self)
        self._partition = aws.get_partition_output(opts=invoke).partition
        self._account = aws.get_caller_identity_output(opts=invoke).account_id
        self._region = aws.get_region_output(opts=invoke).region
        place = f"{self._prefix}files/{work.digest}"
        stored = [self._stored(f"{place}/{file}", path) for file, path in work.files.items()]
        self.role_arn = self._job_role()
        dead_letters = self._dead_letters()
        # A job that began before its files are there would find none.
        request = pulumi.Output.all(self._request(work, place), *[it.id for it in stored]).apply(lambda it: it[0])
        schedule = self._schedule(request, self._scheduler_role(dead_letters), dead_letters)
        self.schedule_arn, self.dead_letter_queue_url = schedule.arn, dead_letters.url
        self.reports_url = pulumi.Output.format("s3://{}/{}runs/", args.bucket_name, self._prefix)
        self.register_outputs(
            {
                "scheduleArn": self.schedule_arn,
                "roleArn": self.role_arn,
                "reportsUrl": self.reports_url,
                "deadLetterQueueUrl": self.dead_letter_queue_url,
            }
        )

    def _stored(self, key: str, path: Path) -> aws.s3.BucketObjectv2:
        return aws.s3.BucketObjectv2(
            f"{self._name}-{key.removeprefix(self._prefix)}",
            bucket=self._args.bucket_name,
            key=key,
            source=pulumi.FileAsset(str(path)),
            checksum_algorithm="SHA256",
            server_side_encryption="AES256" if self._args.key_arn is None else "aws:kms",
            kms_key_id=self._args.key_arn,
            opts=self._child(),
        )

    def _job_role(self) -> pulumi.Output[str]:
        where = pulumi.Output.all(self._partition, self._account, self._region)
        trust = where.apply(lambda it: execution_role.trust(*it))
        role = aws.iam.Role(f"{self._name}-job", assume_role_policy=trust, tags=self._tags, opts=self._child())
        network = self._args.network
        grants = pulumi.Output.all(
            partition=self._partition,
            account=self._account,
            region=self._region,
            endpoint=self._endpoint,
            bucket=self._args.bucket_name,
            prefix=self._prefix,
            image=self._args.image,
            key_arn=self._args.key_arn,
            subnets=network.subnets if network else [],
            security_groups=network.security_group_ids if network else [],
        ).apply(lambda it: scheduled_policies.evaluating(**it))
        policy = aws.iam.RolePolicy(f"{self._name}-job", role=role.name, policy=grants, opts=self._child())
        return pulumi.Output.all(role.arn, policy.id).apply(lambda it: str(it[0]))

    def _dead_letters(self) -> aws.sqs.Queue:
        queue = aws.sqs.Queue(
            self._name,
            sqs_managed_sse_enabled=True,
            message_retention_seconds=14 * _DAY,
            tags=self._tags,
            opts=self._child(),
        )
        if self._args.topic_arn is not None:
            aws.cloudwatch.MetricAlarm(
                self._name,
                alarm_description=f"A scheduled evaluation of {self._endpoint}/{self._args.slot} could not be started: "
                "the dead-letter queue says why.",
                namespace="AWS/SQS",
                metric_name="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": queue.name},
                statistic="Maximum",
                comparison_operator="GreaterThanThreshold",
                threshold=0,
                period=300,
                evaluation_periods=1,
                treat_missing_data="notBreaching",
                alarm_actions=[self._args.topic_arn],
                tags=self._tags,
                opts=self._child(),
            )
        return queue

    def _scheduler_role(self, dead_letters: aws.sqs.Queue) -> pulumi.Output[str]:
        where = pulumi.Output.all(self._partition, self._account, self._region)
        trust = where.apply(lambda it: scheduled_policies.scheduler_trust(*it))
        role = aws.iam.Role(f"{self._name}-schedule", assume_role_policy=trust, tags=self._tags, opts=self._child())
        grants = pulumi.Output.all(
            self._partition, self._account, self._region, self._jobs, self.role_arn, dead_letters.arn
        ).apply(lambda it: scheduled_policies.starting(*it))
        policy = aws.iam.RolePolicy(f"{self._name}-schedule", role=role.name, policy=grants, opts=self._child())
        return pulumi.Output.all(role.arn, policy.id).apply(lambda it: str(it[0]))

    def _request(self, work: Work, place: str) -> pulumi.Output[str]:
        """Returns the parameters of CreateProcessingJob, as JSON."""
        from sluice.evaluation.processing import remote_arguments
        from sluice.evaluation.processing_request import processing_request

        args, network = self._args, self._args.network
        arguments = remote_arguments(work.manifest, work.plan, "report.json")
        arguments += ["--variant", f"{self._endpoint}/{args.slot}", "--publish"]
        return pulumi.Output.all(
            role=self.role_arn,
            bucket=args.bucket_name,
            kms_key=args.key_arn,
            subnets=network.subnets if network else [],
            security_groups=network.security_group_ids if network else [],
            region=self._region,
            tags=self._tags,
        ).apply(
            lambda it: json.dumps(
                processing_request(
                    f"{self._jobs}-{_RUN}",
                    role=it["role"],
                    image=args.image,
                    instance_type=args.instance_type or "ml.m5.large",
                    project_uri=f"s3://{it['bucket']}/{place}",
                    output_uri=f"s3://{it['bucket']}/{self._prefix}runs/{_RUN}",
                    arguments=arguments,
                    volume_gb=_VOLUME_GB,
                    max_runtime_seconds=args.max_runtime_seconds or _DAY // 4,
                    kms_key=it["kms_key"],
                    subnets=it["subnets"],
                    security_groups=it["security_groups"],
                    environment={"AWS_REGION": it["region"], "AWS_DEFAULT_REGION": it["region"]},
                    tags=it["tags"],
                )
            )
        )

    def _schedule(
        self, request: pulumi.Output[str], role_arn: pulumi.Output[str], dead_letters: aws.sqs.Queue
    ) -> aws.scheduler.Schedule:
        return aws.scheduler.Schedule(
            self._name,
            description=f"Evaluates {self._endpoint}/{self._args.slot} again",
            schedule_expression=self._args.schedule,
            schedule_expression_timezone=self._args.time_zone or "UTC",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self._partition.apply(lambda it: f"arn:{it}:{_TARGET}"),
                "role_arn": role_arn,
                "input": request,
                "dead_letter_config": {"arn": dead_letters.arn},
                "retry_policy": {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 5},
            },
            opts=self._child(),
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)


def _jobs(endpoint: str, slot: str) -> str:
    """Returns what the names of jobs begin with: short, for SageMaker takes 63 characters and a run's id is some."""
    digest = hashlib.sha256(f"{endpoint}/{slot}".encode()).hexdigest()[:8]
    return f"{endpoint[:_JOB_PREFIX].rstrip('-')}-{digest}"
