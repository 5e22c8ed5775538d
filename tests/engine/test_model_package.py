"""Both engines manage a registered version alike."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.support.cli import CliStack
from tests.support.serving import served

REGION = "eu-west-1"
PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
from sluice import ModelPackage, ModelPackageArgs

given = json.loads(pulumi.Config().require("package"))
options = pulumi.ResourceOptions(import_=given.pop("import", None))
group = aws.sagemaker.ModelPackageGroup("group", model_package_group_name=pulumi.Config().require("group"))
args = ModelPackageArgs(model_package_group_name=group.model_package_group_name, region="eu-west-1", **given)
pulumi.export("arn", ModelPackage("it", args, options).arn)
"""
URN = "urn:pulumi:test::test::sluice:index:ModelPackage::it"
IMAGE = f"digits@sha256:{'a' * 64}"
FIRST = {"source_uri": "openai/gpt-4o-2024-08-06", "metadata": {"sluice:version": "answers@1", "metric.f1": "0.9"}}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def ours(sandbox: Sandbox, program: Path) -> SandboxStack:
    return sandbox.stack(program, {"aws:region": REGION, "group": "ours"})


@pytest.fixture
def theirs(pulumi: None, sandbox_aws: Aws, program: Path, tmp_path: Path) -> Iterator[CliStack]:
    clients = {REGION: Clients(REGION, sandbox_aws.endpoint)}
    resources = ResourceProvider(lambda service, region: clients[region].client(service), lambda: None)
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws, served(resources) as sluice:
        yield CliStack(
            tmp_path / "cli", program, {"aws": aws, "sluice": sluice}, {"aws:region": REGION, "group": "theirs"}
        )


@pytest.mark.parametrize(
    "changed",
    [
        FIRST,
        {**FIRST, "approval_status": "Approved", "approval_description": "good"},
        {**FIRST, "metadata": {"sluice:version": "answers@1", "metric.precision": "0.8"}},
        {**FIRST, "source_uri": "openai/gpt-4o-2024-11-20"},
        {"image": IMAGE, "model_data_url": "s3://store/v1/model.tar.gz"},
        {
            "containers": [
                {"name": "features", "image": IMAGE, "environment": {"SCALE": "16"}},
                {"name": "classifier", "image": IMAGE, "model_data_url": "s3://store/v1/model.tar.gz"},
            ]
        },
    ],
    ids=["same", "approved", "metadata", "another", "image", "containers"],
)
def test_they_plan_and_do_the_same(ours: SandboxStack, theirs: CliStack, changed: dict[str, Any]) -> None:
    """The same operation for the same properties, foreseen and done; then neither has anything left to do."""
    for given in (FIRST, changed):
        ours.config["package"] = theirs.config["package"] = given
        preview, planned = ours.preview(), theirs.preview()
        assert planned.succeeded, planned.text
        assert preview.ops[URN] == planned.ops[URN]
        done = theirs.up()
        assert done.succeeded, done.text
        result = ours.up()
        assert sorted(result.ops[URN]) == sorted(done.ops[URN])
        changes = {path: change.kind.value for path, change in result.step("it").step.changes.items()}
        assert {path: kind.removesuffix("-replace") for path, kind in done.diffs.get(URN, {}).items()} == changes
    assert not ours.up().changed
    assert theirs.operate("preview", "--expect-no-changes").succeeded
    assert _recorded(ours.export()) == _recorded(theirs.export())


def test_they_see_the_same_drift(ours: SandboxStack, theirs: CliStack, sandbox_aws: Aws) -> None:
    """A package that somebody rejected is refreshed, then set right."""
    ours.config["package"] = theirs.config["package"] = FIRST
    ours.up()
    assert theirs.up().succeeded
    sagemaker = Clients(REGION, sandbox_aws.endpoint).client("sagemaker")
    for group in ("ours", "theirs"):
        (package,) = sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
        sagemaker.update_model_package(ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus="Rejected")
    assert ours.refresh().step("it").op == "update"
    refreshed = theirs.refresh()
    assert refreshed.ops[URN] == ["update"], refreshed.text
    assert ours.up().ops[URN] == theirs.up().ops[URN] == ["update"]
    assert _recorded(ours.export()) == _recorded(theirs.export())


def test_the_cli_imports_a_package(theirs: CliStack, sandbox_aws: Aws) -> None:
    """A package that others registered is taken over without a change; the CLI then deletes it as its own."""
    sagemaker = Clients(REGION, sandbox_aws.endpoint).client("sagemaker")
    theirs.config["package"] = FIRST
    assert theirs.up().succeeded
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="theirs",
        SourceUri=FIRST["source_uri"],
        CustomerMetadataProperties=FIRST["metadata"],
    )["ModelPackageArn"]
    theirs.run("state", "delete", URN, "--yes")
    theirs.config["package"] = {**FIRST, "import": arn}
    imported = theirs.up()
    assert imported.succeeded, imported.text
    assert imported.ops[URN] == ["import"]
    assert theirs.operate("preview", "--expect-no-changes").succeeded


def _recorded(exported: dict[str, Any]) -> dict[str, Any]:
    """Returns what the state says of the package, but for the names that differ on purpose."""
    (record,) = [it for it in exported["deployment"]["resources"] if it["urn"] == URN]
    hidden = {"arn", "modelPackageGroupName"}
    return {
        side: {key: value for key, value in record[side].items() if key not in hidden} for side in ("inputs", "outputs")
    }
