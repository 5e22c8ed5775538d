"""Model deployments as infrastructure diffs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluice.args import ArgsModel
    from sluice.checkpoint_store import (
        AccessLogArgs,
        ArtifactArgs,
        CheckpointStore,
        CheckpointStoreArgs,
        RetentionArgs,
        StoredVersionArgs,
    )
    from sluice.errors import InvalidFile, InvalidInput, Problem, SluiceError
    from sluice.model_endpoint import ModelEndpoint, ModelEndpointArgs, VariantArgs
    from sluice.model_package import ApprovalStatus, ModelPackage, ModelPackageArgs
    from sluice.retention import StorageClass, VersionRole
    from sluice.settings import EndpointSettings, SlotSettings, in_use, read_settings

_HOMES = {
    "ArgsModel": "args",
    "AccessLogArgs": "checkpoint_store",
    "ArtifactArgs": "checkpoint_store",
    "CheckpointStore": "checkpoint_store",
    "CheckpointStoreArgs": "checkpoint_store",
    "RetentionArgs": "checkpoint_store",
    "StoredVersionArgs": "checkpoint_store",
    "InvalidFile": "errors",
    "InvalidInput": "errors",
    "Problem": "errors",
    "SluiceError": "errors",
    "ModelEndpoint": "model_endpoint",
    "ModelEndpointArgs": "model_endpoint",
    "VariantArgs": "model_endpoint",
    "ApprovalStatus": "model_package",
    "ModelPackage": "model_package",
    "ModelPackageArgs": "model_package",
    "StorageClass": "retention",
    "VersionRole": "retention",
    "EndpointSettings": "settings",
    "SlotSettings": "settings",
    "in_use": "settings",
    "read_settings": "settings",
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
    "CheckpointStore",
    "CheckpointStoreArgs",
    "EndpointSettings",
    "InvalidFile",
    "InvalidInput",
    "ModelEndpoint",
    "ModelEndpointArgs",
    "ModelPackage",
    "ModelPackageArgs",
    "Problem",
    "RetentionArgs",
    "SlotSettings",
    "SluiceError",
    "StorageClass",
    "StoredVersionArgs",
    "VariantArgs",
    "VersionRole",
    "in_use",
    "read_settings",
]
