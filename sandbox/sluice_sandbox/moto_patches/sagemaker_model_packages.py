"""
Adds to SageMaker's Model Registry.

An update keeps what it leaves out (moto wipes it), packages and groups can be deleted, a version number is never given
twice, everything that was registered is told, and a group that has packages stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from sluice_sandbox.moto_patches.listing import listed
from sluice_sandbox.moto_patches.replacing import replace_methods
from sluice_sandbox.moto_patches.sagemaker import Stored, arn_of, backend_of, request_of

_KEPT_BY_UPDATES = (
    "ApprovalDescription",
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


@dataclass
class Group(Stored):
    """A group of packages."""

    last_version: int = 0


def needed() -> bool:
    return not hasattr(SageMakerModelBackend, "delete_model_package")


def apply() -> None:
    replace_methods(
        SageMakerResponse,
        create_model_package_group=create_model_package_group,
        describe_model_package_group=describe_model_package_group,
        delete_model_package_group=delete_model_package_group,
        list_model_package_groups=list_model_package_groups,
        create_model_package=create_model_package,
        describe_model_package=describe_model_package,
        update_model_package=update_model_package,
        delete_model_package=delete_model_package,
        list_model_packages=list_model_packages,
    )


def create_model_package_group(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    name = request["ModelPackageGroupName"]
    arn = arn_of(backend, "model-package-group", name)
    if name in backend.model_package_groups:
        raise ValidationError(message=f"Model Package Group already exists: {arn}")
    added = {"ModelPackageGroupArn": arn, "ModelPackageGroupStatus": "Completed", "CreatedBy": {}}
    backend.model_package_groups[name] = Group(arn, request, request.get("Tags", []), added)
    return ActionResult({"ModelPackageGroupArn": arn})


def describe_model_package_group(self: SageMakerResponse) -> ActionResult:
    return ActionResult(_group(self).described())


def delete_model_package_group(self: SageMakerResponse) -> ActionResult:
    group = _group(self)
    if any(_packages_of(self, group)):
        raise ValidationError(
            message=f"Cannot delete Model Package Group {group.arn} because it has ModelPackages in it."
        )
    del backend_of(self).model_package_groups[group.request["ModelPackageGroupName"]]
    return EmptyResult()


def list_model_package_groups(self: SageMakerResponse) -> ActionResult:
    groups = [group.described() for group in backend_of(self).model_package_groups.values()]
    return listed(request_of(self), groups, "ModelPackageGroupSummaryList", "ModelPackageGroupName")


def create_model_package(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    name, group_name = request.get("ModelPackageName"), request.get("ModelPackageGroupName")
    if name and group_name:
        raise ValidationError(message="Both ModelPackageName and ModelPackageGroupName are provided in the input.")
    if not name and not group_name:
        raise ValidationError(message="Missing ARN.")
    if request.get("InferenceSpecification") and request.get("SourceUri"):
        raise ValidationError(message="Only one of InferenceSpecification and SourceUri can be provided.")
    added: dict[str, Any] = {"ModelPackageStatus": "Completed", "ModelPackageStatusDetails": {"ValidationStatuses": []}}
    if group_name:
        if request.get("Tags"):
            raise ValidationError(message="Tags are not supported for versioned model packages; tag their group.")
        group = _group(self)
        group.last_version += 1
        name = f"{group.request['ModelPackageGroupName']}/{group.last_version}"
        added |= {
            "ModelPackageGroupName": group.request["ModelPackageGroupName"],
            "ModelPackageVersion": group.last_version,
            "ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval"),
        }
    arn = arn_of(backend, "model-package", str(name).lower())
    backend.model_packages[arn] = Stored(arn, request, request.get("Tags", []), {"ModelPackageArn": arn, **added})
    return ActionResult({"ModelPackageArn": arn})


def describe_model_package(self: SageMakerResponse) -> ActionResult:
    told = _package(self, "ModelPackageName").described()
    told.pop("ClientToken", None)
    return ActionResult(told)


def update_model_package(self: SageMakerResponse) -> ActionResult:
    package, request = _package(self, "ModelPackageArn"), request_of(self)
    package.added |= {key: request[key] for key in _KEPT_BY_UPDATES if key in request}
    before = {**package.request, **package.added}
    metadata = {**before.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        metadata.pop(key, None)
    more = [
        *before.get("AdditionalInferenceSpecifications", []),
        *request.get("AdditionalInferenceSpecificationsToAdd", []),
    ]
    package.added |= {"CustomerMetadataProperties": metadata, "LastModifiedTime": utcnow()}
    package.added |= {"AdditionalInferenceSpecifications": more} if more else {}
    return ActionResult({"ModelPackageArn": package.arn})


def delete_model_package(self: SageMakerResponse) -> ActionResult:
    del backend_of(self).model_packages[_package(self, "ModelPackageName").arn]
    return EmptyResult()


def list_model_packages(self: SageMakerResponse) -> ActionResult:
    request = request_of(self)
    packages = backend_of(self).model_packages.values()
    if "ModelPackageGroupName" in request:
        packages = list(_packages_of(self, _group(self)))
    wanted = request.get("ModelApprovalStatus")
    summaries = [
        {**told, "ModelPackageName": told.get("ModelPackageName", told["ModelPackageArn"])}
        for told in (package.described() for package in packages)
        if wanted is None or told.get("ModelApprovalStatus") == wanted
    ]
    return listed(request, summaries, "ModelPackageSummaryList", "ModelPackageName")


def _group(response: SageMakerResponse) -> Group:
    name = str(response.params["ModelPackageGroupName"]).rpartition("/")[2]
    groups = backend_of(response).model_package_groups
    if name not in groups:
        arn = arn_of(backend_of(response), "model-package-group", name)
        raise ValidationError(message=f"ModelPackageGroup {arn} does not exist.")
    found: Group = groups[name]
    return found


def _packages_of(response: SageMakerResponse, group: Group) -> Iterator[Stored]:
    name = group.request["ModelPackageGroupName"]
    for package in backend_of(response).model_packages.values():
        if package.added.get("ModelPackageGroupName") == name:
            yield package


def _package(response: SageMakerResponse, key: str) -> Stored:
    name = str(response.params[key])
    arn = name if name.startswith("arn:") else arn_of(backend_of(response), "model-package", name.lower())
    packages = backend_of(response).model_packages
    if arn not in packages:
        raise ValidationError(message=f"ModelPackage {arn} does not exist.")
    found: Stored = packages[arn]
    return found
