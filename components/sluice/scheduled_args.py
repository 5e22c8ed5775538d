"""How scheduled evaluations are declared, and what is wrong with a declaration."""

import re
from collections.abc import Iterator
from zoneinfo import available_timezones

import pulumi

from sluice import traffic
from sluice.args import ArgsModel
from sluice.endpoint_role import physical_name
from sluice.errors import Problem
from sluice.instance_types import instance_type_problem
from sluice.model_version import NetworkArgs
from sluice.names import ALLOWED, is_name

_RATE = re.compile(r"rate\((?P<count>[1-9]\d*) (?P<unit>minutes?|hours?|days?)\)")
_CRON = re.compile(r"cron\((?P<fields>[^()]+)\)")
_FIELD = re.compile(r"[A-Z0-9*?,/#-]+", re.IGNORECASE)
_IMAGE = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")


class ScheduledEvaluationArgs(ArgsModel):
    """What is evaluated again, when, and by what."""

    endpoint: str
    """The name of the component ModelEndpoint."""
    slot: str
    """The slot that is asked, whatever traffic it has."""
    manifest: str
    """The manifest of the version in it, by its path in the project: it names contract and set."""
    plan: str | None = None
    """How it is asked, by its path in the project; its target gives way to the slot. Omitted: `evaluation.plan` of the
    manifest."""
    schedule: str
    """When, as EventBridge Scheduler says it: `rate(7 days)`, `cron(0 3 ? * MON *)`."""
    time_zone: str | None = None
    """The zone that `cron` is in, `Europe/Berlin`. Omitted: UTC."""
    image: str
    """The container image, by digest: a shell, Python as `python`, and Sluice with its extra `evaluation`."""
    bucket_name: pulumi.Input[str]
    """Where the files that it needs are kept, and its reports, below `evaluations/`."""
    key_arn: pulumi.Input[str] | None = None
    """The key that encrypts them, and the job's disk. Omitted: AWS's own."""
    instance_type: str | None = None
    """What the job runs on. Omitted: `ml.m5.large`."""
    max_runtime_seconds: int | None = None
    """When SageMaker stops it. Omitted: six hours."""
    network: NetworkArgs | None = None
    """The part of a VPC that it is in. Omitted: SageMaker's own network."""
    topic_arn: pulumi.Input[str] | None = None
    """The topic that hears when a job could not be started, as that of a RollbackGuard. Omitted: nobody hears."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


def scheduled_problems(args: ScheduledEvaluationArgs) -> Iterator[Problem]:
    """Yields everything that is wrong with the arguments, apart from the project's files."""
    yield from traffic.endpoint_problems(physical_name(args.endpoint))
    if not is_name(args.slot):
        yield Problem("slot", f"is {args.slot!r}; {ALLOWED}")
    yield from schedule_problems(args.schedule)
    if args.time_zone is not None and args.time_zone not in available_timezones():
        yield Problem("time_zone", f"is {args.time_zone!r}, which is no zone of the tz database; as in: Europe/Berlin")
    if not _IMAGE.fullmatch(args.image):
        yield Problem("image", f"is {args.image!r}; allowed: an image by digest, name@sha256:...")
    if args.instance_type is not None and (problem := instance_type_problem(args.instance_type)):
        yield Problem("instance_type", problem)
    if args.max_runtime_seconds is not None and not 60 <= args.max_runtime_seconds <= 432_000:
        yield Problem("max_runtime_seconds", f"is {args.max_runtime_seconds}; allowed 60 to 432000, five days")


def schedule_problems(schedule: str) -> Iterator[Problem]:
    """Yields what is wrong with a recurring schedule."""
    if (rate := _RATE.fullmatch(schedule)) is not None:
        if (rate["count"] == "1") != (not rate["unit"].endswith("s")):
            yield Problem("schedule", f"is {schedule!r}; one minute, hour or day is without s, more are with it")
        return
    cron = _CRON.fullmatch(schedule)
    if cron is None:
        yield Problem("schedule", f"is {schedule!r}; expected rate(7 days) or cron(0 3 ? * MON *)")
        return
    fields = cron["fields"].split()
    if len(fields) != 6 or not all(_FIELD.fullmatch(it) for it in fields):
        six = "minutes, hours, day of the month, month, day of the week, year"
        yield Problem("schedule", f"is {schedule!r}; cron has six fields: {six}")
    elif (fields[2] == "?") == (fields[4] == "?"):
        yield Problem("schedule", f"is {schedule!r}; one of the days, of the month or of the week, is ?")
