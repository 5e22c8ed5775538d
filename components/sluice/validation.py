"""What pydantic finds wrong, in a person's words and with a person's key paths."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, TypeGuard, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sluice.errors import Problem


def problems_of(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Returns what pydantic found, each with its key path, in a person's words."""
    return list(_problems(model, error))


def location_of(error: ValidationError) -> dict[str, tuple[int | str, ...]]:
    """Returns where each problem's key path is in what was validated: from `a[0].b` to `("a", 0, "b")`."""
    return {_path(details["loc"]): _keys(details["loc"]) for details in error.errors(include_url=False)}


def _problems(model: type[BaseModel], error: ValidationError) -> Iterator[Problem]:
    seen: set[str] = set()
    for details in error.errors(include_url=False):
        path = _path(details["loc"])
        # A union reports each of its members; the first says what a person would write.
        if path not in seen:
            seen.add(path)
            # What a model itself objects to begins with what it is about.
            colon = ":" if path and details["type"] == "value_error" else ""
            yield Problem(f"{path}{colon}", _reason(model, details))


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in _keys(location):
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def _keys(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    # What pydantic adds to tell the members of a union apart is no part of what a person wrote.
    return tuple(part for part in location if isinstance(part, int) or not _is_member(part))


def _is_member(part: str) -> bool:
    return part in ("str", "int", "bool", "float") or part.startswith(("is-instance", "dict[", "list[", "("))


def _reason(model: type[BaseModel], details: ErrorDetails) -> str:
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            known = sorted(_known_keys(model, details["loc"][:-1]))
            nearest = get_close_matches(str(details["loc"][-1]), known, n=1, cutoff=0.8)
            hint = f"did you mean {nearest[0]!r}? " if nearest else ""
            return f"is not known here; {hint}known are: {', '.join(known)}"
        case "value_error":
            return details["msg"].removeprefix("Value error, ")
        case "string_type" if isinstance(details["input"], bool | int | float):
            return f"is {details['input']!r}; expected a text; write it in quotes"
        case "enum":
            return f"is {details['input']!r}; allowed are: {details['ctx']['expected']}"
    expected = details["msg"].removeprefix("Input should be ")
    return f"is {details['input']!r}; allowed: {expected}"


def _known_keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Returns the keys that the model at a location declares, found by following annotations."""
    current: Any = model
    for part in location:
        current = _member(_plain(current), part)
    found = _plain(current)
    return [field.alias or name for name, field in found.model_fields.items()] if _is_model(found) else []


def _member(annotation: Any, part: int | str) -> Any:
    """Returns the annotation of a model's field, of what a map or list holds, or of a union's member by `(Name)`."""
    for member in get_args(annotation):
        while not _is_model(member) and get_args(member):
            member = get_args(member)[0]
        if _is_model(member) and f"({member.__name__})" == part:
            return member
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
