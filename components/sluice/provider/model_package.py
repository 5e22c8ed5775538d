"""The custom resource behind `ModelPackage`: one version in a group of SageMaker's Model Registry."""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from sluice.errors import SluiceError
from sluice.provider.account import check_account
from sluice.provider.custom_type import CustomType, Failure, Values
from sluice.provider.package_containers import container_failures, container_inputs, container_requests
from sluice.provider.properties import UNKNOWN
from sluice.provider.work import Deadline, Work
from sluice.version_metadata import is_metadata_sign

APPROVALS = ("PendingManualApproval", "Approved", "Rejected")
MAX_METADATA = 50
"""How many entries SageMaker takes."""
_MAX_KEY, _MAX_VALUE = 128, 256
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_USUAL_SECONDS = 600.0
_GONE = "does not exist"


class ModelPackage(CustomType):
    """A registered version: what it consists of stays, its approval and metadata change in place."""

    token = "sluice:index:ModelPackage"
    required = frozenset({"modelPackageGroupName", "region"})
    optional = frozenset(
        {
            "accountId",
            "approvalDescription",
            "approvalStatus",
            "containers",
            "contentTypes",
            "description",
            "image",
            "metadata",
            "metricsDigest",
            "metricsUrl",
            "modelDataUrl",
            "responseTypes",
            "sourceUri",
        }
    )
    defaults = MappingProxyType({"approvalStatus": APPROVALS[0]})
    guards = frozenset({"accountId"})
    mutable = frozenset({"approvalStatus", "approvalDescription", "metadata"})
    decided = frozenset({"arn", "version", "packageStatus"})
    stable = frozenset({"arn", "version"})

    def check_more(self, inputs: Values, old: Values) -> Iterator[Failure]:
        if sum(key in inputs for key in ("containers", "image", "sourceUri")) != 1:
            yield "", "exactly one of containers, image, sourceUri says what the package is of"
        yield from container_failures(inputs.get("containers"))
        for key, needs in (("modelDataUrl", "image"), ("metricsDigest", "metricsUrl")):
            if key in inputs and needs not in inputs:
                yield key, f"means nothing without {needs}"
        yield from _choice("approvalStatus", inputs.get("approvalStatus"), APPROVALS)
        digest = inputs.get("metricsDigest")
        if isinstance(digest, str) and not _DIGEST.fullmatch(digest):
            yield "metricsDigest", f"is {digest!r}; expected sha256: and 64 hexadecimal digits"
        metadata = inputs.get("metadata")
        if isinstance(metadata, dict):
            yield from _metadata_failures(metadata)

    def create(self, work: Work, inputs: Values, timeout: float) -> tuple[str, Values]:
        sagemaker = work.client("sagemaker", inputs["region"])
        check_account(work.client, inputs)
        arn = sagemaker.create_model_package(**_request(inputs))["ModelPackageArn"]
        described = _await(work, sagemaker, arn, Deadline(timeout or _USUAL_SECONDS))
        if "approvalDescription" in inputs:
            _describe_approval(sagemaker, arn, inputs)
        return arn, _decided(described)

    def read(self, work: Work, identity: str, inputs: Values) -> Values | None:
        described = _describe(work.client("sagemaker", _region_of(identity)), identity)
        return None if described is None else {**_inputs(described), **_decided(described)}

    def update(self, work: Work, identity: str, old: Values, new: Values, timeout: float) -> Values:
        sagemaker = work.client("sagemaker", _region_of(identity))
        before, after = old.get("metadata") or {}, new.get("metadata") or {}
        change: dict[str, Any] = {
            "ModelApprovalStatus": new["approvalStatus"],
            # What is left out stays as it is; no text is how it is taken back.
            "ApprovalDescription": new.get("approvalDescription", ""),
        }
        if set_ := {key: value for key, value in after.items() if before.get(key) != value}:
            change["CustomerMetadataProperties"] = set_
        if gone := sorted(before.keys() - after.keys()):
            change["CustomerMetadataPropertiesToRemove"] = gone
        sagemaker.update_model_package(ModelPackageArn=identity, **change)
        described = _describe(sagemaker, identity)
        if described is None:
            raise SluiceError(f"the model package {identity} is gone; run: pulumi refresh")
        return _decided(described)

    def delete(self, work: Work, identity: str, outputs: Values, timeout: float) -> None:
        try:
            work.client("sagemaker", _region_of(identity)).delete_model_package(ModelPackageName=identity)
        except ClientError as error:
            if not _is_gone(error):
                raise


def _describe_approval(sagemaker: Any, arn: str, inputs: Values) -> None:
    """Says why it is approved, which SageMaker takes in an update alone; without it there is no package."""
    approval = {"ModelApprovalStatus": inputs["approvalStatus"], "ApprovalDescription": inputs["approvalDescription"]}
    try:
        sagemaker.update_model_package(ModelPackageArn=arn, **approval)
    except ClientError:
        sagemaker.delete_model_package(ModelPackageName=arn)
        raise


def _request(inputs: Values) -> Values:
    request: Values = {
        "ModelPackageGroupName": inputs["modelPackageGroupName"],
        "ModelPackageDescription": inputs.get("description"),
        "ModelApprovalStatus": inputs["approvalStatus"],
        "CustomerMetadataProperties": inputs.get("metadata") or None,
        "SourceUri": inputs.get("sourceUri"),
    }
    if containers := container_requests(inputs):
        specification = {
            "Containers": containers,
            "SupportedContentTypes": inputs.get("contentTypes"),
            "SupportedResponseMIMETypes": inputs.get("responseTypes"),
        }
        request["InferenceSpecification"] = _without_none(specification)
    if "metricsUrl" in inputs:
        source = {
            "ContentType": "application/json",
            "S3Uri": inputs["metricsUrl"],
            "ContentDigest": inputs.get("metricsDigest"),
        }
        request["ModelMetrics"] = {"ModelQuality": {"Statistics": _without_none(source)}}
    return _without_none(request)


def _inputs(described: Values) -> Values:
    specification = described.get("InferenceSpecification") or {}
    metrics = described.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    told = {
        "modelPackageGroupName": described["ModelPackageGroupName"],
        "region": _region_of(described["ModelPackageArn"]),
        "description": described.get("ModelPackageDescription"),
        **container_inputs(specification.get("Containers") or []),
        "contentTypes": specification.get("SupportedContentTypes"),
        "responseTypes": specification.get("SupportedResponseMIMETypes"),
        "sourceUri": described.get("SourceUri"),
        "approvalStatus": described.get("ModelApprovalStatus"),
        "approvalDescription": described.get("ApprovalDescription"),
        "metadata": described.get("CustomerMetadataProperties"),
        "metricsUrl": metrics.get("S3Uri"),
        "metricsDigest": metrics.get("ContentDigest"),
    }
    return {key: value for key, value in told.items() if value}


def _decided(described: Values) -> Values:
    return {
        "arn": described["ModelPackageArn"],
        "version": described["ModelPackageVersion"],
        "packageStatus": described["ModelPackageStatus"],
    }


def _await(work: Work, sagemaker: Any, arn: str, deadline: Deadline) -> Values:
    """Returns the description of a package that is complete; one that failed is taken away again."""
    while True:
        described = _describe(sagemaker, arn)
        if described is None:
            raise SluiceError(f"the model package {arn} was deleted while it was being made; run again")
        status = described["ModelPackageStatus"]
        if status == "Completed":
            return described
        if status == "Failed":
            reasons = described.get("ModelPackageStatusDetails", {}).get("ValidationStatuses", [])
            why = "; ".join(reason["FailureReason"] for reason in reasons if reason.get("FailureReason"))
            sagemaker.delete_model_package(ModelPackageName=arn)
            raise SluiceError(f"SageMaker could not make the model package: {why or 'it gives no reason'}")
        if not deadline.wait(work):
            raise SluiceError(
                f"the model package {arn} is still {status} after {deadline.seconds:g} s; when it is Completed, import "
                "it, or delete it and run again"
            )


def _describe(sagemaker: Any, arn: str) -> Values | None:
    try:
        described: Values = sagemaker.describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        if _is_gone(error):
            return None
        raise
    return described


def _is_gone(error: ClientError) -> bool:
    return _GONE in error.response["Error"]["Message"]


def _region_of(arn: str) -> str:
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "sagemaker" or not parts[5].startswith("model-package/"):
        raise SluiceError(
            f"{arn!r} is no model package; expected arn:aws:sagemaker:<region>:<account>:model-package/<group>/<number>"
        )
    return parts[3]


def _choice(key: str, value: Any, allowed: tuple[str, ...]) -> Iterator[Failure]:
    if value is not None and value is not UNKNOWN and value not in allowed:
        yield key, f"is {value!r}; allowed: {', '.join(allowed)}"


def _metadata_failures(metadata: Values) -> Iterator[Failure]:
    if len(metadata) > MAX_METADATA:
        yield "metadata", f"has {len(metadata)} entries; SageMaker takes {MAX_METADATA}"
    for key, value in metadata.items():
        if value is UNKNOWN:
            continue
        for what, text, longest in (("key", key, _MAX_KEY), ("value", value, _MAX_VALUE)):
            if not isinstance(text, str) or not 1 <= len(text) <= longest:
                yield f"metadata.{key}", f"has a {what} that is not a text of 1 to {longest} characters"
            elif wrong := "".join(sorted({sign for sign in text if not is_metadata_sign(sign)})):
                yield (
                    f"metadata.{key}",
                    f"has {wrong!r} in its {what}; allowed: letters, digits, spaces and _.:/=+-@",
                )


def _without_none(values: Values) -> Values:
    return {key: value for key, value in values.items() if value is not None}
