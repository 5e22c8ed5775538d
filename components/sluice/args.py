"""
The base of everything that a component or a settings file takes.

A model is schema, validator and reference at once. Values that shape the graph are plain; values that only pass through
are `pulumi.Input`.
"""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

import pulumi
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from sluice.errors import InvalidInput
from sluice.validation import problems_of

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
            raise InvalidInput(type(self).__name__, problems_of(type(self), error)) from None

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
            raise InvalidInput(subject, problems_of(cls, error)) from None
        return parsed
