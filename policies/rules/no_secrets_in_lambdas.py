"""The environment of a Lambda holds no credentials."""

import re
from collections.abc import Iterator, Mapping

from kit import at
from rule import Concern, Finding, Resource, ResourceRule, Settings

PATTERNS = {
    "an access key of AWS": re.compile(r"\b(A3T[A-Z0-9]|AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a token of GitHub": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10}"),
    "a password in an address": re.compile(r"://[^/\s:@]+:[^/\s:@]+@"),
}


def _kind(value: str) -> str | None:
    return next((kind for kind, pattern in PATTERNS.items() if pattern.search(value)), None)


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    variables = at(resource.props, "environment.variables")
    for name, value in variables.items() if isinstance(variables, Mapping) else ():
        if isinstance(value, str) and (kind := _kind(value)):
            # The value itself is told to nobody.
            yield Finding(resource, f"environment.variables.{name}", kind)


RULE = ResourceRule(
    id="no-secrets-in-lambdas",
    concern=Concern.SECURITY,
    types=("aws:lambda/function:Function",),
    reason="Whoever may describe the function reads them, and nobody notices.",
    fix="keep it in Secrets Manager and give the function the right to read it",
    covers=("CKV_AWS_45",),
    check=check,
)
