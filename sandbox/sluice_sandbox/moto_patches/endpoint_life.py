"""An endpoint of SageMaker and the states that it passes through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import utcnow

from sluice_sandbox.moto_patches import durations, fates

Variant = dict[str, Any]
BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
"""States that end by themselves."""


@dataclass
class Serving:
    """What an endpoint runs: a configuration, and what became of its variants since."""

    config_name: str
    variants: list[Variant]
    shadows: list[Variant]
    capture: dict[str, Any] | None
    asynchronous: dict[str, Any] | None


@dataclass
class Endpoint:
    """An endpoint and what is under way with it."""

    arn: str
    name: str
    live: Serving
    tags: list[dict[str, str]]
    status: str = "Creating"
    ready_at: datetime = field(default_factory=utcnow)
    next: Serving | None = None
    """What it will run once the present update is done."""
    deployment: dict[str, Any] | None = None
    alarms: Callable[[list[str]], list[str]] = field(default=lambda names: [])
    """Returns which of some alarms are in ALARM."""
    failure: str | None = None
    stuck: bool = False
    """True while it goes back in vain."""
    creation_time: datetime = field(default_factory=utcnow)
    last_modified: datetime = field(default_factory=utcnow)

    def begin(self, status: str, duration: str, then: Serving | None) -> None:
        self.status, self.next = status, then
        self.last_modified = utcnow()
        self.ready_at = utcnow() + timedelta(seconds=durations.seconds(duration))

    def settle(self) -> bool:
        """Lets happen what is due; returns False when the endpoint is no more."""
        while self.status in BUSY and utcnow() >= self.ready_at:
            if self.status == "Deleting":
                return False
            self.last_modified = self.ready_at
            self._pass()
        return True

    def _pass(self) -> None:
        """Goes from a passing state to the one that follows it."""
        moving = self.next is not None and self.next.config_name != self.live.config_name
        if self.status == "Creating" and (fate := fates.take(self.name, "create-fails")):
            self.status, self.failure = "Failed", fate.reason
        elif self.status == "Updating" and moving and (why := self._objection()):
            self.next, self.failure = None, why
            self.status = "RollingBack"
            self.ready_at += timedelta(seconds=durations.seconds("endpoint-rollback"))
        elif self.status == "RollingBack" and self.stuck:
            self.status, self.stuck = "UpdateRollbackFailed", False
        else:
            self.failure = self.failure if self.status == "RollingBack" else None
            self.live, self.next = self.next or self.live, None
            self.status = "InService"

    def _objection(self) -> str | None:
        """Returns why an update is not kept: somebody said so, or an alarm that watches it."""
        fate = fates.take(self.name, "update-rolls-back", "rollback-fails")
        if fate is not None:
            self.stuck = fate.kind == "rollback-fails"
            return fate.reason
        watching = (self.deployment or {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
        ringing = self.alarms([alarm["AlarmName"] for alarm in watching])
        return f"Alarm(s) in ALARM state during the deployment: {', '.join(ringing)}" if ringing else None

    def described(self) -> dict[str, Any]:
        serving = self.live
        told: dict[str, Any] = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": serving.config_name,
            "EndpointStatus": self.status,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified,
            "LastDeploymentConfig": self.deployment,
            "AsyncInferenceConfig": serving.asynchronous,
            "FailureReason": self.failure,
        }
        # While it is created, no variant serves yet.
        if self.status not in ("Creating", "Failed"):
            told["ProductionVariants"] = serving.variants
            told["ShadowProductionVariants"] = serving.shadows or None
        if serving.capture is not None:
            told["DataCaptureConfig"] = {
                "EnableCapture": serving.capture.get("EnableCapture", False),
                "CaptureStatus": "Started" if serving.capture.get("EnableCapture") else "Stopped",
                "CurrentSamplingPercentage": serving.capture["InitialSamplingPercentage"],
                "DestinationS3Uri": serving.capture["DestinationS3Uri"],
                "KmsKeyId": serving.capture.get("KmsKeyId", ""),
            }
        return {key: value for key, value in told.items() if value is not None}
