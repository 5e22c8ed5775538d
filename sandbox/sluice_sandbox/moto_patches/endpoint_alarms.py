"""Whether the execution role of an endpoint's models may see the alarms of a deployment."""

from typing import Any

from moto.sagemaker.exceptions import ValidationError

from sluice_sandbox.lambdas.role import Deed
from sluice_sandbox.moto_patches.role_policies import not_allowed, role_allows


def refuse_unseen(backend: Any, config_name: str, deployment: dict[str, Any] | None) -> None:
    """
    Raises ValidationError when a role that is there may not describe an alarm.

    AWS documents that the role needs the permission, and not what it says without it: the wording is IAM's own.
    """
    alarms = (deployment or {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
    for alarm in alarms:
        arn = f"arn:aws:cloudwatch:{backend.region_name}:{backend.account_id}:alarm:{alarm['AlarmName']}"
        asked = Deed("cloudwatch:DescribeAlarms", arn)
        for role in _roles(backend, config_name):
            if not role_allows(role, asked):
                raise ValidationError(message=not_allowed(role, asked))


def _roles(backend: Any, config_name: str) -> list[str]:
    variants = backend.endpoint_configs[config_name].request["ProductionVariants"]
    models = [backend._models.get(variant.get("ModelName")) for variant in variants]
    return sorted({role for model in models if model and (role := model.request.get("ExecutionRoleArn"))})
