"""The registry's entry of a version, from registration to deletion."""

import asyncio
import re
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.provider.experimental import provider as sdk

from sluice import ModelPackage, ModelPackageArgs
from sluice.provider.properties import to_properties
from sluice.provider.protocol import DiffRequest
from sluice.provider.resources import ResourceProvider
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.components.conftest import REGION, ClientOf

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"
FIRST: dict[str, Any] = {
    "image": IMAGE,
    "model_data_url": "s3://store/v1/model.tar.gz",
    "metadata": {"sluice:version": "digits@1", "metric.accuracy": "0.97"},
}


@pytest.fixture
def stack(sandbox: Sandbox) -> SandboxStack:
    """A stack that has registered one package, `it`."""
    made = sandbox.stack(_program(FIRST), {"aws:region": REGION})
    made.up()
    return made


def _program(given: dict[str, Any], **options: Any) -> Any:
    def declare() -> None:
        group = aws.sagemaker.ModelPackageGroup("digits", model_package_group_name="digits")
        args = {"model_package_group_name": group.model_package_group_name, "region": REGION, **given}
        ModelPackage("it", ModelPackageArgs(**args), pulumi.ResourceOptions(**options))

    return declare


SEVERAL: dict[str, Any] = {
    "image": None,
    "model_data_url": None,
    "containers": [
        {"name": "features", "image": IMAGE, "environment": {"SCALE": "16"}},
        {"name": "classifier", "image": IMAGE, "model_data_url": "s3://store/v1/model.tar.gz"},
    ],
}


def _change(stack: SandboxStack, **given: Any) -> Any:
    """Declares something else, and returns what up did to the package, which then is settled."""
    stack.declare(_program({**FIRST, **given}))
    foreseen = stack.preview().step("it")
    step = stack.up().step("it")
    assert (step.op, step.changes) == (foreseen.op, foreseen.changes)
    assert not stack.refresh().changed
    assert not stack.up().changed
    return step


def _described(stack: SandboxStack, client: ClientOf) -> dict[str, Any]:
    (arn,) = [it.id for it in stack.state().resources if it.name == "it"]
    described: dict[str, Any] = client("sagemaker").describe_model_package(ModelPackageName=arn)
    return described


def test_a_package_is_registered_and_stays(stack: SandboxStack, client: ClientOf) -> None:
    """It is pending, has what was declared, and a second update and a refresh find nothing to do."""
    described = _described(stack, client)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == FIRST["model_data_url"]
    assert described["CustomerMetadataProperties"] == FIRST["metadata"]
    assert not stack.up().changed
    assert not stack.refresh().changed


def test_approval_and_metadata_change_in_place(stack: SandboxStack, client: ClientOf) -> None:
    """The package keeps its number; of the metadata, what is no longer declared goes."""
    arn = _described(stack, client)["ModelPackageArn"]
    step = _change(
        stack,
        approval_status="Approved",
        approval_description="accuracy holds",
        metadata={"sluice:version": "digits@1", "metric.recall": "0.9"},
    )
    assert step.op == "update"
    assert set(step.changes) == {
        "approvalStatus",
        "approvalDescription",
        'metadata["metric.accuracy"]',
        'metadata["metric.recall"]',
    }
    described = _described(stack, client)
    assert described["ModelPackageArn"] == arn
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"] == {"sluice:version": "digits@1", "metric.recall": "0.9"}
    assert _change(stack, metadata={}).op == "update"
    assert "ApprovalDescription" not in {key for key, value in _described(stack, client).items() if value}


def test_a_package_can_be_approved_from_the_start(sandbox: Sandbox, client: ClientOf) -> None:
    """With the reason, which SageMaker does not take on creation; a refresh finds both."""
    given = {**FIRST, "approval_status": "Approved", "approval_description": "accuracy holds"}
    stack = sandbox.stack(_program(given), {"aws:region": REGION})
    stack.up()
    described = _described(stack, client)
    assert (described["ModelApprovalStatus"], described["ApprovalDescription"]) == ("Approved", "accuracy holds")
    assert not stack.refresh().changed


def test_several_containers_are_registered_each(stack: SandboxStack, client: ClientOf) -> None:
    """In their order, with their names; nothing is left to do then, and others would be another package."""
    assert _change(stack, **SEVERAL).op == "replace"
    told = _described(stack, client)["InferenceSpecification"]["Containers"]
    assert [(it["ContainerHostname"], it["Image"]) for it in told] == [("features", IMAGE), ("classifier", IMAGE)]
    assert [it.get("ModelDataUrl") for it in told] == [None, "s3://store/v1/model.tar.gz"]
    assert told[0]["Environment"] == {"SCALE": "16"}
    assert _change(stack, **{**SEVERAL, "containers": SEVERAL["containers"][::-1]}).op == "replace"


@pytest.mark.parametrize(
    "changed",
    [
        {"image": IMAGE.replace("a" * 64, "b" * 64)},
        {"model_data_url": "s3://store/v2/model.tar.gz"},
        {"description": "Digits."},
        {"content_types": ["application/json"], "response_types": ["application/json"]},
        {"metrics_url": "s3://store/v1/report.json", "metrics_digest": f"sha256:{'c' * 64}"},
        {"image": None, "model_data_url": None, "source_uri": "openai/gpt-4o-2024-08-06"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_it_consists_of_makes_another(stack: SandboxStack, client: ClientOf, changed: dict[str, Any]) -> None:
    """The new package has the next number, and the old one goes when the new one is there."""
    before = _described(stack, client)["ModelPackageVersion"]
    step = _change(stack, **changed)
    assert step.op == "replace"
    assert _described(stack, client)["ModelPackageVersion"] == before + 1
    listed = client("sagemaker").list_model_packages(ModelPackageGroupName="digits")["ModelPackageSummaryList"]
    assert len(listed) == 1


def test_a_change_behind_our_back_shows_as_drift(stack: SandboxStack, client: ClientOf) -> None:
    """A refresh shows who rejected it and what was added, and the next update puts it right."""
    arn = _described(stack, client)["ModelPackageArn"]
    client("sagemaker").update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Rejected",
        ApprovalDescription="no",
        CustomerMetadataProperties={"metric.accuracy": "1.0", "by": "somebody"},
    )
    refreshed = stack.refresh().step("it")
    assert set(refreshed.changes) == {
        "approvalStatus",
        "approvalDescription",
        'metadata["metric.accuracy"]',
        "metadata.by",
    }
    assert stack.up().step("it").op == "update"
    assert _described(stack, client)["CustomerMetadataProperties"] == FIRST["metadata"]
    assert not stack.refresh().changed


def test_a_package_that_somebody_deleted_is_made_again(stack: SandboxStack, client: ClientOf) -> None:
    """A refresh forgets it; the next update registers it under the next number."""
    client("sagemaker").delete_model_package(ModelPackageName=_described(stack, client)["ModelPackageArn"])
    assert stack.refresh().step("it").op == "delete"
    assert stack.up().step("it").op == "create"
    assert _described(stack, client)["ModelPackageVersion"] == 2


def test_destruction_is_content_with_a_package_that_is_gone(stack: SandboxStack, client: ClientOf) -> None:
    """That somebody was quicker is as good."""
    client("sagemaker").delete_model_package(ModelPackageName=_described(stack, client)["ModelPackageArn"])
    stack.destroy()
    assert client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_a_package_that_others_registered_can_be_taken_over(client: ClientOf) -> None:
    """Read by its ARN alone, it has the inputs that a program would declare: nothing differs."""
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="digits")
    arn = sagemaker.create_model_package(ModelPackageGroupName="digits", SourceUri="openai/gpt-4o-2024-08-06")
    identity = arn["ModelPackageArn"]
    provider = ResourceProvider(lambda service, region: client(service), lambda: REGION)
    urn = "urn:pulumi:test::test::sluice:index:ModelPackage::it"
    declared = to_properties({"modelPackageGroupName": "digits", "sourceUri": "openai/gpt-4o-2024-08-06"})

    async def differences() -> list[str]:
        read = await provider.read(sdk.ReadRequest(urn, identity, {}, {}))
        assert read.resource_id == identity
        checked = await provider.check(sdk.CheckRequest(urn, read.inputs, declared, b""))
        asked = DiffRequest(urn, identity, read.properties, checked.inputs, [], read.inputs)
        return (await provider.diff(asked)).diffs

    assert asyncio.run(differences()) == []


def test_another_account_is_refused(sandbox: Sandbox, client: ClientOf) -> None:
    """With credentials of one account nothing is registered for a stack of another."""
    stack = sandbox.stack(_program({**FIRST, "account_id": "210987654321"}), {"aws:region": REGION})
    with pytest.raises(UpdateFailed, match=r"accountId is 210987654321, .* are of 123456789012; set AWS_PROFILE"):
        stack.up()
    assert client("sagemaker").list_model_packages(ModelPackageGroupName="digits")["ModelPackageSummaryList"] == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"image": None, "model_data_url": None}, "exactly one of containers, image, sourceUri"),
        ({"source_uri": "openai/x"}, "exactly one of containers, image, sourceUri"),
        ({"image": None, "source_uri": "openai/x"}, "modelDataUrl.* means nothing without image"),
        ({"containers": SEVERAL["containers"]}, "exactly one of containers, image, sourceUri"),
        ({**SEVERAL, "containers": SEVERAL["containers"][:1]}, "containers.* are 1; allowed 2 to 15; a single one"),
        ({**SEVERAL, "containers": SEVERAL["containers"] * 8}, "containers.* are 16; allowed 2 to 15"),
        (
            {**SEVERAL, "containers": [{"name": "a_b", "image": IMAGE}, SEVERAL["containers"][0]]},
            r"containers\[0\].name.* is 'a_b'; allowed: up to 63",
        ),
        (
            {**SEVERAL, "containers": [SEVERAL["containers"][0]] * 2},
            r"containers\[1\].name.* is 'features', as another one is; names are unique",
        ),
        ({**SEVERAL, "model_data_url": "s3://a/b"}, "modelDataUrl.* means nothing without image"),
        ({"metrics_digest": "sha256:1"}, "metricsDigest.* means nothing without metricsUrl"),
        ({"metrics_url": "s3://a/b", "metrics_digest": "1"}, "metricsDigest.* is '1'; expected sha256: and 64"),
        ({"approval_status": "Fine"}, "approval_status"),
        ({"metadata": {"owner": "#ml"}}, "metadata.owner.* has '#' in its value; allowed: letters"),
        ({"metadata": {"owner": ""}}, "metadata.owner.* not a text of 1 to 256"),
        ({"metadata": {"owner": "x" * 257}}, "metadata.owner.* not a text of 1 to 256"),
        ({"metadata": {f"key{i}": "1" for i in range(51)}}, "has 51 entries; SageMaker takes 50"),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_at_preview(
    sandbox: Sandbox, wrong: dict[str, Any], reason: str
) -> None:
    """The message names the property and what is allowed; nothing is made."""
    stack = sandbox.stack(_program({**FIRST, **wrong}), {"aws:region": REGION})
    preview = stack.preview()
    assert not preview.succeeded
    assert re.search(reason, str(preview.errors()), re.DOTALL), preview.errors()


def test_without_a_region_it_says_so(sandbox: Sandbox) -> None:
    """The environment of whoever runs Pulumi may name one; where nothing does, the preview fails."""
    preview = sandbox.stack(_program({**FIRST, "region": None}), {"aws:region": REGION}).preview()
    assert "region" in str(preview.errors())
    assert "is missing" in str(preview.errors())
