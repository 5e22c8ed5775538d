"""What the sandbox adds to moto's Model Registry, as clients of AWS see it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.cases.case import IMAGE
from tests.sandbox.aws.conftest import Client

SPECIFICATION = {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://store/v1/model.tar.gz"}]}


@pytest.fixture
def registry(client: Client) -> Any:
    """A client, with the group `digits`."""
    made = client("sagemaker")
    made.create_model_package_group(ModelPackageGroupName="digits")
    return made


def _register(registry: Any, **more: Any) -> str:
    arn: str = registry.create_model_package(
        ModelPackageGroupName="digits", InferenceSpecification=SPECIFICATION, **more
    )["ModelPackageArn"]
    return arn


def test_an_update_keeps_what_it_leaves_out(registry: Any) -> None:
    """Approving a package touches neither its metadata nor what it consists of; metadata is merged, key by key."""
    arn = _register(registry, CustomerMetadataProperties={"team": "ml", "run": "7"})
    registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="good")
    registry.update_model_package(
        ModelPackageArn=arn, CustomerMetadataProperties={"run": "8"}, CustomerMetadataPropertiesToRemove=["team"]
    )
    told = registry.describe_model_package(ModelPackageName=arn)
    assert (told["ModelApprovalStatus"], told["ApprovalDescription"]) == ("Approved", "good")
    assert told["CustomerMetadataProperties"] == {"run": "8"}
    assert told["InferenceSpecification"]["Containers"][0]["Image"] == IMAGE


def test_a_version_is_never_given_twice(registry: Any) -> None:
    """The next package after a deleted one has the next number."""
    first = _register(registry)
    registry.delete_model_package(ModelPackageName=first)
    assert _register(registry) == first.removesuffix("/1") + "/2"
    with pytest.raises(ClientError, match="does not exist"):
        registry.describe_model_package(ModelPackageName=first)


def test_a_group_with_packages_stays(registry: Any) -> None:
    """It can be deleted once they are gone."""
    arn = _register(registry)
    with pytest.raises(ClientError, match="has ModelPackages"):
        registry.delete_model_package_group(ModelPackageGroupName="digits")
    registry.delete_model_package(ModelPackageName=arn)
    registry.delete_model_package_group(ModelPackageGroupName="digits")
    assert registry.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"ModelPackageName": "alone", "ModelPackageGroupName": "digits"}, "Both"),
        ({"ModelPackageDescription": "nothing"}, "Missing ARN"),
        ({"ModelPackageGroupName": "letters"}, "does not exist"),
        ({"ModelPackageGroupName": "digits", "InferenceSpecification": SPECIFICATION, "SourceUri": "x"}, "Only one"),
        ({"ModelPackageGroupName": "digits", "Tags": [{"Key": "a", "Value": "b"}]}, "tag their group"),
    ],
)
def test_what_the_registry_refuses(registry: Any, wrong: dict[str, Any], reason: str) -> None:
    """A package has a name or a group that is there, one origin, and in a group no tags of its own."""
    with pytest.raises(ClientError, match=reason):
        registry.create_model_package(**wrong)


def test_packages_are_listed_by_group_and_approval(registry: Any) -> None:
    """What is asked for, and nothing else."""
    registry.create_model_package_group(ModelPackageGroupName="letters")
    registry.create_model_package(ModelPackageGroupName="letters", InferenceSpecification=SPECIFICATION)
    approved = _register(registry, ModelApprovalStatus="Approved")
    pending = _register(registry)

    def listed(**asked: Any) -> set[str]:
        packages = registry.list_model_packages(ModelPackageGroupName="digits", **asked)["ModelPackageSummaryList"]
        return {package["ModelPackageArn"] for package in packages}

    assert listed() == {approved, pending}
    assert listed(ModelApprovalStatus="Approved") == {approved}
