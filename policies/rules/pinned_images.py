"""Every container image is named by its digest."""

import re
from collections.abc import Iterator

from containers import containers
from rule import Concern, Finding, Resource, ResourceRule, Settings

PINNED = re.compile(r".+@sha256:[0-9a-f]{64}")


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for path, container in containers(resource):
        image = container.get("image")
        if isinstance(image, str) and not PINNED.fullmatch(image):
            yield Finding(resource, f"{path}.image", repr(image))


RULE = ResourceRule(
    id="pinned-images",
    concern=Concern.EVIDENCE,
    types=("aws:sagemaker/*", "aws-native:sagemaker:*", "sluice:*"),
    reason="A tag can be moved: what was reviewed and evaluated is then not what serves.",
    fix="name the image by digest, <repository>@sha256:<64 hexadecimal digits>; `docker buildx imagetools inspect` "
    "shows the digest of a tag",
    check=check,
)
