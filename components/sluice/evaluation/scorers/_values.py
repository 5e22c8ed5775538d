"""The part of an output that is scored, and the part of a reference that it is held against."""

import json
from typing import Any

from pydantic import field_validator

from sluice.manifest.base import ManifestModel, Text


class OutputOptions(ManifestModel):
    """Which part of an output is scored."""

    path: Text | None = None
    """A JMESPath expression that finds it in the output. Omitted: all of it."""

    @field_validator("path", "reference_path", check_fields=False)
    @classmethod
    def _is_jmespath(cls, expression: str | None) -> str | None:
        if expression is not None:
            _compiled(expression)
        return expression

    def output_of(self, output: Any) -> Any:
        """Returns the part of an output that is scored. None where there is none."""
        return found(self.path, output)


class ReferenceOptions(OutputOptions):
    """Which part of an output is held against which part of a reference."""

    reference_path: Text | None = None
    """A JMESPath expression that finds it in the example's reference. Omitted: all of it."""

    def reference_of(self, reference: Any) -> Any:
        """Returns the part of a reference that counts. None where there is none."""
        return found(self.reference_path, reference)


def found(expression: str | None, document: Any) -> Any:
    """Returns what a JMESPath expression finds; what does not have the form that it expects has nothing to find."""
    if expression is None:
        return document
    import jmespath

    try:
        return _compiled(expression).search(document)
    except jmespath.exceptions.JMESPathError:
        return None


def text_of(value: Any) -> str:
    """Returns a value as text: a text as it is, nothing as no text, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _compiled(expression: str) -> Any:
    import jmespath

    try:
        return jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        reason = str(error).splitlines()[0].rstrip(":")
        raise ValueError(f"is {expression!r}, which is no JMESPath expression: {reason}") from None
