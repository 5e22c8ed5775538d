"""The base of everything that a manifest says."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class ManifestModel(BaseModel):
    """
    Part of a manifest: strict and complete.

    A text is a text and a number a number; nothing is guessed, and nothing undeclared is accepted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")]
"""Lower-case letters, digits, dots, hyphens and underscores; up to 63."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A digest, `sha256:` and 64 hexadecimal digits."""
Text = Annotated[str, StringConstraints(min_length=1)]
"""A text that says something."""
Image = Annotated[str, StringConstraints(pattern=r"^\S+@sha256:[0-9a-f]{64}$")]
"""A container image by digest."""
