"""Programs whose checkpoint bucket is, and is not, private."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import CheckpointStore
from tests.policies.programs import STORE, chosen_by_aws, private

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
ANY_ACCOUNT = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
OPEN = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
FOUND = ["policy is open to everybody in statement Open"]


def _bucket(**settings: Any) -> aws.s3.Bucket:
    bucket = aws.s3.Bucket("it", tags=STORE, **settings)
    private(bucket)
    return bucket


def _old_bucket(**settings: Any) -> None:
    bucket = aws.s3.BucketV2("it", tags=STORE, bucket="weights", **settings)
    aws.s3.BucketPublicAccessBlock(
        "it",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def _flags(**flags: pulumi.Input[bool]) -> None:
    aws.s3.BucketPublicAccessBlock("it", bucket=aws.s3.Bucket("it", tags=STORE).bucket, **flags)


def _all_but(flag: str) -> None:
    flags = {"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"} - {flag}
    _flags(**dict.fromkeys(flags, True))


def _policy(*conditions: dict[str, Any], **changes: Any) -> None:
    """A policy whose statements let in everybody, each on a condition of its own."""
    statements = [{**OPEN, **changes, **({"Condition": it} if it else {})} for it in conditions or ({},)]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    aws.s3.BucketPolicy("it", bucket=_bucket().bucket, policy=document)


def _access_point(**changes: Any) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**OPEN, **changes}]})
    aws.s3.AccessPoint("it", bucket=_bucket().bucket, policy=document)


def _grants(kind: type, uri: str) -> None:
    grantee = {"type": "Group", "uri": uri}
    policy = {"owner": {"id": "me"}, "grants": [{"permission": "READ", "grantee": grantee}]}
    kind("it", bucket=_bucket().bucket, access_control_policy=policy)


def _copy() -> None:
    grants = [aws.s3.ObjectCopyGrantArgs(permissions=["READ"], type="Group", uri=EVERYBODY)]
    aws.s3.ObjectCopy("it", bucket=_bucket().bucket, key="k", source="other/k", grants=grants)


PASSING = {
    "a CheckpointStore": lambda: CheckpointStore("it", {"versions": []}),
    "a bucket with all flags": _bucket,
    "a bucket with a name of its own": lambda: _bucket(bucket="weights"),
    "a bucket whose name is not known yet": lambda: _bucket(bucket=chosen_by_aws()),
    "flags that are not known yet": lambda: _flags(
        block_public_acls=chosen_by_aws().apply(bool),
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    ),
    "a private ACL": lambda: aws.s3.BucketAcl("it", bucket=_bucket().bucket, acl="private"),
    "an old bucket with all flags": _old_bucket,
    "a policy that only refuses": lambda: _policy(Effect="Deny"),
    "a policy for an account": lambda: _policy(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
    "a policy for one organization": lambda: _policy({"StringEquals": {"aws:PrincipalOrgID": "o-abcdef1234"}}),
    "a policy for one endpoint": lambda: _policy({"StringEquals": {"aws:sourceVpce": ["vpce-1", "vpce-2"]}}),
    "a policy for an account's roles": lambda: _policy(
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}
    ),
    "a policy for some addresses": lambda: _policy({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    "a policy for a large network": lambda: _policy({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}),
    "a policy for one address": lambda: _policy({"IpAddress": {"aws:SourceIp": "203.0.113.7"}}),
    "an access point for one organization": lambda: _access_point(
        Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdef1234"}}
    ),
    "a policy that is not known yet": lambda: aws.s3.BucketPolicy(
        "it", bucket=_bucket().bucket, policy=chosen_by_aws()
    ),
    "a public bucket without checkpoints": lambda: aws.s3.BucketAcl(
        "it", bucket=aws.s3.Bucket("it").bucket, acl="public-read"
    ),
    "the store of another stack": lambda: aws.s3.Bucket("it", tags={**STORE, "sluice:stack": "other"}),
}
FAILING = {
    "nothing": (lambda: aws.s3.Bucket("it", tags=STORE), ["BucketPublicAccessBlock is missing"]),
    "all flags on another bucket": (
        lambda: (aws.s3.Bucket("it", tags=STORE), private(aws.s3.Bucket("other"))),
        ["BucketPublicAccessBlock is missing"],
    ),
    "all flags on another bucket, neither of whose names is known yet": (
        lambda: (
            aws.s3.Bucket("it", tags=STORE, bucket=chosen_by_aws()),
            private(aws.s3.Bucket("other", bucket=chosen_by_aws("other"))),
        ),
        ["BucketPublicAccessBlock is missing"],
    ),
    "public ACLs": (lambda: _all_but("block_public_acls"), ["blockPublicAcls is not true"]),
    "public policies": (lambda: _all_but("block_public_policy"), ["blockPublicPolicy is not true"]),
    "ACLs that count": (lambda: _all_but("ignore_public_acls"), ["ignorePublicAcls is not true"]),
    "policies that count": (lambda: _all_but("restrict_public_buckets"), ["restrictPublicBuckets is not true"]),
    "a bucket's own ACL": (lambda: _old_bucket(acl="public-read"), ["acl is 'public-read'"]),
    "a bucket's own grant": (
        lambda: _old_bucket(grants=[{"type": "Group", "uri": EVERYBODY, "permissions": ["READ"]}]),
        ["grants[0] is for AllUsers"],
    ),
    "a bucket's own policy": (lambda: _old_bucket(policy=json.dumps({"Statement": OPEN})), FOUND),
    "an ACL": (
        lambda: aws.s3.BucketAcl("it", bucket=_bucket().bucket, acl="public-read-write"),
        ["acl is 'public-read-write'"],
    ),
    "an old ACL": (
        lambda: aws.s3.BucketAclV2("it", bucket=_bucket().bucket, acl="authenticated-read"),
        ["acl is 'authenticated-read'"],
    ),
    "a grant": (lambda: _grants(aws.s3.BucketAcl, EVERYBODY), ["accessControlPolicy.grants[0] is for AllUsers"]),
    "an old grant": (
        lambda: _grants(aws.s3.BucketAclV2, ANY_ACCOUNT),
        ["accessControlPolicy.grants[0] is for AuthenticatedUsers"],
    ),
    "a secret ACL": (
        lambda: aws.s3.BucketAcl("it", bucket=_bucket().bucket, acl=pulumi.Output.secret("public-read")),
        ["acl is "],
    ),
    "an object": (
        lambda: aws.s3.BucketObjectv2("it", bucket=_bucket().bucket, key="k", content="c", acl="public-read"),
        ["acl is 'public-read'"],
    ),
    "a copied object": (_copy, ["grants[0] is for AllUsers"]),
    "a policy for everybody": (_policy, FOUND),
    "a policy for every AWS account": (lambda: _policy(Principal={"AWS": ["123456789012", "*"]}), FOUND),
    "a policy for all but one": (lambda: _policy(Principal=None, NotPrincipal={"AWS": "123456789012"}), FOUND),
    "a condition on how, not on who": (lambda: _policy({"Bool": {"aws:SecureTransport": "true"}}), FOUND),
    "a condition on what is told, not on who": (lambda: _policy({"StringEquals": {"aws:UserAgent": "me"}}), FOUND),
    "a condition on who comes not": (lambda: _policy({"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}), FOUND),
    "a condition that absence meets": (
        lambda: _policy({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdef1234"}}),
        FOUND,
    ),
    "a condition that nothing meets, and so all": (
        lambda: _policy({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-abcdef1234/*"}}),
        FOUND,
    ),
    "a condition that every name meets": (lambda: _policy({"StringLike": {"aws:PrincipalArn": "*"}}), FOUND),
    "a condition that every account meets": (
        lambda: _policy({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}}),
        FOUND,
    ),
    "a condition that every address meets": (lambda: _policy({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), FOUND),
    "a condition that half of all addresses meet": (
        lambda: _policy({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        FOUND,
    ),
    "a condition that many IPv6 addresses meet": (lambda: _policy({"IpAddress": {"aws:SourceIp": "2000::/3"}}), FOUND),
    "an access point": (_access_point, FOUND),
    "one statement of two": (lambda: _policy({"StringEquals": {"aws:PrincipalOrgID": "o-a"}}, {}), FOUND),
}
