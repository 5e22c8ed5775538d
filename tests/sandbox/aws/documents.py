"""What the resources of several services need: roles, policies, images."""

import json
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/digits"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:" + "ab" * 32


def document(action: str, resource: str | None = None, principal: Any = None, effect: str = "Allow") -> str:
    """Returns a policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": resource, "Principal": principal}
    given = {key: value for key, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [given]})


TRUST = document("sts:AssumeRole", principal={"Service": "sagemaker.amazonaws.com"})
