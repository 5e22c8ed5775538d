"""
The schema of the package `aws` as the sandbox serves it: for hosts that look types up before they run a program.

It has the names of what the sandbox knows. What a value must be, checking says, by AWS's own descriptions.
"""

import json
from typing import Any

from sluice_sandbox.aws import functions
from sluice_sandbox.aws.types import all_types

_ANY = {"$ref": "pulumi.json#/Any"}


def aws_schema(version: str) -> str:
    """Returns the schema as JSON."""
    return json.dumps(
        {
            "name": "aws",
            "version": version,
            # `aws:s3/bucket:Bucket` is `aws:s3:Bucket` to people.
            "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
            "provider": {"inputProperties": {"region": {"type": "string"}, "defaultTags": _ANY}},
            "resources": {token: _resource(kind) for token, kind in all_types().items()},
            "functions": {
                token: {"inputs": {"type": "object"}, "outputs": {"type": "object", "additionalProperties": _ANY}}
                for token in functions.all_functions()
            },
        }
    )


def _resource(kind: Any) -> dict[str, Any]:
    inputs = dict.fromkeys(sorted(kind.input_names()), _ANY)
    told = {"arn", *kind.computed, *(("tagsAll",) if kind.tagging.enabled else ())}
    return {"inputProperties": inputs, "properties": {**inputs, **dict.fromkeys(sorted(told), _ANY)}}
