"""What to say when SageMaker may not look at the alarms of a deployment."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from sluice.errors import SluiceError
from sluice.provider.custom_type import Values


def alarm_names(inputs: Values) -> list[str]:
    """Returns the names of the alarms that a deployment of this endpoint heeds."""
    rollback = (inputs.get("deploymentConfig") or {}).get("autoRollbackConfiguration") or {}
    return [alarm["alarmName"] for alarm in rollback.get("alarms") or []]


def unseen(inputs: Values, told: str) -> str:
    """
    Returns what to do about alarms that the execution role may not see; nothing when SageMaker told of another thing.

    Which role that is only its models know, so that no preview can tell. AWS documents the permission and no wording of
    its lack; IAM's own wording names the action.
    """
    names = alarm_names(inputs)
    if not names or "DescribeAlarms" not in told:
        return ""
    return (
        f"SageMaker looks at the alarms of a deployment ({', '.join(names)}) as the execution role of the endpoint's "
        "models: allow that role cloudwatch:DescribeAlarms on them, as EndpointRole does when its `alarms` name them"
    )


@contextmanager
def telling_of_unseen_alarms(inputs: Values) -> Iterator[None]:
    """Turns SageMaker's refusal of alarms that it may not see into a SluiceError that says what is missing."""
    try:
        yield
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if not (fix := unseen(inputs, message)):
            raise
        raise SluiceError(f"SageMaker refuses the endpoint {inputs['name']}: {message.rstrip('.')}. {fix}") from error
