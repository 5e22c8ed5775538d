"""Model deployments as infrastructure diffs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluice.args import ArgsModel
    from sluice.baseline_error_rate import BaselineErrorRate, BaselineErrorRateArgs
    from sluice.checkpoint_store import (
        AccessLogArgs,
        ArtifactArgs,
        CheckpointStore,
        CheckpointStoreArgs,
        RetentionArgs,
        StoredVersionArgs,
    )
    from sluice.endpoint_dashboard import EndpointDashboard, EndpointDashboardArgs
    from sluice.endpoint_role import EndpointRole, EndpointRoleArgs
    from sluice.errors import InvalidFile, InvalidInput, Problem, SluiceError
    from sluice.guard_args import QualityTriggerArgs, RollbackGuardArgs
    from sluice.hosting import (
        AsynchronousArgs,
        AutoscalingArgs,
        CaptureArgs,
        DeploymentArgs,
        DeploymentStrategy,
        MetricsArgs,
        ServerlessArgs,
        ShadowArgs,
        VariantArgs,
    )
    from sluice.journal import RolloutJournal, RolloutJournalArgs
    from sluice.live_endpoint import LiveEndpoint, LiveEndpointArgs
    from sluice.log_store import LogStore, LogStoreArgs
    from sluice.model_endpoint import ModelEndpoint, ModelEndpointArgs
    from sluice.model_package import ApprovalStatus, ModelPackage, ModelPackageArgs, PackagedContainerArgs
    from sluice.model_version import (
        ContainerMode,
        Evidence,
        ModelVersion,
        ModelVersionArgs,
        NetworkArgs,
        PinnedVersionArgs,
        RegistryAccessArgs,
    )
    from sluice.retention import StorageClass, VersionRole
    from sluice.rollback_guard import RollbackGuard
    from sluice.scheduled_args import ScheduledEvaluationArgs
    from sluice.scheduled_evaluation import ScheduledEvaluation
    from sluice.settings import (
        DashboardSettings,
        EndpointSettings,
        GuardSettings,
        ReevaluationSettings,
        SlotSettings,
        StoreSettings,
        read_settings,
    )
    from sluice.versions import DeclaredVersion, VersionsSettings, read_versions

_HOMES = {
    "ArgsModel": "args",
    "BaselineErrorRate": "baseline_error_rate",
    "BaselineErrorRateArgs": "baseline_error_rate",
    "AccessLogArgs": "checkpoint_store",
    "ArtifactArgs": "checkpoint_store",
    "CheckpointStore": "checkpoint_store",
    "CheckpointStoreArgs": "checkpoint_store",
    "RetentionArgs": "checkpoint_store",
    "StoredVersionArgs": "checkpoint_store",
    "EndpointDashboard": "endpoint_dashboard",
    "EndpointDashboardArgs": "endpoint_dashboard",
    "EndpointRole": "endpoint_role",
    "EndpointRoleArgs": "endpoint_role",
    "InvalidFile": "errors",
    "InvalidInput": "errors",
    "Problem": "errors",
    "SluiceError": "errors",
    "AsynchronousArgs": "hosting",
    "AutoscalingArgs": "hosting",
    "CaptureArgs": "hosting",
    "DeploymentArgs": "hosting",
    "DeploymentStrategy": "hosting",
    "MetricsArgs": "hosting",
    "ServerlessArgs": "hosting",
    "ShadowArgs": "hosting",
    "RolloutJournal": "journal",
    "RolloutJournalArgs": "journal",
    "LiveEndpoint": "live_endpoint",
    "LiveEndpointArgs": "live_endpoint",
    "LogStore": "log_store",
    "LogStoreArgs": "log_store",
    "ModelEndpoint": "model_endpoint",
    "ModelEndpointArgs": "model_endpoint",
    "VariantArgs": "hosting",
    "ApprovalStatus": "model_package",
    "ModelPackage": "model_package",
    "ModelPackageArgs": "model_package",
    "ContainerMode": "model_version",
    "Evidence": "model_version",
    "PackagedContainerArgs": "model_package",
    "ModelVersion": "model_version",
    "ModelVersionArgs": "model_version",
    "NetworkArgs": "model_version",
    "PinnedVersionArgs": "model_version",
    "RegistryAccessArgs": "model_version",
    "QualityTriggerArgs": "guard_args",
    "RollbackGuard": "rollback_guard",
    "RollbackGuardArgs": "guard_args",
    "ScheduledEvaluation": "scheduled_evaluation",
    "ScheduledEvaluationArgs": "scheduled_args",
    "StorageClass": "retention",
    "VersionRole": "retention",
    "DashboardSettings": "settings",
    "EndpointSettings": "settings",
    "GuardSettings": "settings",
    "ReevaluationSettings": "settings",
    "SlotSettings": "settings",
    "StoreSettings": "settings",
    "read_settings": "settings",
    "DeclaredVersion": "versions",
    "VersionsSettings": "versions",
    "read_versions": "versions",
}


def __getattr__(name: str) -> Any:
    # The command line and the errors need no Pulumi, and a program pays only for what it uses.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "AccessLogArgs",
    "ApprovalStatus",
    "ArgsModel",
    "ArtifactArgs",
    "AsynchronousArgs",
    "AutoscalingArgs",
    "BaselineErrorRate",
    "BaselineErrorRateArgs",
    "CaptureArgs",
    "CheckpointStore",
    "CheckpointStoreArgs",
    "ContainerMode",
    "DashboardSettings",
    "DeclaredVersion",
    "DeploymentArgs",
    "DeploymentStrategy",
    "EndpointDashboard",
    "EndpointDashboardArgs",
    "EndpointRole",
    "EndpointRoleArgs",
    "EndpointSettings",
    "Evidence",
    "GuardSettings",
    "InvalidFile",
    "InvalidInput",
    "LiveEndpoint",
    "LiveEndpointArgs",
    "LogStore",
    "LogStoreArgs",
    "MetricsArgs",
    "ModelEndpoint",
    "ModelEndpointArgs",
    "ModelPackage",
    "ModelPackageArgs",
    "ModelVersion",
    "ModelVersionArgs",
    "NetworkArgs",
    "PackagedContainerArgs",
    "PinnedVersionArgs",
    "Problem",
    "QualityTriggerArgs",
    "ReevaluationSettings",
    "RegistryAccessArgs",
    "RetentionArgs",
    "RollbackGuard",
    "RollbackGuardArgs",
    "RolloutJournal",
    "RolloutJournalArgs",
    "ScheduledEvaluation",
    "ScheduledEvaluationArgs",
    "ServerlessArgs",
    "ShadowArgs",
    "SlotSettings",
    "SluiceError",
    "StorageClass",
    "StoreSettings",
    "StoredVersionArgs",
    "VariantArgs",
    "VersionRole",
    "VersionsSettings",
    "read_settings",
    "read_versions",
]
