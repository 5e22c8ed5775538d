"""Cases of the policies on buckets, and on what becomes of artifacts."""

import json
from typing import Any

from tests.policies.cases import Cases, Given, but
from tests.policies.good import ABORT, DIGEST

_OPEN = json.dumps({"Statement": {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}})
_THEIRS = (
    "aws:s3/bucket:Bucket",
    {"bucket": "theirs", "tags": {"sluice:stack": "other", "owner": "us", "environment": "prod"}},
)
_COLD = {"days": 30, "storageClass": "GLACIER_IR"}


def _aging(bucket: str, **rule: Any) -> Given:
    """Returns the good stack with a rule more about a version that no model loads."""
    aging = {"id": "v0", "status": "Enabled", "filter": {"prefix": "models/digits/v0/"}, **rule}
    return but({f"{bucket}-lifecycle": {"rules": [ABORT, aging]}})


def _blocks(bucket: str) -> dict[str, Any]:
    return {
        "no block": (but({f"{bucket}-block": None}), ["BucketPublicAccessBlock is missing"]),
        "a flag": (but({f"{bucket}-block": {"blockPublicAcls": False}}), ["blockPublicAcls is not true"]),
        "a policy": (
            but(more={"open": ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": bucket, "policy": _OPEN})}),
            ["policy is open to everybody in statement Open"],
        ),
        "an ACL": (
            but(more={"open": ("aws:s3/bucketAcl:BucketAcl", {"bucket": bucket, "acl": "public-read"})}),
            ["acl is 'public-read'"],
        ),
    }


def _encryption(bucket: str) -> dict[str, Any]:
    path = "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"
    stored = ("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": bucket, "serverSideEncryption": "AES256"})
    return {
        "nothing said": (
            but({f"{bucket}-encryption": None}),
            ["BucketServerSideEncryptionConfiguration is missing"],
        ),
        "S3's own": (
            but({f"{bucket}-encryption": {"rules.0.applyServerSideEncryptionByDefault.sseAlgorithm": "AES256"}}),
            [f"{path} is 'AES256'"],
        ),
        "an object": (but(more={"stored": stored}), ["serverSideEncryption is 'AES256'"]),
    }


CASES = {
    "encrypted-checkpoint-buckets": Cases(failing=_encryption("weights")),
    "encrypted-buckets": Cases(
        failing={
            **_encryption("captured"),
            "the bucket of logs": (
                but({"logs-encryption": None}),
                ["BucketServerSideEncryptionConfiguration is missing"],
            ),
        }
    ),
    "private-checkpoint-buckets": Cases(failing=_blocks("weights")),
    "private-buckets": Cases(failing=_blocks("captured")),
    "versioned-buckets": Cases(
        passing={
            "a setting of the bucket itself": but(
                {"captured-versioning": None, "captured": {"versioning": {"enabled": True}}}
            ),
            "the bucket of another stack": but(more={"theirs": _THEIRS}),
        },
        failing={
            "nothing said": (but({"captured-versioning": None}), ["BucketVersioning is missing"]),
            "suspended": (
                but({"captured-versioning": {"versioningConfiguration.status": "Suspended"}}),
                ["versioningConfiguration.status is 'Suspended'"],
            ),
        },
    ),
    "logged-buckets": Cases(
        passing={"the bucket of the logs itself": but()},
        failing={"nothing said": (but({"captured-logging": None}), ["BucketLogging is missing"])},
    ),
    "aborted-uploads": Cases(
        failing={
            "nothing said": (but({"captured-lifecycle": None}), ["abortIncompleteMultipartUpload is missing"]),
            "only of some keys": (
                but({"captured-lifecycle": {"rules.0.filter.prefix": "x/"}}),
                ["abortIncompleteMultipartUpload is missing"],
            ),
            "turned off": (
                but({"captured-lifecycle": {"rules.0.status": "Disabled"}}),
                ["abortIncompleteMultipartUpload is missing"],
            ),
        }
    ),
    "live-artifacts-stay": Cases(
        passing={
            "another version": _aging("weights", transitions=[_COLD]),
            "a rule that is off": _aging(
                "weights", transitions=[_COLD], filter={"prefix": "models/digits/v1/"}, status="Disabled"
            ),
            "another bucket": _aging("captured", transitions=[_COLD], filter={"prefix": "models/digits/v1/"}),
        },
        failing={
            "going cold": (
                _aging("weights", transitions=[_COLD], filter={"prefix": "models/digits/v1/"}),
                [f"rules[1] is about models/digits/v1/{DIGEST}/model.tar.gz, which a model of this stack loads"],
            ),
            "expiring with all others": (
                _aging("weights", transitions=[_COLD], expiration={"days": 90}, filter={"prefix": ""}),
                [f"rules[1] is about models/digits/v1/{DIGEST}/model.tar.gz, which a model of this stack loads"],
            ),
        },
    ),
    "cold-before-deletion": Cases(
        passing={
            "first cold": _aging("weights", transitions=[_COLD], expiration={"days": 365}),
            "what is no artifact": _aging("captured", expiration={"days": 30}),
        },
        failing={
            "from hot storage": (
                _aging("weights", expiration={"days": 30}),
                ["rules[1] is to be deleted after 30 days, from hot storage"],
            ),
            "cold only afterwards": (
                _aging("weights", transitions=[{**_COLD, "days": 30}], expiration={"days": 30}),
                ["rules[1] is to be deleted after 30 days, from hot storage"],
            ),
        },
    ),
}
