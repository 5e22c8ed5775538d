"""Whether an output has the agreed form."""

import re
from typing import Any, Self

from pydantic import model_validator

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._files import digest_of, read
from sluice.evaluation.scorers._values import OutputOptions
from sluice.evaluation.sets import Example, parse_json
from sluice.manifest.base import Text
from sluice.manifest.canonical import digest

_FENCE = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL)


class Options(OutputOptions):
    """A JSON Schema, of the draft that its `$schema` names, else of 2020-12."""

    inline: dict[str, Any] | None = None
    """The schema itself."""
    file: Text | None = None
    """A file of the project: the schema."""
    parse: bool = True
    """Whether an output that is a text is read as JSON first. Omitted: it is."""
    allow_fence: bool = False
    """Whether the text may be in a Markdown fence, alone. Omitted: that is not the form."""
    check_formats: bool = True
    """Whether `format` counts, as far as the library knows it without more libraries. Omitted: it does."""

    @model_validator(mode="after")
    def _one_schema(self) -> Self:
        if (self.inline is None) == (self.file is None):
            raise ValueError("exactly one of inline, file")
        return self


class Scorer(BaseScorer):
    """1: an output has the form, 0: it has not, or is no JSON. What a schema refers to must be in the schema."""

    def __init__(self, options: Options, context: Context) -> None:
        """Raises InvalidInput for a file that holds no schema."""
        super().__init__()
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry

        self._options = options
        at = "inline" if options.file is None else "file"
        schema: Any = options.inline if options.file is None else self._loaded(context)
        validator = validator_for(schema, default=Draft202012Validator)
        try:
            validator.check_schema(schema)
        except SchemaError as error:
            reason = f"is no JSON Schema: {error.json_path}: {error.message}"
            raise InvalidInput("json_schema", [Problem(at, reason)]) from None
        formats = validator.FORMAT_CHECKER if options.check_formats else None
        # An empty registry asks no server for what a schema refers to.
        self._validator = validator(schema, format_checker=formats, registry=Registry())
        self.facts.setdefault("schema", digest({"schema": schema}))

    def score(self, output: Any, example: Example) -> float | None:
        """Returns 1 or 0. Raises SluiceError for references that lead nowhere."""
        from referencing.exceptions import Unresolvable

        try:
            return float(self._validator.is_valid(self._read(self._options.output_of(output))))
        except (ValueError, RecursionError):
            return 0.0
        except Unresolvable as error:
            raise SluiceError(f"the JSON Schema refers to {error.ref!r}, which is not in it; put it in") from None

    def _read(self, value: Any) -> Any:
        if not self._options.parse or not isinstance(value, str):
            return value
        fenced = _FENCE.fullmatch(value) if self._options.allow_fence else None
        return parse_json(fenced[1] if fenced else value)

    def _loaded(self, context: Context) -> Any:
        name = self._options.file or ""
        content = read(context.root, name, "file")
        try:
            schema = parse_json(content)
        except (ValueError, RecursionError) as error:
            raise InvalidInput("json_schema", [Problem("file", f"is {name!r}, which is no JSON: {error}")]) from None
        if not isinstance(schema, dict | bool):
            reason = f"is {name!r}, which holds no JSON Schema; a schema is an object"
            raise InvalidInput("json_schema", [Problem("file", reason)])
        self.facts["schema"] = digest_of(content)
        return schema
