"""Model packages, on the sandbox's AWS."""

from typing import Any

import pytest

from sluice.manifest.model import SagemakerModel
from sluice.sources import Context, s3, sagemaker
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotPinned, SourceDown, SourceError, SourceSlow
from sluice_sandbox.aws.supervisor import Aws
from tests.unit.sources.aws import SECRET, client_of, environment
from tests.unit.sources.servers import answering, down, hanging

DIGEST = f"sha256:{'a' * 64}"
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@{DIGEST}"
URL = "s3://models/v1.tar.gz"
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/1"


class Registry:
    """A registry with the group `digits`, and a store with one artifact."""

    def __init__(self, aws: Aws) -> None:
        self.client, self.store = client_of(aws)("sagemaker"), client_of(aws)("s3")
        self.store.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.put("v1.tar.gz", b"weights")
        self.client.create_model_package_group(ModelPackageGroupName="digits")

    def put(self, key: str, content: bytes) -> None:
        self.store.put_object(Bucket="models", Key=key, Body=content, ChecksumAlgorithm="SHA256")

    def register(self, *containers: dict[str, Any], **more: Any) -> SagemakerModel:
        specification = {"InferenceSpecification": {"Containers": list(containers)}} if containers else {}
        made = self.client.create_model_package(ModelPackageGroupName="digits", **specification, **more)
        return SagemakerModel(package=made["ModelPackageArn"])


@pytest.fixture
def registry(sandbox_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Registry:
    environment(monkeypatch, sandbox_aws.endpoint)
    return Registry(sandbox_aws)


def test_a_package_is_its_artifact_and_its_image(registry: Registry, context: Context) -> None:
    """The digest is the artifact's own, wherever it came from; image, place and approval are told."""
    reference = registry.register({"Image": IMAGE, "ModelDataUrl": URL}, ModelApprovalStatus="Approved")
    pin = sagemaker.resolve(reference, context)
    assert pin.digest == s3.resolve(URL, context).digest
    assert pin.facts == {"approval": "Approved", "image": IMAGE, "artifact": URL}
    assert pin.immutable == reference.package == ARN


@pytest.mark.parametrize(
    "image",
    [
        {"Image": IMAGE.replace("@", ":1.0@")},
        {"Image": IMAGE.partition("@")[0], "ImageDigest": DIGEST},
        {"Image": IMAGE.replace("@" + DIGEST, ":1.0"), "ImageDigest": DIGEST},
    ],
    ids=["tag and digest", "apart", "tag, and digest apart"],
)
def test_an_image_is_told_by_its_digest_alone(registry: Registry, context: Context, image: dict[str, str]) -> None:
    """However the package writes it."""
    pin = sagemaker.resolve(registry.register({**image, "ModelDataUrl": URL}), context)
    assert pin.facts["image"] == IMAGE


def test_an_image_without_a_digest_is_no_pin(registry: Registry, context: Context) -> None:
    """A tag can be moved; the message says what to register."""
    reference = registry.register({"Image": "registry:5000/digits:latest", "ModelDataUrl": URL})
    with pytest.raises(NotPinned, match="'registry:5000/digits:latest' without a digest"):
        sagemaker.resolve(reference, context)


def test_what_a_package_points_at_can_change_and_is_seen_to(registry: Registry, context: Context) -> None:
    """Its ARN stays; its artifact's digest does not."""
    reference = registry.register({"Image": IMAGE, "ModelDataUrl": URL})
    pin = sagemaker.resolve(reference, context)
    registry.put("v1.tar.gz", b"poisoned")
    moved = sagemaker.resolve(sagemaker.pinned(reference, pin), context)
    assert moved.immutable == pin.immutable
    assert moved.digest != pin.digest


def test_several_containers_count_each(registry: Registry, context: Context) -> None:
    """Files are kept apart by their container's number, and another image makes another content."""
    registry.put("v2.tar.gz", b"more")
    first = {"Image": IMAGE, "ModelDataUrl": URL}
    second = {"Image": IMAGE, "ModelDataUrl": "s3://models/v2.tar.gz"}
    pin = sagemaker.resolve(registry.register(first, second), context)
    assert [file.name for file in pin.files] == ["0/v1.tar.gz", "1/v2.tar.gz"]
    other = {**second, "Image": IMAGE.replace("a" * 64, "b" * 64)}
    assert sagemaker.resolve(registry.register(first, other), context).digest != pin.digest


def test_the_containers_of_a_pipeline_are_told_apart(registry: Registry, context: Context) -> None:
    """Each with its name, or its place, its image, its artifact and its environment; SageMaker calls them in a row."""
    first = {"Image": IMAGE, "ContainerHostname": "features", "Environment": {"SCALE": "16"}}
    reference = registry.register(first, {"Image": IMAGE, "ModelDataUrl": URL})
    weights = sagemaker.weights(reference, context)
    features, second = weights.containers
    assert (features.name, features.image, features.pin, features.environment) == (
        "features",
        IMAGE,
        None,
        {"SCALE": "16"},
    )
    assert (second.name, second.pin) == ("container-2", s3.resolve(URL, context))
    assert (weights.mode, weights.image, weights.pin) == ("serial", None, sagemaker.resolve(reference, context))


def test_a_package_of_one_container_has_no_others(registry: Registry, context: Context) -> None:
    """Its image is the version's."""
    weights = sagemaker.weights(registry.register({"Image": IMAGE, "ModelDataUrl": URL}), context)
    assert (weights.mode, weights.image, weights.containers) == (None, IMAGE, [])


def test_containers_of_one_name_are_refused(registry: Registry, context: Context) -> None:
    """SageMaker could not make a model of them, and nobody could tell them apart."""
    container = {"Image": IMAGE, "ContainerHostname": "features"}
    with pytest.raises(SourceError, match=r"digits/1 has containers of one name \(features, features\)"):
        sagemaker.weights(registry.register(container, container), context)


def test_a_rejected_package_is_warned_of(registry: Registry, context: Context) -> None:
    """It is there, and whoever locks it is told."""
    reference = registry.register({"Image": IMAGE, "ModelDataUrl": URL}, ModelApprovalStatus="Rejected")
    assert sagemaker.resolve(reference, context).facts["warning"] == "it was rejected in the registry"


def test_a_package_without_a_container_is_refused(registry: Registry, context: Context) -> None:
    """There is nothing to serve in it."""
    with pytest.raises(SourceError, match="digits/1 has no container"):
        sagemaker.resolve(registry.register(SourceUri="openai/gpt-4o-2024-08-06"), context)


def test_a_package_that_is_not_there_is_named(registry: Registry, context: Context) -> None:
    with pytest.raises(NoSuchVersion, match="SageMaker at eu-west-1 has no model package digits/1"):
        sagemaker.resolve(SagemakerModel(package=ARN), context)


def test_what_is_no_package_is_refused(context: Context) -> None:
    """Before anybody is asked."""
    with pytest.raises(SourceError, match="'digits/1' is no model package; write arn:aws:sagemaker"):
        sagemaker.resolve(SagemakerModel(package="digits/1"), context)


def test_a_registry_that_is_down_says_so(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, down())
    with pytest.raises(SourceDown, match="SageMaker at eu-west-1 does not answer"):
        sagemaker.resolve(SagemakerModel(package=ARN), context)


def test_a_registry_that_hangs_is_given_up(hasty: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with hanging() as endpoint:
        environment(monkeypatch, endpoint)
        with pytest.raises(SourceSlow, match=r"within 0\.5 s"):
            sagemaker.resolve(SagemakerModel(package=ARN), hasty)


def test_a_refused_credential_is_not_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = b'{"__type": "UnrecognizedClientException", "message": "The security token is invalid."}'
    with answering(400, refusal, "application/x-amz-json-1.1") as endpoint:
        environment(monkeypatch, endpoint)
        with pytest.raises(CredentialRefused, match="set AWS_PROFILE") as error:
            sagemaker.resolve(SagemakerModel(package=ARN), context)
    assert SECRET not in str(error.value)
