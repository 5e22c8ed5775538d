"""How SageMaker wants endpoints, their variants and the containers of models to be called."""

import re

# Hyphens count too: SageMaker's own pattern leaves them out, and its limit of 63 does not.
_NAME = re.compile(r"(?=.{1,63}\Z)[a-zA-Z0-9](-*[a-zA-Z0-9])*")
ALLOWED = "allowed: up to 63 letters, digits and inner hyphens"


def is_name(text: str) -> bool:
    """True for a name that SageMaker takes."""
    return _NAME.fullmatch(text) is not None
