"""
Every model artifact lies under a key that names its content.

SageMaker takes no object version with an artifact's URL, so the key is the only pin there is: a part of it must be, or
hold, the SHA-256 of the content, as in the keys that CheckpointStore makes. Other content is then another URL, and
shows in a preview.
"""

import re
from collections.abc import Iterator

from containers import artifacts, containers
from rule import Concern, Finding, Resource, ResourceRule, Settings

DIGEST_IN_KEY = re.compile(r"(s3|https)://[^/]+/(.*[^0-9a-f])?[0-9a-f]{64}([^0-9a-f].*)?")


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for path, container in containers(resource):
        for at, url in artifacts(path, container):
            if isinstance(url, str) and not DIGEST_IN_KEY.fullmatch(url):
                yield Finding(resource, at, repr(url))


RULE = ResourceRule(
    id="pinned-artifacts",
    concern=Concern.EVIDENCE,
    types=("aws:sagemaker/*", "aws-native:sagemaker:*", "sluice:*"),
    reason="What lies under a name without a digest can be overwritten; no diff shows it, the next instance loads it.",
    fix="upload the artifact with CheckpointStore and use its artifact_urls, or put the SHA-256 of the content into "
    "the key: s3://<bucket>/<prefix>/<64 hexadecimal digits>/model.tar.gz",
    check=check,
)
