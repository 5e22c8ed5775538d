"""The stores of a feature group are encrypted with a key of your own."""

from collections.abc import Iterator

from kit import at, is_given, missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if is_given(resource.props.get("offlineStoreConfig")):
        yield from missing(resource, "offlineStoreConfig.s3StorageConfig.kmsKeyId")
    online = resource.props.get("onlineStoreConfig")
    if at(online, "enableOnlineStore") is True and at(online, "storageType") in (None, "Standard"):
        yield from missing(resource, "onlineStoreConfig.securityConfig.kmsKeyId")


RULE = ResourceRule(
    id="encrypted-feature-groups",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/featureGroup:FeatureGroup",),
    reason="Features are data about people as often as not, and the store keeps their history.",
    fix="set kmsKeyId of the offline store's s3StorageConfig and of the online store's securityConfig",
    covers=("SageMaker.17", "SageMaker.18"),
    check=check,
)
