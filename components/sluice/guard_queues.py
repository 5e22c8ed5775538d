"""The queues of a guard: where an event waits while the endpoint is busy, and where it goes when nothing helps."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

_AGAIN_SECONDS = 90
"""Longer than the function may run, as Lambda demands."""
_MOST_TIMES = 300
"""Some more than six hours of tries: within those the handler gives up by itself, and says so."""
_DAY = 86_400


class GuardQueues:
    """Retry queue and dead-letter queue, both encrypted."""

    def __init__(
        self, name: str, key: pulumi.Output[str], tags: dict[str, pulumi.Input[str]], options: pulumi.ResourceOptions
    ) -> None:
        self._name, self._options = name, options
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            kms_master_key_id=key,
            message_retention_seconds=14 * _DAY,
            tags=tags,
            opts=options,
        )
        redrive = self.dead_letters.arn.apply(
            lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": _MOST_TIMES})
        )
        self.retries = aws.sqs.Queue(
            f"{name}-retries",
            kms_master_key_id=key,
            visibility_timeout_seconds=_AGAIN_SECONDS,
            message_retention_seconds=_DAY,
            redrive_policy=redrive,
            tags=tags,
            opts=options,
        )

    def feed(self, function: aws.lambda_.Function, policy: Any) -> None:
        """
        Lets the function be fed from the retry queue, and puts there what Lambda itself has given up.

        A message stays in the queue until it is handled, so that no function sends to itself: Lambda stops such loops
        after 16 rounds.
        """
        options = pulumi.ResourceOptions.merge(self._options, pulumi.ResourceOptions(depends_on=[policy]))
        aws.lambda_.EventSourceMapping(
            self._name,
            event_source_arn=self.retries.arn,
            function_name=function.name,
            batch_size=1,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": 2},
            opts=options,
        )
        aws.lambda_.FunctionEventInvokeConfig(
            self._name,
            function_name=function.name,
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=21_600,
            destination_config={"on_failure": {"destination": self.retries.arn}},
            opts=options,
        )
