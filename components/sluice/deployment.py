"""Deployment guardrails as SageMaker takes them."""

from typing import Any

from sluice.hosting import DeploymentArgs, DeploymentStrategy


def deployment_config(args: DeploymentArgs | None) -> dict[str, Any] | None:
    """Returns `deploymentConfig` of an endpoint; None for SageMaker's own way, all at once and never back."""
    if args is None:
        return None
    step = {"type": "CAPACITY_PERCENT", "value": _or(args.step_percent, 10)}
    wait, most = _or(args.wait_seconds, 300), _or(args.max_seconds, 7200)
    config: dict[str, Any]
    if args.strategy is DeploymentStrategy.ROLLING:
        rolling = {"maximumBatchSize": step, "waitIntervalInSeconds": wait, "maximumExecutionTimeoutInSeconds": most}
        config = {"rollingUpdatePolicy": rolling}
    else:
        routing: dict[str, Any] = {"type": _TYPES[args.strategy], "waitIntervalInSeconds": wait}
        if args.strategy in _SIZES:
            routing[_SIZES[args.strategy]] = step
        config = {
            "blueGreenUpdatePolicy": {
                "trafficRoutingConfiguration": routing,
                "terminationWaitInSeconds": _or(args.termination_wait_seconds, 600),
                "maximumExecutionTimeoutInSeconds": most,
            }
        }
    if args.alarms:
        config["autoRollbackConfiguration"] = {"alarms": [{"alarmName": name} for name in args.alarms]}
    return config


_TYPES = {
    DeploymentStrategy.ALL_AT_ONCE: "ALL_AT_ONCE",
    DeploymentStrategy.CANARY: "CANARY",
    DeploymentStrategy.LINEAR: "LINEAR",
}
_SIZES = {DeploymentStrategy.CANARY: "canarySize", DeploymentStrategy.LINEAR: "linearStepSize"}


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
