"""Who may start scheduled evaluations, and what those may do."""

from collections.abc import Sequence

from sluice.execution_role import Statement, allow, connecting, document, pulling
from sluice.metrics import QUALITY_NAMESPACE

_JOBS_LOGS = "/aws/sagemaker/ProcessingJobs"


def scheduler_trust(partition: str, account: str, region: str) -> str:
    """
    Returns who may take the role: the scheduler, for this account's schedules.

    It can be confined to a group of schedules and not to one of them:
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    group = f"arn:{partition}:scheduler:{region}:{account}:schedule-group/default"
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": group}},
        }
    )


def starting(partition: str, account: str, region: str, jobs: str, job_role_arn: str, dead_letters_arn: str) -> str:
    """Returns what the schedule may do: start jobs of these names as that role, and leave word when it cannot."""
    named = [f"arn:{partition}:sagemaker:{region}:{account}:processing-job/{jobs}-*"]
    pass_on = allow("PassRole", ["iam:PassRole"], [job_role_arn])
    return document(
        allow("StartJobs", ["sagemaker:AddTags", "sagemaker:CreateProcessingJob"], named),
        {**pass_on, "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}},
        allow("LeaveWord", ["sqs:SendMessage"], [dead_letters_arn]),
    )


def evaluating(
    partition: str,
    account: str,
    region: str,
    endpoint: str,
    bucket: str,
    prefix: str,
    image: str,
    key_arn: str | None,
    subnets: Sequence[str] = (),
    security_groups: Sequence[str] = (),
) -> str:
    """Returns what a job may do: read its files, ask this endpoint, write its report, its figures and its logs."""
    store, logs = f"arn:{partition}:s3:::{bucket}", f"arn:{partition}:logs:{region}:{account}:log-group:{_JOBS_LOGS}"
    asked = f"arn:{partition}:sagemaker:{region}:{account}:endpoint/{endpoint}"
    listing = allow("ListFiles", ["s3:ListBucket"], [store])
    figures = allow("PublishFigures", ["cloudwatch:PutMetricData"], ["*"])
    namespaces = [QUALITY_NAMESPACE, _JOBS_LOGS]
    write_logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    statements: list[Statement] = [
        allow("ReadFiles", ["s3:GetObject"], [f"{store}/{prefix}files/*"]),
        {**listing, "Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}}},
        allow("WriteReports", ["s3:PutObject"], [f"{store}/{prefix}runs/*"]),
        allow("Ask", ["sagemaker:InvokeEndpoint"], [asked]),
        {**figures, "Condition": {"StringEquals": {"cloudwatch:namespace": namespaces}}},
        allow("WriteLogs", write_logs, [logs, f"{logs}:*"]),
        *pulling(partition, [image]),
        *connecting(partition, account, region, subnets, security_groups),
    ]
    if key_arn is not None:
        # SageMaker encrypts the job's disk by a grant.
        grant = {**allow("LetDiskUseKey", ["kms:CreateGrant"], [key_arn])}
        grant["Condition"] = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        statements += [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key_arn]), grant]
    return document(*statements)
