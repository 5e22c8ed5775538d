"""Programs whose artifacts lie, and do not lie, under a key that names their content."""

import pulumi
import pulumi_aws as aws

from tests.policies.programs import ARTIFACT, DIGEST, IMAGE, ROLE, chosen_by_aws

MUTABLE = "s3://weights/models/digits/v1/model.tar.gz"


def _model(url: pulumi.Input[str]) -> None:
    container = aws.sagemaker.ModelPrimaryContainerArgs(image=IMAGE, model_data_url=url)
    aws.sagemaker.Model("it", execution_role_arn=ROLE, primary_container=container)


def _uncompressed(uri: str, key: str = "model_data_source") -> None:
    data = {"s3_uri": uri, "s3_data_type": "S3Prefix", "compression_type": "None"}
    source = {"s3_data_sources": [data]}
    value = source if key == "model_data_source" else [{**source, "channel_name": "adapters"}]
    container = {"image": IMAGE, key: value}
    aws.sagemaker.Model("it", execution_role_arn=ROLE, containers=[container])  # type: ignore[list-item]


def _package(url: str) -> None:
    specification = {"containers": [{"image": IMAGE, "modelDataUrl": url}]}
    pulumi.CustomResource("sluice:index:ModelPackage", "it", {"inferenceSpecification": specification})


PASSING = {
    "a digest as a folder": lambda: _model(ARTIFACT),
    "a digest as the file's name": lambda: _model(f"s3://weights/digits/{DIGEST}.tar.gz"),
    "a digest in the file's name": lambda: _model(f"https://weights.s3.amazonaws.com/model-{DIGEST}.tar.gz"),
    "no artifact at all": lambda: aws.sagemaker.Model(
        "it", execution_role_arn=ROLE, primary_container=aws.sagemaker.ModelPrimaryContainerArgs(image=IMAGE)
    ),
    "an address that is not known yet": lambda: _model(chosen_by_aws()),
    "an uncompressed model under a digest": lambda: _uncompressed(f"s3://weights/{DIGEST}/"),
    "a model package by digest": lambda: _package(ARTIFACT),
}
FAILING = {
    "a key that can be overwritten": (lambda: _model(MUTABLE), [f"primaryContainer.modelDataUrl is '{MUTABLE}'"]),
    "a digest as the bucket's name": (
        lambda: _model(f"s3://{DIGEST[:63]}a/model.tar.gz"),
        [f"primaryContainer.modelDataUrl is 's3://{DIGEST[:63]}a/model.tar.gz'"],
    ),
    "a longer number than a digest": (
        lambda: _model(f"s3://weights/{DIGEST}0/model.tar.gz"),
        [f"primaryContainer.modelDataUrl is 's3://weights/{DIGEST}0/model.tar.gz'"],
    ),
    "an uncompressed model": (
        lambda: _uncompressed("s3://weights/v1/"),
        ["containers[0].modelDataSource.s3DataSources[0].s3Uri is 's3://weights/v1/'"],
    ),
    "adapters": (
        lambda: _uncompressed("s3://weights/lora/", "additional_model_data_sources"),
        ["containers[0].additionalModelDataSources[0].s3DataSources[0].s3Uri is 's3://weights/lora/'"],
    ),
    "a model package": (lambda: _package(MUTABLE), ["inferenceSpecification.containers[0].modelDataUrl is"]),
}
