"""Where a model's weights come from."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from sluice.manifest.base import Image, ManifestModel, Sha256, Text
from sluice.manifest.choices import ExactlyOne
from sluice.manifest.containers import Container, Mode, container_problem


class Artifact(ManifestModel):
    """A packed model, and the container that runs it."""

    uri: Text
    """A file of the project, or `s3://bucket/key`, for example `models/digits/build/v2/model.tar.gz`."""
    image: Image
    """The container, by digest."""
    sha256: Sha256 | None = None
    """What the artifact must be. Omitted: whatever it is when the version is locked."""
    build_command: Text | None = None
    """What makes the file, told to whoever does not have it. Omitted: nothing is told."""


class MlflowModel(ManifestModel):
    """A model version of an MLflow registry."""

    model: Text
    """The registered model's name."""
    version: Text | None = None
    """Its version, in quotes."""
    alias: Text | None = None
    """An alias, which is locked to the version that it points at."""
    tracking_uri: Text | None = None
    """The server. Omitted: the environment's `MLFLOW_TRACKING_URI`."""
    image: Image | None = None
    """The container that serves it, by digest. Omitted: none is made."""

    @model_validator(mode="after")
    def _version_or_alias(self) -> Self:
        if (self.version is None) == (self.alias is None):
            raise ValueError("exactly one of version, alias")
        return self


class WandbModel(ManifestModel):
    """A model artifact of Weights & Biases."""

    artifact: Text
    """`entity/project/name:v3`, or an alias in place of `v3`, which is locked to the version that it points at."""
    image: Image | None = None
    """The container that serves it, by digest. Omitted: none is made."""


class SagemakerModel(ManifestModel):
    """A model package of a SageMaker Model Registry."""

    package: Text
    """Its ARN, with the version at its end."""


class HuggingfaceModel(ManifestModel):
    """A repository of models with Hugging Face's API."""

    repo: Text
    """`owner/name`."""
    revision: Text
    """A commit, or a branch or tag, which is locked to the commit that it points at."""
    endpoint: Text | None = None
    """The server. Omitted: the environment's `HF_ENDPOINT`, or Hugging Face's own."""
    image: Image | None = None
    """The container that serves it, by digest. Omitted: none is made."""


class ApiModel(ManifestModel):
    """A model that somebody else serves."""

    provider: Literal["anthropic", "bedrock", "openai"]
    """Who."""
    id: Text
    """The exact identifier, never an alias."""


class Model(ExactlyOne):
    """The weights."""

    CHOICES: ClassVar[tuple[str, ...]] = (
        "artifact",
        "containers",
        "mlflow",
        "wandb",
        "sagemaker",
        "huggingface",
        "api",
    )
    artifact: Artifact | None = None
    containers: list[Container] | None = None
    """2 to 15 containers that are one model, in the order of their calls."""
    mode: Mode | None = None
    """`serial`: each container gets the answer of the one before; `direct`: a request names one. Omitted: serial."""
    mlflow: MlflowModel | None = None
    wandb: WandbModel | None = None
    sagemaker: SagemakerModel | None = None
    huggingface: HuggingfaceModel | None = None
    api: ApiModel | None = None

    @model_validator(mode="after")
    def _several_are_containers(self) -> Self:
        if self.containers is None and self.mode is not None:
            raise ValueError("mode is for containers, and there are none; leave it out")
        if self.containers is not None and (problem := container_problem(self.containers)):
            raise ValueError(problem)
        return self


class AdapterBase(ManifestModel):
    """The model that an adapter was trained on."""

    name: Text
    """For example `meta-llama/Llama-3.1-8B-Instruct`."""
    digest: Sha256
    """The digest of its weights."""


class Adapter(ManifestModel):
    """Weights on top of weights."""

    name: Text
    """What requests call it by."""
    kind: Literal["lora", "qlora"]
    uri: Text
    """A file or folder of the project, or `s3://bucket/key`."""
    rank: int
    """Rank of its matrices; 1 or more."""
    base: AdapterBase
    """What it was trained on."""

    @model_validator(mode="after")
    def _has_a_rank(self) -> Self:
        if self.rank < 1:
            raise ValueError(f"rank is {self.rank}; 1 or more")
        return self
