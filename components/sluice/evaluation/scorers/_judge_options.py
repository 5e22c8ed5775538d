"""Which model judges, and how it is asked."""

from typing import Literal, Self

from pydantic import Field, model_validator

from sluice.evaluation.scorers._values import ReferenceOptions
from sluice.manifest.base import Text


class JudgeOptions(ReferenceOptions):
    """A pinned model of a provider. Its key is in `OPENAI_API_KEY` or `ANTHROPIC_API_KEY`."""

    provider: Literal["openai", "anthropic"]
    """Whose model judges. The address is the environment's `OPENAI_BASE_URL` or `ANTHROPIC_BASE_URL`, if set."""
    model: Text
    """The exact identifier, never an alias."""
    temperature: float | None = Field(default=0, ge=0, le=2)
    """Omitted: 0. Null: it is not sent, for models that take none."""
    seed: int | None = Field(default=None, ge=0, lt=2**31)
    """For OpenAI's models that take one. Omitted: none is sent."""
    max_tokens: int = Field(default=2048, ge=1)
    """How long an answer of the judge may be, its reasoning included. Omitted: 2048."""
    concurrency: int = Field(default=4, ge=1, le=256)
    """How many questions are under way at a time. Omitted: 4."""
    retries: int = Field(default=3, ge=0)
    """How often a question is repeated that was throttled, broke off, or failed on the server's side. Omitted: 3."""
    skip_refused: bool = False
    """Whether an answer stays without a score when the API does not take the question. Omitted: that ends scoring."""

    @model_validator(mode="after")
    def _takes_seed(self) -> Self:
        if self.seed is not None and self.provider != "openai":
            raise ValueError("seed is for openai; the API of anthropic takes none; leave it out")
        return self
