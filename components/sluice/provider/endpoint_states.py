"""An endpoint's states, what each means, and how to wait until it rests."""

from typing import Any

from botocore.exceptions import ClientError

from sluice.errors import SluiceError
from sluice.provider.custom_type import Values
from sluice.provider.work import Deadline, Work

PASSING = {
    "Creating": "being created",
    "Updating": "being updated",
    "SystemUpdating": "being maintained by AWS",
    "RollingBack": "going back to its former configuration",
    "Deleting": "being deleted",
}
"""States that end by themselves; until then SageMaker takes no other change."""
RESTING = ("InService", "OutOfService", "Failed", "UpdateRollbackFailed")
_BUSY = ("in-progress", "currently being", "ResourceInUse")


def describe(sagemaker: Any, name: str) -> Values | None:
    """Returns what SageMaker says of an endpoint, or None when there is none of that name."""
    try:
        described: Values = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if error.response["Error"]["Message"].startswith("Could not find"):
            return None
        raise
    return described


def rested(work: Work, sagemaker: Any, name: str, deadline: Deadline) -> Values | None:
    """
    Returns an endpoint once nothing is under way with it, or None when there is none.

    Raises SluiceError when the time is over, and Cancelled.
    """
    told = None
    while True:
        described = describe(sagemaker, name)
        status = described["EndpointStatus"] if described is not None else None
        if described is None or status in RESTING:
            return described
        if status not in PASSING:
            raise SluiceError(f"the endpoint {name} is {status}, a state that this Sluice does not know; update Sluice")
        if status != told:
            work.tell(f"endpoint {name} is {PASSING[str(status)]}")
            told = status
        if not deadline.wait(work):
            raise SluiceError(
                f"the endpoint {name} is still {status} after {deadline.seconds:g} s; it goes on in SageMaker, and the "
                "next update continues from it; for more time set customTimeouts"
            )


def is_busy(error: ClientError) -> bool:
    """True when SageMaker refuses a change because of another that is under way."""
    problem = error.response["Error"]
    return any(word in problem["Message"] or word in problem["Code"] for word in _BUSY)


def mixed(name: str, described: Values) -> SluiceError:
    """Returns what is to be said of an endpoint whose own rollback failed."""
    return SluiceError(
        f"the endpoint {name} is UpdateRollbackFailed: SageMaker could not go back, and a mix of configurations serves "
        f"({reason(described)}). Nothing was changed. See which variants answer, then delete it, or ask AWS's support"
    )


def out_of_service(name: str, described: Values) -> SluiceError:
    """Returns what is to be said of an endpoint that has the configuration that it should have, and serves nobody."""
    return SluiceError(
        f"the endpoint {name} is OutOfService: it takes no requests ({reason(described)}). Its configuration is "
        "the declared one, and nothing was changed; declare another version or instance type, or delete it"
    )


def reason(described: Values) -> str:
    """Returns why something failed, in SageMaker's words."""
    return str(described.get("FailureReason") or "SageMaker gives no reason").rstrip(".")
