"""A model version: in the registry, and ready to serve while it is warm."""

import io
import re
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from rich.console import Console

from sluice import ModelVersion, ModelVersionArgs, execution_role
from sluice.errors import SluiceError
from sluice.manifest import lock
from sluice_sandbox.engine.display.report import report
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import REGION, ClientOf, Deploy
from tests.support.evidence import metric, report_for
from tests.support.versions import CONTRACT, DIGEST, IMAGE, write_lock, write_manifest, write_version

URL = "s3://store/1.tar.gz"
API = {
    "name": "answers",
    "model": {"api": {"provider": "openai", "id": "gpt-4o-2024-08-06"}},
    "data": {"prompt": {"template": "prompt.txt"}},
}


@pytest.fixture(autouse=True)
def artifacts(client: ClientOf) -> None:
    """The artifacts of two versions, an adapter, and a role: SageMaker makes no model without."""
    s3 = client("s3")
    s3.create_bucket(Bucket="store", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("1.tar.gz", "2.tar.gz", "adapter.bin"):
        s3.put_object(Bucket="store", Key=key, Body=b"weights")
    client("iam").create_role(
        RoleName="serving", AssumeRolePolicyDocument=execution_role.trust("aws", "123456789012", REGION)
    )


ROLE = "arn:aws:iam::123456789012:role/serving"


class Version:
    """A stack with one version, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, manifest: Path, **args: Any) -> None:
        self.args: dict[str, Any] = {
            "manifest": str(manifest),
            "model_data_url": URL,
            "execution_role_arn": ROLE,
            **args,
        }
        self.made: ModelVersion | None = None
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        group = aws.sagemaker.ModelPackageGroup("digits", model_package_group_name="digits")
        given = {key: value for key, value in self.args.items() if value is not None}
        args = ModelVersionArgs(model_package_group_name=group.model_package_group_name, **given)
        self.made = made = ModelVersion("digits-1", args)
        for output in ("label", "version_digest", "subject_digest", "package_arn", "model_name"):
            pulumi.export(output, getattr(made, output))

    def up(self) -> Result:
        return self.stack.up()

    def types(self) -> set[str]:
        return {it.type.rpartition(":")[2] for it in self.stack.state().resources if it.name == "digits-1"}

    def refused(self) -> list[str]:
        with pytest.raises(UpdateFailed) as error:
            self.up()
        return str(error.value.result.errors()).splitlines()


def _model(client: ClientOf, result: Result) -> dict[str, Any]:
    described: dict[str, Any] = client("sagemaker").describe_model(ModelName=result.outputs["model_name"])
    return described


def _package(client: ClientOf, result: Result) -> dict[str, Any]:
    arn = result.outputs["package_arn"]
    described: dict[str, Any] = client("sagemaker").describe_model_package(ModelPackageName=arn)
    return described


def test_a_version_is_a_model_and_an_entry_in_the_registry(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Both are of the lock's image and the given artifact; the entry has its digests and figures; then all is still."""
    manifest = write_version(tmp_path)
    version = Version(deploy, manifest, content_types=["application/json"], response_types=["application/json"])
    result, locked = version.up(), lock.read(manifest)
    assert result.outputs["label"] == "digits@1"
    assert result.outputs["version_digest"] == locked.version_digest
    assert result.outputs["subject_digest"] == locked.subject_digest
    model, package = _model(client, result), _package(client, result)
    container = model["PrimaryContainer"]
    assert (container["Image"], container["ModelDataUrl"], model["ExecutionRoleArn"]) == (IMAGE, URL, ROLE)
    assert container["Environment"] == {"SLUICE_VERSION": "digits@1", "SLUICE_SUBJECT_DIGEST": locked.subject_digest}
    assert package["InferenceSpecification"]["Containers"][0]["Image"] == IMAGE
    assert package["InferenceSpecification"]["SupportedContentTypes"] == ["application/json"]
    assert package["ModelPackageDescription"] == "digits@1; owned by ml-platform (#ml-platform)"
    told = package["CustomerMetadataProperties"]
    assert told["sluice:version-digest"] == locked.version_digest
    assert (told["metric:accuracy"], told["metric:latency_ms.p95"]) == ("0.96", "20")
    assert not version.up().changed
    assert not version.stack.refresh().changed


def test_nothing_leaves_the_containers(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Containers are cut off from every network unless somebody says otherwise."""
    version = Version(deploy, write_version(tmp_path))
    assert _model(client, version.up())["EnableNetworkIsolation"] is True
    version.args["network_isolation"] = False
    assert _model(client, version.up())["EnableNetworkIsolation"] is False


def test_containers_in_a_vpc_can_use_a_private_registry(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Subnets, security groups and what gives the registry's credentials are the model's."""
    provider = "arn:aws:lambda:eu-west-1:123456789012:function:credentials"
    version = Version(
        deploy,
        write_version(tmp_path),
        network={"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]},
        registry_access={"credentials_provider_arn": provider},
        environment={"LOG": "1"},
    )
    model = _model(client, version.up())
    assert model["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    config = model["PrimaryContainer"]["ImageConfig"]
    assert config["RepositoryAccessMode"] == "Vpc"
    assert config["RepositoryAuthConfig"] == {"RepositoryCredentialsProviderArn": provider}
    assert model["PrimaryContainer"]["Environment"]["LOG"] == "1"


def test_adapters_lie_beside_the_weights(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """SageMaker mounts each under its name; the registry is told its digest."""
    (tmp_path / "adapter.bin").write_text("lora")
    base = {"name": "base", "digest": DIGEST}
    adapter = {"name": "tone", "kind": "lora", "uri": "adapter.bin", "rank": 8, "base": base}
    manifest = write_version(tmp_path, adapters=[adapter])
    version = Version(deploy, manifest, adapter_urls={"tone": "s3://store/adapter.bin"})
    result = version.up()
    (source,) = _model(client, result)["PrimaryContainer"]["AdditionalModelDataSources"]
    assert (source["ChannelName"], source["S3DataSource"]["S3Uri"]) == ("tone", "s3://store/adapter.bin")
    told = _package(client, result)["CustomerMetadataProperties"]
    assert told["sluice:adapter:tone"] == lock.read(manifest).adapters[0].pin.digest
    assert not version.up().changed


def test_a_cold_version_stays_in_the_registry(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """SageMaker's model goes, the entry stays as it is; warm again, the model is there again."""
    version = Version(deploy, write_version(tmp_path))
    arn = version.up().outputs["package_arn"]
    version.args |= {"warm": False, "execution_role_arn": None}
    result = version.up()
    assert version.types() == {"ModelVersion", "ModelPackage"}
    assert client("sagemaker").list_models()["Models"] == []
    assert result.outputs["package_arn"] == arn
    assert version.made is not None
    with pytest.raises(SluiceError, match="'digits-1' is not warm"):
        _ = version.made.pinned
    version.args |= {"warm": True, "execution_role_arn": ROLE}
    assert version.up().outputs["package_arn"] == arn
    assert version.types() == {"ModelVersion", "ModelPackage", "Model"}


def test_an_api_model_is_the_same_unit_without_a_model(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """It is registered under its exact identifier, with the digests of its prompt and configuration."""
    (tmp_path / "prompt.txt").write_text("Answer {question}.")
    manifest = write_version(tmp_path, **API)
    version = Version(deploy, manifest, model_data_url=None, execution_role_arn=None)
    result = version.up()
    assert version.types() == {"ModelVersion", "ModelPackage"}
    package = _package(client, result)
    assert package["SourceUri"] == "openai gpt-4o-2024-08-06"
    assert "InferenceSpecification" not in package
    assert package["CustomerMetadataProperties"]["sluice:data"] == lock.read(manifest).data.pin.digest
    assert version.made is not None
    with pytest.raises(SluiceError, match="'digits-1' is an API model"):
        _ = version.made.pinned


def test_approval_is_a_change_in_place(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """The entry and the model stay the same; who approved and why is in the registry."""
    version = Version(deploy, write_version(tmp_path))
    before = version.up()
    version.args |= {"approval_status": "Approved", "approval_description": "accuracy holds"}
    result = version.up()
    assert {step.name for step in result.visible if step.op.value != "same"} == {"digits-1"}
    assert result.outputs["package_arn"] == before.outputs["package_arn"]
    assert _package(client, result)["ApprovalDescription"] == "accuracy holds"


def test_the_report_is_linked(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Where it is, and the digest that the lock has of it."""
    manifest = write_version(tmp_path)
    result = Version(deploy, manifest, report_url="s3://store/report.json").up()
    linked = _package(client, result)["ModelMetrics"]["ModelQuality"]["Statistics"]
    found = lock.read(manifest).evaluation.report
    assert found is not None
    assert (linked["S3Uri"], linked["ContentDigest"]) == ("s3://store/report.json", found.digest)


def test_an_evaluation_made_again_leaves_the_model_alone(deploy: Deploy, tmp_path: Path) -> None:
    """What is served is the same: only the entry is another."""
    version = Version(deploy, write_version(tmp_path))
    model = version.up().outputs["model_name"]
    manifest = write_manifest(tmp_path)
    locked = lock.read(write_version(tmp_path))
    other = report_for(locked, lock.text_digest(CONTRACT.encode()), metrics={"accuracy": metric(0.97, 0.95, 0.98)})
    (tmp_path / "reports/1.json").write_text(other.text())
    write_lock(tmp_path, manifest)
    result = version.up()
    assert result.outputs["model_name"] == model
    changed = [(step.type.rpartition(":")[2], step.op.value) for step in result.visible if step.op.value != "same"]
    assert ("Model", "replace") not in changed
    assert ("ModelPackage", "replace") not in changed


def test_a_preview_of_a_new_version_shows_no_blobs(deploy: Deploy, tmp_path: Path) -> None:
    """Every digest is cut to what tells it from another, wherever it stands."""
    text = io.StringIO()
    report(Console(file=text, width=300), Version(deploy, write_version(tmp_path)).stack.preview(), {}, diff=True)
    assert f"digits@sha256:{'a' * 12}…" in text.getvalue()
    assert not re.search(r"[0-9a-f]{32}", text.getvalue())


@pytest.mark.parametrize(
    ("changes", "args", "lines"),
    [
        ({"contract": None}, {}, ["contract is missing: nobody said what digits@1 must achieve"]),
        (
            {"evaluation": {"set": {"name": "s", "version": "1", "digest": DIGEST}}},
            {},
            ["evaluation.report is missing: digits@1 has not been evaluated"],
        ),
        (
            {},
            {"model_data_url": None, "execution_role_arn": None},
            ["model_data_url is missing: the artifact of digits@1 is from file", "execution_role_arn is missing"],
        ),
        ({}, {"registry_access": {}}, ["registry_access is through a VPC, and network names none"]),
        ({}, {"environment": {"SLUICE_VERSION": "x"}}, ["environment.SLUICE_VERSION is Sluice's own"]),
        ({}, {"adapter_urls": {"tone": "s3://a/b"}}, ["adapter_urls.tone is no adapter of digits@1; it has: none"]),
        (
            API,
            {},
            [
                "model_data_url means nothing here: it is an API model",
                "execution_role_arn means nothing here: it is an API model",
            ],
        ),
    ],
)
def test_what_cannot_be_deployed_says_why(
    deploy: Deploy, tmp_path: Path, changes: dict[str, Any], args: dict[str, Any], lines: list[str]
) -> None:
    """Every problem at once, by its path, with the manifest's name and what to do; nothing is made."""
    (tmp_path / "prompt.txt").write_text("Answer {question}.")
    head, *told = Version(deploy, write_version(tmp_path, **changes), **args).refused()
    assert head.startswith("ModelVersion 'digits-1' (")
    assert len(told) == len(lines)
    for line, begins in zip(told, lines, strict=True):
        assert line.strip().startswith(begins)


def test_a_manifest_without_a_lock_is_refused(deploy: Deploy, tmp_path: Path) -> None:
    """So is a lock that is older than its manifest; both say what to run."""
    manifest = write_manifest(tmp_path)
    assert "is missing; run: sluice lock" in Version(deploy, manifest).refused()[1]
    write_version(tmp_path)
    manifest.write_text(manifest.read_text() + "# changed\n")
    assert "is older than its manifest digits-1.model.yaml; run: sluice lock" in Version(deploy, manifest).refused()[1]


def test_a_manifest_that_is_not_there_is_refused(deploy: Deploy, tmp_path: Path) -> None:
    """By its path."""
    lines = Version(deploy, tmp_path / "none.yaml").refused()
    assert lines[0] == "ModelVersion 'digits-1': 1 problem"
    assert "there is no such file" in lines[1]


def failing(root: Path) -> Path:
    """Returns the manifest of a version that does not meet its contract."""
    manifest = write_version(root)
    report = report_for(
        lock.read(manifest), lock.text_digest(CONTRACT.encode()), metrics={"accuracy": metric(0.8, 0.76, 0.83)}
    )
    (root / "reports/1.json").write_text(report.text())
    write_lock(root, manifest)
    return manifest


def test_a_version_that_fails_its_contract_is_refused_at_preview(deploy: Deploy, tmp_path: Path) -> None:
    """With the figure that fails, and nothing is made."""
    head, line = Version(deploy, failing(tmp_path)).refused()
    assert head.startswith("ModelVersion 'digits-1' (")
    assert line.strip() == (
        "evaluation.report does not meet the contract: accuracy 0.8 (0.76 to 0.83, n = 500), at least 0.9"
    )


def test_where_evidence_is_advisory_it_is_warned(deploy: Deploy, tmp_path: Path) -> None:
    """The version is deployed, and what it lacks is told on it."""
    result = Version(deploy, failing(tmp_path), evidence="advisory").up()
    assert [it.message for it in result.diagnostics if it.severity.value == "warning"] == [
        "digits@1: evaluation.report does not meet the contract: accuracy 0.8 (0.76 to 0.83, n = 500), at least 0.9"
    ]


def test_a_cold_version_is_not_judged(deploy: Deploy, tmp_path: Path) -> None:
    """Nobody is to be served by it."""
    version = Version(deploy, failing(tmp_path), warm=False, execution_role_arn=None)
    assert version.up().outputs["label"] == "digits@1"


def test_a_candidate_is_compared_with_the_incumbent(deploy: Deploy, tmp_path: Path) -> None:
    """Without the comparison it is refused at preview; an incumbent that is not there is named."""
    incumbent, candidate = write_version(tmp_path, "1"), write_version(tmp_path, "2")
    given = {"model_data_url": "s3://store/2.tar.gz"}
    (line,) = Version(deploy, candidate, incumbent=str(incumbent), **given).refused()[1:]
    assert "evaluation.comparison with digits@1, which serves, is missing" in line
    (line,) = Version(deploy, candidate, incumbent="none.yaml", **given).refused()[1:]
    assert line.strip() == "incumbent is 'none.yaml', and there is no such file"
