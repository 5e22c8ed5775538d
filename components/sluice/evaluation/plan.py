"""How a version is asked: which set, which target, how often and how fast."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from sluice.evaluation.targets import target_choice
from sluice.manifest.base import ManifestModel, Text
from sluice.manifest.canonical import digest
from sluice.manifest.choices import ExactlyOne
from sluice.manifest.load import find_root, inside
from sluice.manifest.yaml_model import read_model

if TYPE_CHECKING:
    TargetChoice = ExactlyOne
else:
    TargetChoice = target_choice()


class Price(ManifestModel):
    """What calls cost: a figure of the price list, of a day."""

    currency: Text = "USD"
    """Omitted: `USD`."""
    as_of: date = Field(strict=False)
    """The day of the price list."""
    per_request: float = Field(default=0, ge=0)
    """For each call that is answered. Omitted: 0."""
    per_million_input_tokens: float | None = Field(default=None, ge=0)
    """Omitted: tokens cost nothing."""
    per_million_output_tokens: float | None = Field(default=None, ge=0)
    """Omitted: tokens cost nothing."""

    def cost(self, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Returns what an answer cost, in the currency. None: it costs by tokens, and nobody told how many."""
        total = self.per_request
        for price, tokens in ((self.per_million_input_tokens, tokens_in), (self.per_million_output_tokens, tokens_out)):
            if price is not None:
                if tokens is None:
                    return None
                total += price * tokens / 1e6
        return total


class Plan(ManifestModel):
    """How a version is asked."""

    set: Text
    """A file of the project: the evaluation set."""
    adversarial: Text | None = None
    """A file of the project: questions that are meant to break the model. Omitted: there are none."""
    target: TargetChoice
    """What is asked; exactly one kind."""
    runs: int = Field(default=1, ge=1)
    """How often each example is asked. Omitted: 1."""
    concurrency: int = Field(default=4, ge=1, le=1024)
    """How many calls are under way at a time. Omitted: 4."""
    rate_per_second: float | None = Field(default=None, gt=0)
    """How many calls may begin in a second, retries among them. Omitted: any."""
    timeout_seconds: float = Field(default=60, gt=0)
    """How long one attempt may take. Omitted: 60."""
    retries: int = Field(default=3, ge=0)
    """How often a call is repeated that was throttled, broke off, or failed on the server's side. Omitted: 3."""
    price: Price | None = None
    """What calls cost. Omitted: no cost is told."""

    @model_validator(mode="after")
    def _is_finite(self) -> Self:
        for name in ("rate_per_second", "timeout_seconds"):
            value = getattr(self, name)
            if value is not None and value == float("inf"):
                raise ValueError(f"{name} is infinite; leave it out")
        return self

    def target_document(self) -> dict[str, Any]:
        """Returns what is asked, by its kind."""
        return {self.target.kind: self.target.chosen.model_dump(mode="json", exclude_none=True)}

    def target_digest(self) -> str:
        """Returns the digest of what is asked; how fast and how often is no part of it."""
        return digest(self.target_document())


@dataclass(frozen=True)
class PlanFile:
    """A plan, and where it is."""

    path: Path
    root: Path
    """The project's folder."""
    plan: Plan

    @property
    def set_path(self) -> Path:
        """The set's file. Raises InvalidFile when it is outside of the project."""
        return inside(self.root, self.plan.set, "set", str(self.path))

    @property
    def adversarial_path(self) -> Path | None:
        """The adversarial set's file. Raises InvalidFile when it is outside of the project."""
        name = self.plan.adversarial
        return None if name is None else inside(self.root, name, "adversarial", str(self.path))


def load_plan(path: Path, root: Path | None = None) -> PlanFile:
    """
    Returns the plan of a YAML file.

    `root` is the project's folder; omitted, it is the nearest one above with a `Pulumi.yaml`, or the plan's own.
    Raises InvalidFile with every problem, each with its line and key path.
    """
    path = path.absolute()
    plan = read_model(Plan, path)
    return PlanFile(path, (root or find_root(path)).absolute(), plan)
