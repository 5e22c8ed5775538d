"""One resource of each type: how it begins, what changes it in place, what replaces it, who meddles with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi

from sluice_sandbox.engine.state import Resource

Props = dict[str, Any]
Meddle = Callable[[Any, Resource], object]
"""Changes a resource, given a client factory, behind everybody's back."""

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:" + "ab" * 32


def policy(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::data/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Case:
    """A type, and what is done to one of it."""

    name: str
    declare: Callable[[Props], pulumi.CustomResource]
    first: Props = field(default_factory=dict)
    changed: Props | None = None
    """Changes in place. None: nothing does."""
    replacing: Props | None = None
    """Needs a new one. None: nothing does."""
    meddle: Meddle | None = None
    """Changes what `first` declares. None: nothing can be changed."""
    lose: Meddle | None = None
    """Deletes it. None: it cannot be deleted by itself."""
