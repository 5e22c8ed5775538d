"""How the good stack is put together, and changed."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from rule import Resource

DIGEST = "ab" * 32
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{DIGEST}"
ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/serves"
TAGS = {"owner": "ml-platform", "environment": "prod"}
NETWORK = {"enableInterContainerTrafficEncryption": True, "enableNetworkIsolation": True}

Change = Mapping[str, Any]
"""From a path of keys to a value; None takes it out."""


def document(*statements: Mapping[str, Any]) -> str:
    """Returns a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **it} for it in statements]})


GOOD: dict[str, tuple[str, dict[str, Any]]] = {}
"""From a resource's name to its type and properties."""


def add(name: str, type_: str, /, **props: Any) -> None:
    """Adds a resource to the stack."""
    GOOD[name] = (type_, props)


def stack(changes: Mapping[str, Change | None] | None = None, more: Mapping[str, Any] | None = None) -> list[Resource]:
    """
    Returns the stack, changed.

    `changes` are by resource, None for one that is not there; `more` are resources besides, as `GOOD` has them.
    """
    given = {name: deepcopy(it) for name, it in {**GOOD, **(more or {})}.items()}
    for name, change in (changes or {}).items():
        if change is None:
            del given[name]
            continue
        for path, value in change.items():
            _set(given[name][1], path.split("."), value)
    urns = {name: f"urn:pulumi:prod::digits::{type_}::{name}" for name, (type_, _) in given.items()}
    return [Resource(type_, name, urns[name], props, _uses(name, urns)) for name, (type_, props) in given.items()]


def _uses(name: str, urns: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns where the values of a resource come from that name a bucket."""
    named = {key: GOOD[name][1].get(key) if name in GOOD else None for key in ("bucket", "targetBucket")}
    return {key: [urns[bucket]] for key, bucket in named.items() if bucket in urns and bucket != name}


def _set(props: Any, path: list[str], value: Any) -> None:
    *above, last = [int(key) if key.isdigit() else key for key in path]
    for key in above:
        props = props.setdefault(key, {}) if isinstance(props, dict) else props[key]
    if value is None and isinstance(props, dict):
        props.pop(last, None)
    else:
        props[last] = value
