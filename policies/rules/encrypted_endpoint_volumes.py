"""The disks of an endpoint's instances are encrypted with a key of your own."""

import re
from collections.abc import Iterator, Mapping

from kit import listed, missing
from rule import Concern, Finding, Resource, ResourceRule, Settings

VARIANTS = ("productionVariants", "shadowProductionVariants")
LOCAL_DISKS = re.compile(r"ml\.(\w*\d\w*d\w*|g4dn|g5|g6e?|p3dn|p4de?|p5e?n?|trn1n?|inf2)\.")
"""Instances whose disks are their own: they encrypt them by themselves, and SageMaker takes no key for them."""


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    variants = [it for key in VARIANTS for it in listed(resource.props.get(key)) if isinstance(it, Mapping)]
    kinds = [it["instanceType"] for it in variants if isinstance(it.get("instanceType"), str)]
    # The key is of the whole configuration: one variant with disks of its own, and SageMaker takes none.
    if kinds and not any(map(LOCAL_DISKS.match, kinds)):
        yield from missing(resource, "kmsKeyArn")


RULE = ResourceRule(
    id="encrypted-endpoint-volumes",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/endpointConfiguration:EndpointConfiguration",),
    reason="What a container writes, requests among it, lies on these disks, and who may read it is decided by the "
    "key.",
    fix="set kmsKeyArn of the configuration, or volumeKmsKeyArn of ModelEndpoint",
    covers=("CKV_AWS_98",),
    check=check,
)
