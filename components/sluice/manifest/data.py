"""What a model was made of."""

from typing import ClassVar, Self

from pydantic import model_validator

from sluice.manifest.base import ManifestModel, Sha256, Text
from sluice.manifest.choices import ExactlyOne


class DvcData(ManifestModel):
    """A file or folder that DVC tracks."""

    repo: Text
    """The Git repository: a folder of the project, or a URL."""
    rev: Text
    """A commit, branch or tag; locked to the commit."""
    path: Text
    """What is tracked, from the repository's root."""


class LakefsData(ManifestModel):
    """A state of a lakeFS repository."""

    repo: Text
    ref: Text
    """A commit, branch or tag; locked to the commit."""
    endpoint: Text | None = None
    """The server. Omitted: the environment's `LAKECTL_SERVER_ENDPOINT_URL`."""


class DeltaData(ManifestModel):
    """A version of a Delta Lake table."""

    table: Text
    """A folder of the project, or the table's URI."""
    version: int | None = None
    """The table's version."""
    timestamp: Text | None = None
    """A moment, ISO 8601 with its offset; locked to the version that was current then."""

    @model_validator(mode="after")
    def _version_or_timestamp(self) -> Self:
        if (self.version is None) == (self.timestamp is None):
            raise ValueError("exactly one of version, timestamp")
        return self


class PlainData(ManifestModel):
    """A snapshot that is known by its digest alone."""

    name: Text
    """What a person calls it."""
    sha256: Sha256


class PromptData(ManifestModel):
    """What takes the place of training data for an API model."""

    template: Text
    """A file of the project: the prompt, with its placeholders."""
    examples: Text | None = None
    """A file of the project: the few-shot examples. Omitted: there are none."""


class ValidationSplit(ManifestModel):
    """The part of the data that training did not see."""

    name: Text
    """For example `holdout-2026-10`."""
    share: float | None = None
    """Its share of the whole, more than 0 and less than 1. Omitted: not said."""

    @model_validator(mode="after")
    def _is_a_share(self) -> Self:
        if self.share is not None and not 0 < self.share < 1:
            raise ValueError(f"share is {self.share:g}; more than 0 and less than 1")
        return self


class Data(ExactlyOne):
    """The snapshot of the training data; for API models the prompt and its few-shot examples."""

    CHOICES: ClassVar[tuple[str, ...]] = ("dvc", "lakefs", "delta", "digest", "prompt")
    dvc: DvcData | None = None
    lakefs: LakefsData | None = None
    delta: DeltaData | None = None
    digest: PlainData | None = None
    prompt: PromptData | None = None
    preprocessing: Text | None = None
    """What was done to the data before training: a name, a commit, a file of the project. Omitted: nothing."""
    validation: ValidationSplit | None = None
    """What training did not see. Omitted: not said; only for API models."""
