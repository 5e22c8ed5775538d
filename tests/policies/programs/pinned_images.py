"""Programs whose images are, and are not, pinned."""

import pulumi
import pulumi_aws as aws

from tests.policies.programs import ARTIFACT, DIGEST, IMAGE, ROLE, chosen_by_aws


def _model(image: pulumi.Input[str]) -> None:
    container = aws.sagemaker.ModelPrimaryContainerArgs(image=image, model_data_url=ARTIFACT)
    aws.sagemaker.Model("it", execution_role_arn=ROLE, primary_container=container)


def _pipeline(*images: str) -> None:
    containers = [aws.sagemaker.ModelContainerArgs(image=image, model_data_url=ARTIFACT) for image in images]
    aws.sagemaker.Model("it", execution_role_arn=ROLE, containers=containers)


def _package(image: str) -> None:
    specification = {"containers": [{"image": image, "modelDataUrl": ARTIFACT}]}
    pulumi.CustomResource("sluice:index:ModelPackage", "it", {"inferenceSpecification": specification})


def _second_specification(image: str) -> None:
    specifications = [{"name": "batch", "containers": [{"image": image, "modelDataUrl": ARTIFACT}]}]
    pulumi.CustomResource("sluice:index:ModelPackage", "it", {"additionalInferenceSpecifications": specifications})


PASSING = {
    "a digest": lambda: _model(IMAGE),
    "a tag beside the digest, which goes before it": lambda: _model(f"digits:v1@sha256:{DIGEST}"),
    "a digest in every container": lambda: _pipeline(IMAGE, IMAGE),
    "an image that is not known yet": lambda: _model(chosen_by_aws()),
    "a secret digest": lambda: _model(pulumi.Output.secret(IMAGE)),
    "a model package by digest": lambda: _package(IMAGE),
    "another specification by digest": lambda: _second_specification(IMAGE),
    "a tag in what is no business of SageMaker": lambda: aws.sns.Topic("it", tags={"image": "digits:latest"}),
}
FAILING = {
    "latest": (lambda: _model("digits:latest"), ["primaryContainer.image is 'digits:latest'"]),
    "a version's tag": (lambda: _model("digits:v1.2"), ["primaryContainer.image is 'digits:v1.2'"]),
    "neither tag nor digest": (lambda: _model("digits"), ["primaryContainer.image is 'digits'"]),
    "a digest cut short": (lambda: _model(IMAGE[:-1]), [f"primaryContainer.image is '{IMAGE[:-1]}'"]),
    "more than a digest": (lambda: _model(f"{IMAGE}0"), [f"primaryContainer.image is '{IMAGE}0'"]),
    "a tag that looks like a digest": (lambda: _model(f"d:{DIGEST}"), [f"primaryContainer.image is 'd:{DIGEST}'"]),
    "one container of two": (lambda: _pipeline(IMAGE, "pre:latest"), ["containers[1].image is 'pre:latest'"]),
    "another specification of a model package": (
        lambda: _second_specification("digits:latest"),
        ["additionalInferenceSpecifications[0].containers[0].image is 'digits:latest'"],
    ),
    "a model package by tag": (
        lambda: _package("digits:latest"),
        ["inferenceSpecification.containers[0].image is 'digits:latest'"],
    ),
}
