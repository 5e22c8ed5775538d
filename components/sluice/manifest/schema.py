"""The manifest of a model version: the YAML that a person writes."""

import re
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Discriminator, Tag, model_validator

from sluice.manifest.base import ManifestModel, Name, Sha256, Text
from sluice.manifest.data import Data
from sluice.manifest.inference import InferenceConfig, InferenceFile
from sluice.manifest.model import Adapter, Model

_CONTACT = re.compile(r"^(mailto:|https://|#)?\S+$")


class Owner(ManifestModel):
    """Who answers for the version."""

    team: Text
    contact: Text
    """Where to reach them: an e-mail address, a `#channel` or a URL."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if not _CONTACT.fullmatch(self.contact):
            raise ValueError(f"contact is {self.contact!r}; write an e-mail address, a #channel or a URL")
        return self


class EvaluationSet(ManifestModel):
    """The questions that the version was evaluated on."""

    name: Text
    version: Text
    digest: Sha256


class Evaluation(ManifestModel):
    """How the version was evaluated."""

    set: EvaluationSet
    report: Text | None = None
    """A file of the project. Omitted: it has not been evaluated yet, and may not be deployed."""
    plan: Text | None = None
    """A file of the project: how `sluice evaluate` asks the version. Omitted: it has to be said. In no digest."""


class Life(ManifestModel):
    """How long the version is meant to live."""

    end_of_life: date | None = None
    """When it is to be retired, `2027-06-30`. Omitted: not planned yet."""
    replacement: Text | None = None
    """What takes its place, `digits@3`. Omitted: not known yet."""


def _inference_kind(given: Any) -> str:
    there = "file" in given if isinstance(given, dict) else isinstance(given, InferenceFile)
    return "(InferenceFile)" if there else "(InferenceConfig)"


class Manifest(ManifestModel):
    """One model version: weights, data, evaluation and inference configuration, in one file."""

    name: Name
    """The model's name, the same for all of its versions."""
    version: Name
    """This version's, in quotes."""
    owner: Owner
    model: Model
    adapters: list[Adapter] | None = None
    """Weights on top of the model's. Omitted: none."""
    architecture: Text | None = None
    """What kind of model it is, for the reader. Omitted: not said."""
    data: Data
    evaluation: Evaluation
    inference: Annotated[
        Annotated[InferenceConfig, Tag("(InferenceConfig)")] | Annotated[InferenceFile, Tag("(InferenceFile)")],
        Discriminator(_inference_kind),
    ]
    """The inference configuration, here or in a file of its own: `{file: inference/v2.yaml}`."""
    contract: Text | None = None
    """A file of the project: what the version must achieve. Omitted: nothing is agreed, and it may not be deployed."""
    life: Life | None = None
    """How long it is meant to live. Omitted: not planned yet."""
    licence: Text | None = None
    """Under which licence it may be used, `Apache-2.0`. Omitted: not said."""

    @property
    def label(self) -> str:
        """`digits@2`: how people and messages name the version."""
        return f"{self.name}@{self.version}"

    @model_validator(mode="after")
    def _prompts_belong_to_api_models(self) -> Self:
        if (self.model.kind == "api") != (self.data.kind == "prompt"):
            raise ValueError(
                f"model is {self.model.kind} and data is {self.data.kind}; an API model, and no other, has data.prompt"
            )
        names = [adapter.name for adapter in self.adapters or []]
        if doubles := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"adapters has {', '.join(map(repr, doubles))} more than once; names are unique")
        return self
