"""The component `CheckpointStore`: where model artifacts live."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import artifacts, retention
from sluice.args import ArgsModel
from sluice.bucket_settings import abort_rule, encryption_rule, tls_only_policy, version_rule
from sluice.errors import InvalidInput, Problem
from sluice.names import ALLOWED, is_name
from sluice.retention import LifecycleRule, Retention, StorageClass, StoredVersion, VersionRole
from sluice.tags import identity_tags


class ArtifactArgs(ArgsModel):
    """A file on this machine that a version consists of."""

    path: str
    """Where it is, from the program's folder."""
    sha256: str
    """What it must be: the SHA-256 of its content, in hexadecimal."""
    build_command: str | None = None
    """What makes it, told to whoever does not have it. Omitted: nothing is told."""


class StoredVersionArgs(ArgsModel):
    """One model version whose artifacts the store keeps."""

    name: str
    """For example `digits@1`."""
    prefix: str
    """What the keys of its objects, and of no others, begin with: `models/digits/v1/`."""
    role: VersionRole | None = None
    """What it is needed for; a version with a role stays hot. Omitted: nothing."""
    artifact: ArtifactArgs | None = None
    """A file to upload. Omitted: the training pipeline has put it there."""
    containers: dict[str, ArtifactArgs] | None = None
    """From one of several containers to its file, to upload. Omitted: there is a single one, or none has a file."""
    report: ArtifactArgs | None = None
    """Its evaluation report, to upload too. Omitted: it is kept elsewhere."""


class RetentionArgs(ArgsModel):
    """How versions age once nothing needs them."""

    keep_hot: int | None = None
    """How many of the newest versions stay hot in any case. Omitted: 3."""
    cold_after_days: int | None = None
    """Age at which objects of older versions go to cold storage. Omitted: 30."""
    cold_storage_class: StorageClass | None = None
    """Where they go. Omitted: `GLACIER_IR`, which answers at once."""
    delete_after_days: int | None = None
    """Age at which they are deleted, to be brought back for `superseded_after_days` more. Omitted: never."""
    superseded_after_days: int | None = None
    """How long their overwritten and deleted objects can be brought back. Omitted: 30."""


class AccessLogArgs(ArgsModel):
    """Where to log who reads the store."""

    bucket: pulumi.Input[str]
    """A bucket whose policy lets `logging.s3.amazonaws.com` put objects."""
    prefix: str | None = None
    """What the keys of the logs begin with. Omitted: the store's name and a slash."""


class CheckpointStoreArgs(ArgsModel):
    """What a store keeps, and for how long."""

    versions: list[StoredVersionArgs]
    """The model versions, oldest first."""
    retention: RetentionArgs | None = None
    """How versions age. Omitted: three stay hot, older ones go cold after 30 days, none is deleted."""
    kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts all objects. Omitted: one of the store's own, rotated yearly."""
    access_log: AccessLogArgs | None = None
    """Where to log who reads the store. Omitted: nowhere."""
    abort_uploads_after_days: int | None = None
    """When an upload that nobody finished is cleared away. Omitted: 7."""
    force_destroy: bool | None = None
    """Deletes all artifacts with the store. Omitted: false; a store that is not empty cannot be deleted."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class CheckpointStore(pulumi.ComponentResource):
    """
    A bucket for model artifacts: versioned, encrypted, private, reachable over TLS alone.

    Nothing that serves, stands by or may be gone back to ever leaves hot storage.
    """

    bucket_name: pulumi.Output[str]
    """The bucket. Known once its encryption and access settings are in force."""
    bucket_arn: pulumi.Output[str]
    """Its ARN."""
    key_arn: pulumi.Output[str]
    """The key that encrypts it."""
    artifact_urls: pulumi.Output[dict[str, str]]
    """From an uploaded version's name to its artifact, `s3://...`."""
    container_urls: pulumi.Output[dict[str, dict[str, str]]]
    """From a version's name to the artifacts of its several containers, `s3://...`, by the containers' names."""
    report_urls: pulumi.Output[dict[str, str]]
    """From a version's name to its evaluation report, `s3://...`."""

    def __init__(self, name: str, args: CheckpointStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"CheckpointStore {name!r}"
        args = CheckpointStoreArgs.parse(subject, args)
        versions, kept, abort_days = _versions(args), _retention(args), _or(args.abort_uploads_after_days, 7)
        problems = [
            *retention.problems(versions, kept),
            *_abort_problems(abort_days),
            *_artifact_problems(args),
        ]
        if problems:
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:CheckpointStore", name, {}, opts)

        self._name, self._tags = name, identity_tags("CheckpointStore", name, args.tags)
        self.key_arn = pulumi.Output.from_input(args.kms_key_arn) if args.kms_key_arn is not None else self._key()
        bucket = aws.s3.Bucket(name, force_destroy=bool(args.force_destroy), tags=self._tags, opts=self._child())
        settings = self._secured(bucket)
        rules = retention.lifecycle_rules(versions, kept)
        self._aging(bucket, rules, abort_days, settings)
        if args.access_log is not None:
            self._logged(bucket, args.access_log)
        self.bucket_arn = bucket.arn
        # Who uses the name uses a bucket that is private and encrypted already.
        self.bucket_name = pulumi.Output.all(bucket.bucket, *[setting.id for setting in settings]).apply(_first)
        uploaded = {version.name: self._uploaded(version.name, version, version.artifact) for version in args.versions}
        reports = {it.name: self._uploaded(f"{it.name}-report", it, it.report) for it in args.versions}
        several: dict[str, Any] = {it.name: self._containers(it) for it in args.versions if it.containers}
        self.artifact_urls = _known(uploaded)
        self.container_urls = pulumi.Output.from_input(several)
        self.report_urls = _known(reports)
        self.register_outputs(
            {
                "bucketName": self.bucket_name,
                "bucketArn": self.bucket_arn,
                "keyArn": self.key_arn,
                "artifactUrls": self.artifact_urls,
                "containerUrls": self.container_urls,
                "reportUrls": self.report_urls,
            }
        )

    def _key(self) -> pulumi.Output[str]:
        key = aws.kms.Key(
            self._name,
            description=f"Model artifacts of {self._name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            tags=self._tags,
            opts=self._child(),
        )
        aws.kms.Alias(self._name, target_key_id=key.key_id, opts=self._child())
        return key.arn

    def _secured(self, bucket: aws.s3.Bucket) -> list[pulumi.CustomResource]:
        name, options = self._name, self._child()
        return [
            aws.s3.BucketVersioning(
                name, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=options
            ),
            aws.s3.BucketServerSideEncryptionConfiguration(
                name,
                bucket=bucket.bucket,
                rules=[encryption_rule(self.key_arn)],
                opts=options,
            ),
            aws.s3.BucketPublicAccessBlock(
                name,
                bucket=bucket.bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=options,
            ),
            aws.s3.BucketOwnershipControls(
                name, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=options
            ),
            aws.s3.BucketPolicy(name, bucket=bucket.bucket, policy=bucket.arn.apply(tls_only_policy), opts=options),
        ]

    def _aging(
        self, bucket: aws.s3.Bucket, rules: list[LifecycleRule], abort_days: int, settings: list[pulumi.CustomResource]
    ) -> None:
        aws.s3.BucketLifecycleConfiguration(
            self._name,
            bucket=bucket.bucket,
            rules=[abort_rule(abort_days), *map(version_rule, rules)],
            # What becomes of superseded objects means something only once they are kept.
            opts=self._child(depends_on=settings[:1]),
        )

    def _logged(self, bucket: aws.s3.Bucket, log: AccessLogArgs) -> None:
        prefix = _or(log.prefix, f"{self._name}/")
        aws.s3.BucketLogging(
            self._name, bucket=bucket.bucket, target_bucket=log.bucket, target_prefix=prefix, opts=self._child()
        )

    def _containers(self, version: StoredVersionArgs) -> pulumi.Output[dict[str, str]]:
        files = (version.containers or {}).items()
        return _known(
            {name: self._uploaded(f"{version.name}-{name}-artifact", version, file, f"{name}/") for name, file in files}
        )

    def _uploaded(
        self, name: str, version: StoredVersionArgs, file: ArtifactArgs | None, folder: str = ""
    ) -> pulumi.Output[str] | None:
        if file is None:
            return None
        stored = aws.s3.BucketObjectv2(
            f"{self._name}-{name}",
            bucket=self.bucket_name,
            # The digest in the key makes other content another object: what refers to it is seen to change.
            key=f"{version.prefix}{folder}{file.sha256}/{Path(file.path).name}",
            source=pulumi.FileAsset(file.path),
            checksum_algorithm="SHA256",
            server_side_encryption="aws:kms",
            kms_key_id=self.key_arn,
            # Nothing is deleted by leaving a list: objects of a version that is no longer declared stay.
            opts=self._child(retain_on_delete=True),
        )
        return pulumi.Output.format("s3://{}/{}", stored.bucket, stored.key)

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)


def _versions(args: CheckpointStoreArgs) -> list[StoredVersion]:
    return [StoredVersion(version.name, version.prefix, version.role) for version in args.versions]


def _retention(args: CheckpointStoreArgs) -> Retention:
    given = args.retention or RetentionArgs()
    return Retention(
        keep_hot=_or(given.keep_hot, 3),
        cold_after_days=_or(given.cold_after_days, 30),
        cold_class=_or(given.cold_storage_class, StorageClass.GLACIER_IR),
        delete_after_days=given.delete_after_days,
        superseded_after_days=_or(given.superseded_after_days, 30),
    )


def _artifact_problems(args: CheckpointStoreArgs) -> Iterator[Problem]:
    for index, version in enumerate(args.versions):
        at = f"versions[{index}]"
        several = {f"containers.{name}": file for name, file in (version.containers or {}).items()}
        if several and version.artifact is not None:
            yield Problem(f"{at}.artifact", f"of {version.name} is for a single container, and containers name several")
        for name in version.containers or {}:
            if not is_name(name):
                yield Problem(f"{at}.containers.{name}", f"is no name for a container; {ALLOWED}")
        for key, file in {"artifact": version.artifact, **several, "report": version.report}.items():
            if file is not None:
                yield from artifacts.problems(f"{at}.{key}", version.name, file.path, file.sha256, file.build_command)


def _abort_problems(days: int) -> Iterator[Problem]:
    if days < 1:
        yield Problem("abort_uploads_after_days", f"is {days}; allowed 1 or more, so that an upload can be finished")


def _known(urls: Mapping[str, pulumi.Output[str] | None]) -> pulumi.Output[dict[str, str]]:
    # Unlike `Output.all`, which makes a list of nothing, this is a map even then.
    known: dict[str, Any] = {key: url for key, url in urls.items() if url is not None}
    return pulumi.Output.from_input(known)


def _first(values: list[Any]) -> Any:
    return values[0]


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
