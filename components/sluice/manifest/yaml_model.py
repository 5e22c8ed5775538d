"""Reads a YAML file as a model, and says on which line what is wrong is."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from sluice.errors import InvalidFile, Problem
from sluice.manifest.base import ManifestModel
from sluice.manifest.yaml_text import Lines, parse, read_text
from sluice.validation import location_of, problems_of

M = TypeVar("M", bound=ManifestModel)


def read_model(model: type[M], path: Path) -> M:
    """Returns what a YAML file says. Raises InvalidFile with every problem, each with its line and key path."""
    return validated(model, path, *parse(path, read_text(path)))


def validated(model: type[M], path: Path, document: dict[str, Any], lines: Lines) -> M:
    """Returns a document as a model; raises InvalidFile, as `read_model` does."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        at = location_of(error)
        problems = [
            Problem(
                f"line {_line(lines, at.get(problem.path.removesuffix(':'), ()))}: {problem.path}".rstrip(),
                problem.message,
            )
            for problem in problems_of(model, error)
        ]
        raise InvalidFile(str(path), problems) from None


def _line(lines: Lines, location: tuple[str | int, ...]) -> int:
    # What is missing has no line; where it should be has one.
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location, 1)
