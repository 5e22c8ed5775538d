"""How a model is asked."""

from typing import Any, Self

from pydantic import model_validator

from sluice.manifest.base import ManifestModel, Text


class Tool(ManifestModel):
    """A function that the model may ask to be called."""

    name: Text
    description: Text | None = None
    """What it is for. Omitted: not said."""
    parameters: dict[str, Any] | None = None
    """JSON Schema of its arguments. Omitted: it takes none."""


class InferenceConfig(ManifestModel):
    """Parameters that change answers without changing weights."""

    temperature: float | None = None
    """0 to 2. Omitted: the model's own."""
    top_p: float | None = None
    """More than 0, up to 1. Omitted: the model's own."""
    max_tokens: int | None = None
    """1 or more. Omitted: the model's own."""
    stop_sequences: list[Text] | None = None
    """Where an answer ends. Omitted: nowhere in particular."""
    system_prompt: Text | None = None
    """What the model is told before each request. Omitted: nothing."""
    tools: list[Tool] | None = None
    """What the model may ask to be called. Omitted: nothing."""
    post_processing: list[Text] | None = None
    """What is done to an answer, in this order. Omitted: nothing."""
    extras: dict[str, Any] | None = None
    """Whatever else the serving container understands. Omitted: nothing."""

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        wrong = []
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            wrong.append(f"temperature is {self.temperature:g}; allowed 0 to 2")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            wrong.append(f"top_p is {self.top_p:g}; allowed more than 0, up to 1")
        if self.max_tokens is not None and self.max_tokens < 1:
            wrong.append(f"max_tokens is {self.max_tokens}; allowed 1 or more")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


class InferenceFile(ManifestModel):
    """An inference configuration in a file of its own."""

    file: Text
    """A JSON or YAML file of the project."""
