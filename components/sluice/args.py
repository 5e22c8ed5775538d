"""
The base of everything that a component or a settings file takes.

A model is schema, validator and reference at once. Values that shape the graph are plain; values that only pass through
are `pulumi.Input`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self, TypeGuard, TypeVar

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from sluice.errors import InvalidInput, Problem

T = TypeVar("T")


class ArgsModel(BaseModel):
    """
    Arguments, by their Python names or, as configuration files write them, in camel case.

    Nothing undeclared is accepted, and values of the wrong type are refused with their path.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        arbitrary_types_allowed=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    def __init__(self, **given: Any) -> None:
        """Raises InvalidInput with every problem."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise InvalidInput(type(self).__name__, list(_problems(type(self), error))) from None

    # Tells pydantic that models inside of others need not come through here: their problems are the outer one's.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        # pulumi.Input is an alias with forward references, which pydantic must be told the meaning of.
        cls.model_rebuild(_types_namespace={"Output": pulumi.Output, "T": T})

    @classmethod
    def parse(cls, subject: str, given: Self | Mapping[str, Any]) -> Self:
        """
        Returns the arguments.

        Raises InvalidInput with every problem; `subject` says whose they are, `ModelEndpoint 'search'`.
        """
        if isinstance(given, cls):
            return given
        try:
            parsed = cls.model_validate(given)
        except ValidationError as error:
            raise InvalidInput(subject, list(_problems(cls, error))) from None
        return parsed


def _problems(model: type[ArgsModel], error: ValidationError) -> Iterator[Problem]:
    seen: set[str] = set()
    for details in error.errors(include_url=False):
        path = _path(details["loc"])
        # A union reports each of its members; the first says what a person would write.
        if path not in seen:
            seen.add(path)
            yield Problem(path, _reason(model, details))


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        # What pydantic adds to tell the members of a union apart is no part of what a person wrote.
        elif not (part in ("str", "int", "bool", "float") or part.startswith(("is-instance", "dict[", "list["))):
            path += f".{part}" if path else part
    return path


def _reason(model: type[ArgsModel], details: ErrorDetails) -> str:
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            known = ", ".join(sorted(_known_keys(model, details["loc"][:-1])))
            return f"is not known here; known are: {known}"
        case "enum":
            return f"is {details['input']!r}; allowed are: {details['ctx']['expected']}"
    expected = details["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"is {details['input']!r}; allowed: {expected}"


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Returns the keys that the model at a location declares, found by following annotations."""
    current: Any = model
    for part in location:
        current = _member(_plain(current), part)
    found = _plain(current)
    return [field.alias or name for name, field in found.model_fields.items()] if _is_model(found) else []


def _member(annotation: Any, part: int | str) -> Any:
    """Returns the annotation of a model's field, or of what a map or list holds."""
    if _is_model(annotation):
        return next(
            (field.annotation for name, field in annotation.model_fields.items() if part in (name, field.alias)), None
        )
    return (getattr(annotation, "__args__", None) or (None,))[-1]


def _plain(annotation: Any) -> Any:
    """Returns what an annotation says of a value that is there: `M` for `M | None`."""
    members = [member for member in getattr(annotation, "__args__", ()) if member is not type(None)]
    return members[0] if len(members) == 1 and type(None) in annotation.__args__ else annotation


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
