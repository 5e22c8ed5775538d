"""Policy documents: texts that must be JSON, wherever AWS takes one."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote


def text_of(document: Any) -> str:
    """Returns a policy document as text; botocore reads some of them already."""
    return json.dumps(document) if isinstance(document, dict) else unquote(document)


def failures(key: str, policy: Any) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with the policy that a property holds; one that is not known yet may be anything."""
    if not isinstance(policy, str):
        return
    try:
        document = json.loads(policy)
    except ValueError as error:
        yield key, f"is not JSON: {error}"
        return
    if not isinstance(document, dict) or not document.get("Statement"):
        yield key, "has no Statement; a policy document needs at least one"
