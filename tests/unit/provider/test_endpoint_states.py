"""What is done about each state that an endpoint can be in, told by a SageMaker that says what a test has it say."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice.errors import SluiceError
from sluice.provider.endpoint_states import PASSING, RESTING, rested
from sluice.provider.live_endpoint import LiveEndpoint
from sluice.provider.work import Cancelled, Deadline, Work

INPUTS = {"name": "search", "endpointConfigName": "one", "weights": {"blue": 100}, "region": "eu-west-1"}
DOCUMENTED = {
    *("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"),
    *("InService", "OutOfService", "Failed", "UpdateRollbackFailed"),
}


class SageMaker:
    """Goes through states, one each time that it is asked, and stays in the last; counts what is changed."""

    def __init__(self, *states: str, weight: float = 100, refuses: str | None = None) -> None:
        self.states, self.weight, self.refuses = list(states), weight, refuses
        self.changed: list[str] = []

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:
        status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {
            "EndpointName": EndpointName,
            "EndpointArn": "arn",
            "EndpointConfigName": "one",
            "EndpointStatus": status,
            "ProductionVariants": [{"VariantName": "blue", "CurrentWeight": self.weight, "DesiredInstanceCount": 1}],
        }

    def update_endpoint_weights_and_capacities(self, **_: Any) -> None:
        if self.refuses is not None:
            message, self.refuses = self.refuses, None
            raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "UpdateEndpoint")
        self.changed.append("weights")
        self.weight = 100


class Soon(Work):
    """Does not wait."""

    def pause(self, seconds: float) -> None:
        if self.cancelled.is_set():
            super().pause(seconds)


def work(sagemaker: SageMaker, tell: Callable[[str], None] = lambda _: None) -> Work:
    return Soon(lambda service, region: sagemaker, tell=tell)


def brought(sagemaker: SageMaker) -> dict[str, Any]:
    """Returns the outputs of an endpoint that is brought to what is declared."""
    return LiveEndpoint().update(work(sagemaker), "search", INPUTS, INPUTS, 60)


def test_every_documented_state_is_known() -> None:
    """Those that pass and those that stay are all that SageMaker documents, and no state is both."""
    assert {*PASSING, *RESTING} == DOCUMENTED
    assert not {*PASSING} & {*RESTING}


@pytest.mark.parametrize("status", PASSING)
def test_a_state_that_passes_is_waited_for(status: str) -> None:
    """Whoever waits is told once what for."""
    told: list[str] = []
    sagemaker = SageMaker(status, status, "InService")
    found = rested(work(sagemaker, told.append), sagemaker, "search", Deadline(60))
    assert found is not None
    assert found["EndpointStatus"] == "InService"
    assert told == [f"endpoint search is {PASSING[status]}"]


@pytest.mark.parametrize("status", RESTING)
def test_a_state_that_stays_is_not(status: str) -> None:
    """It is looked at once."""
    sagemaker = SageMaker(status, "never")
    assert (rested(work(sagemaker), sagemaker, "search", Deadline(60)) or {})["EndpointStatus"] == status


def test_a_state_that_nobody_knows_ends_the_waiting() -> None:
    """Rather than to wait for ever, or to take it for a good one."""
    sagemaker = SageMaker("Dreaming")
    with pytest.raises(SluiceError, match="search is Dreaming, a state that this Sluice does not know; update Sluice"):
        rested(work(sagemaker), sagemaker, "search", Deadline(60))


def test_a_wait_ends_in_time() -> None:
    """With what goes on, and how to wait for longer."""
    sagemaker = SageMaker("SystemUpdating")
    with pytest.raises(SluiceError, match=r"still SystemUpdating after 0 s; it goes on in SageMaker.*customTimeouts"):
        rested(work(sagemaker), sagemaker, "search", Deadline(0))


def test_a_wait_can_be_broken_off() -> None:
    """At once, and it says that the next update continues."""
    sagemaker = SageMaker("Updating")
    waiting = work(sagemaker)
    waiting.cancelled.set()
    with pytest.raises(Cancelled, match="the next update continues from it"):
        rested(waiting, sagemaker, "search", Deadline(60))


def test_an_endpoint_that_serves_nobody_is_no_success() -> None:
    """It has the configuration that it should have, so that another call would change nothing."""
    sagemaker = SageMaker("OutOfService", weight=90)
    with pytest.raises(SluiceError, match=r"search is OutOfService: it takes no requests .*; declare another version"):
        brought(sagemaker)
    assert sagemaker.changed == []


@pytest.mark.parametrize("refusal", ['Cannot update in-progress endpoint "arn"', "it is currently being updated"])
def test_somebody_quicker_is_waited_for(refusal: str) -> None:
    """Autoscaling, or AWS's own maintenance, between the look and the call: it is looked at, and called, again."""
    sagemaker = SageMaker("InService", "SystemUpdating", "InService", weight=90, refuses=refusal)
    assert brought(sagemaker)["status"] == "InService"
    assert sagemaker.changed == ["weights"]


def test_any_other_refusal_is_told() -> None:
    """It is not tried again."""
    sagemaker = SageMaker("InService", weight=90, refuses="1 validation error detected")
    with pytest.raises(ClientError, match="1 validation error detected"):
        brought(sagemaker)
    assert sagemaker.changed == []
