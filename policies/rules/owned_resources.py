"""A resource says whose it is, and of which environment."""

from collections.abc import Iterator

from kit import TEXTS, is_given, tags_of, texts
from rule import UNKNOWN, Changes, Concern, Finding, Resource, ResourceRule, Settings
from tagged import TAGGED


def remedy(resource: Resource, settings: Settings) -> Changes:
    """Adds the tags that are not there and of which the setting knows the value."""
    lacking = [finding.path.removeprefix("tags.") for finding in check(resource, settings)]
    return {("tags", key): settings["values"][key] for key in lacking if key in settings["values"]}


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    if resource.props.get("tags") is UNKNOWN:
        return
    for key in texts(settings, "required"):
        if not is_given(tags_of(resource).get(key)):
            yield Finding(resource, f"tags.{key}", "missing")


RULE = ResourceRule(
    id="owned-resources",
    concern=Concern.OWNERSHIP,
    types=TAGGED,
    reason="Who is called at night, who pays and who may delete it, its tags say.",
    fix="set defaultTags of the provider, once for all resources: aws:defaultTags in Pulumi.<stack>.yaml",
    settings={
        "required": {**TEXTS, "default": ["owner", "environment"], "description": "The tags that must be there."},
        "values": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "default": {},
            "description": "What a remediation gives to tags that are not there.",
        },
    },
    remedy=remedy,
    check=check,
)
