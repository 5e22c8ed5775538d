"""Which instance types SageMaker may have, as far as their names tell."""

import re

_NAME = re.compile(
    r"ml\.[a-z][a-z0-9-]*\d[a-z0-9-]*\."
    r"(nano|micro|small|medium|large|xlarge|\d{1,2}xlarge|metal(-\d+xl)?)"
)


def instance_type_problem(name: str) -> str | None:
    """Returns what is wrong with the name of an instance type; SageMaker itself says which there are in a region."""
    if _NAME.fullmatch(name):
        return None
    fix = f"; write ml.{name}" if _NAME.fullmatch(f"ml.{name}") else "; for example ml.m5.xlarge"
    return f"is {name!r}, which is no instance type of SageMaker{fix}"
