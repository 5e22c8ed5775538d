"""A version of several containers: SageMaker's model of it, its entry in the registry, and what serves it."""

from pathlib import Path
from typing import Any

import pytest

from sluice.model_version import ContainerMode
from sluice_sandbox.aws.supervisor import Aws
from tests.components.conftest import ClientOf, Deploy
from tests.components.test_model_version import Version, artifacts
from tests.support.versions import DIGEST, IMAGE, write_version
from tests.unit.sources.aws import environment

__all__ = ["artifacts"]
FEATURES = {"name": "features", "image": IMAGE, "environment": {"SCALE": "16"}}
CLASSIFIER = {"name": "classifier", "image": IMAGE.replace("a" * 64, "b" * 64), "artifact": {"uri": "weights.tar.gz"}}
URLS = {"classifier": "s3://store/1.tar.gz"}


def _version(deploy: Deploy, root: Path, mode: str | None = None, **args: Any) -> Version:
    (root / "weights.tar.gz").write_text("weights")
    model: dict[str, Any] = {"containers": [FEATURES, CLASSIFIER]} | ({"mode": mode} if mode else {})
    given = {"model_data_url": None, "container_urls": URLS, **args}
    return Version(deploy, write_version(root, model=model), **given)


@pytest.mark.parametrize(("mode", "told"), [(None, "Serial"), ("serial", "Serial"), ("direct", "Direct")])
def test_all_containers_are_one_model(
    deploy: Deploy, client: ClientOf, tmp_path: Path, mode: str | None, told: str
) -> None:
    """In their order, each with its name, image, artifact and environment; then all is still."""
    version = _version(deploy, tmp_path, mode, environment={"LOG": "1"})
    result = version.up()
    model = client("sagemaker").describe_model(ModelName=result.outputs["model_name"])
    assert "PrimaryContainer" not in model
    assert model["InferenceExecutionConfig"] == {"Mode": told}
    features, classifier = model["Containers"]
    assert (features["ContainerHostname"], classifier["ContainerHostname"]) == ("features", "classifier")
    assert (features["Image"], classifier["Image"]) == (FEATURES["image"], CLASSIFIER["image"])
    assert (features.get("ModelDataUrl"), classifier["ModelDataUrl"]) == (None, URLS["classifier"])
    subject = {"SLUICE_VERSION": "digits@1", "SLUICE_SUBJECT_DIGEST": result.outputs["subject_digest"], "LOG": "1"}
    assert (features["Environment"], classifier["Environment"]) == ({**subject, "SCALE": "16"}, subject)
    assert version.made is not None
    assert version.made.pinned.container_mode is ContainerMode(told.lower())
    assert not version.up().changed
    assert not version.stack.refresh().changed


def test_the_registry_lists_all_images(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """With the environment that is the version's, and not what a deployment adds."""
    result = _version(deploy, tmp_path, environment={"LOG": "1"}).up()
    package = client("sagemaker").describe_model_package(ModelPackageName=result.outputs["package_arn"])
    features, classifier = package["InferenceSpecification"]["Containers"]
    assert (features["Image"], classifier["Image"]) == (FEATURES["image"], CLASSIFIER["image"])
    assert (features["Environment"], classifier.get("Environment")) == ({"SCALE": "16"}, None)
    assert classifier["ModelDataUrl"] == URLS["classifier"]
    assert package["CustomerMetadataProperties"]["sluice:containers"] == "serial features classifier"


def test_a_private_registry_is_for_all_containers(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Each is told how to reach it; the VPC and the isolation are the model's."""
    network = {"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]}
    result = _version(deploy, tmp_path, network=network, registry_access={}).up()
    model = client("sagemaker").describe_model(ModelName=result.outputs["model_name"])
    assert [it["ImageConfig"]["RepositoryAccessMode"] for it in model["Containers"]] == ["Vpc", "Vpc"]
    assert model["EnableNetworkIsolation"] is True


def test_an_artifact_in_s3_is_taken_from_there(
    deploy: Deploy, client: ClientOf, sandbox_aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more has to be said of it."""
    environment(monkeypatch, sandbox_aws.endpoint)
    stored = {**CLASSIFIER, "artifact": {"uri": "s3://store/2.tar.gz"}}
    manifest = write_version(tmp_path, model={"containers": [FEATURES, stored]})
    result = Version(deploy, manifest, model_data_url=None).up()
    model = client("sagemaker").describe_model(ModelName=result.outputs["model_name"])
    assert model["Containers"][1]["ModelDataUrl"] == "s3://store/2.tar.gz"


def test_a_pipeline_of_a_registry_is_deployed_as_it_is_there(
    deploy: Deploy, client: ClientOf, sandbox_aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its containers are locked one by one, with what their environment is."""
    environment(monkeypatch, sandbox_aws.endpoint)
    containers = [
        {"Image": IMAGE, "ContainerHostname": "features", "Environment": {"SCALE": "16"}},
        {"Image": CLASSIFIER["image"], "ModelDataUrl": URLS["classifier"]},
    ]
    client("sagemaker").create_model_package_group(ModelPackageGroupName="others")
    package = client("sagemaker").create_model_package(
        ModelPackageGroupName="others", InferenceSpecification={"Containers": containers}
    )
    manifest = write_version(tmp_path, model={"sagemaker": {"package": package["ModelPackageArn"]}})
    result = Version(deploy, manifest, model_data_url=None).up()
    features, second = client("sagemaker").describe_model(ModelName=result.outputs["model_name"])["Containers"]
    assert (features["ContainerHostname"], second["ContainerHostname"]) == ("features", "container-2")
    assert (features["Environment"]["SCALE"], second["ModelDataUrl"]) == ("16", URLS["classifier"])


@pytest.mark.parametrize(
    ("args", "lines"),
    [
        (
            {"container_urls": None, "execution_role_arn": None},
            [
                "execution_role_arn is missing",
                "container_urls.classifier is missing: the artifact of classifier is weights.tar.gz; upload it",
            ],
        ),
        (
            {"container_urls": {**URLS, "rank": "s3://a/b"}, "model_data_url": "s3://a/b"},
            [
                "container_urls.rank is no container of digits@1; it has: features, classifier",
                "model_data_url is for a single container, and digits@1 has several; use container_urls",
            ],
        ),
        (
            {"container_urls": {**URLS, "features": "s3://a/b"}},
            ["container_urls.features is for an artifact, and this container has none"],
        ),
        (
            {"environment": {"SCALE": "8", "SLUICE_VERSION": "x"}},
            ["environment.SLUICE_VERSION is Sluice's own", "environment.SCALE is what the manifest sets for features"],
        ),
        ({"registry_access": {}}, ["registry_access is through a VPC, and network names none"]),
    ],
)
def test_what_cannot_be_deployed_says_why(
    deploy: Deploy, tmp_path: Path, args: dict[str, Any], lines: list[str]
) -> None:
    """Every problem at once, of each container."""
    _, *told = _version(deploy, tmp_path, **args).refused()
    assert len(told) == len(lines), told
    for line, begins in zip(told, lines, strict=True):
        assert line.strip().startswith(begins)


def test_a_single_container_has_no_urls_by_name(deploy: Deploy, tmp_path: Path) -> None:
    """It has no name."""
    (line,) = Version(deploy, write_version(tmp_path), container_urls=URLS).refused()[1:]
    assert "container_urls.classifier is no container of digits@1; it has: none with a name" in line


def test_adapters_are_for_a_single_container(deploy: Deploy, tmp_path: Path) -> None:
    """Nothing says which of several they are for."""
    for name in ("weights.tar.gz", "adapter.bin"):
        (tmp_path / name).write_text(name)
    base = {"name": "base", "digest": DIGEST}
    adapter = {"name": "tone", "kind": "lora", "uri": "adapter.bin", "rank": 8, "base": base}
    manifest = write_version(tmp_path, model={"containers": [FEATURES, CLASSIFIER]}, adapters=[adapter])
    urls = {"container_urls": URLS, "adapter_urls": {"tone": "s3://store/adapter.bin"}}
    (line,) = Version(deploy, manifest, model_data_url=None, **urls).refused()[1:]
    assert "adapters of digits@1 are for a single container, and it has several" in line
