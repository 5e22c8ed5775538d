"""The store, from creation to destruction."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice import CheckpointStore
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.components.conftest import ClientOf, Deploy
from tests.unit.s3_lifecycle import StoredObject, fates

SETTINGS = {
    "BucketVersioning",
    "BucketServerSideEncryptionConfiguration",
    "BucketPublicAccessBlock",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketLifecycleConfiguration",
}


class Store:
    """A stack with a store, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, **args: Any) -> None:
        self.args = {"versions": [], **args}
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        store = CheckpointStore("models", self.args)  # type: ignore[arg-type]
        pulumi.export("bucket", store.bucket_name)
        pulumi.export("bucketArn", store.bucket_arn)
        pulumi.export("key", store.key_arn)
        pulumi.export("urls", store.artifact_urls)
        pulumi.export("reports", store.report_urls)
        pulumi.export("containerUrls", store.container_urls)

    def up(self) -> Result:
        return self.stack.up()

    def made(self) -> str:
        """Brings the store up and returns its bucket."""
        return str(self.up().outputs["bucket"])


def versions(count: int, **roles: str) -> list[dict[str, Any]]:
    named = ((f"v{number}", f"m/v{number}/") for number in range(1, count + 1))
    return [
        {"name": name, "prefix": prefix, **({"role": roles[name]} if name in roles else {})} for name, prefix in named
    ]


def artifact(folder: Path, name: str, content: bytes) -> dict[str, str]:
    file = folder / name / "model.tar.gz"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return {"path": str(file), "sha256": hashlib.sha256(content).hexdigest()}


def rules_of(s3: Any, bucket: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return rules


def touched(result: Result) -> dict[str, str]:
    """Returns what happened to each resource that did not stay as it was, by its type."""
    return {record.type.rpartition(":")[2]: record.op.value for record in result.visible if record.op.value != "same"}


def test_a_store_is_encrypted_versioned_private_and_reachable_over_tls_alone(deploy: Deploy, client: ClientOf) -> None:
    """What AWS then says of the bucket is what the component promises."""
    s3, outputs = client("s3"), Store(deploy).up().outputs
    bucket = outputs["bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": outputs["key"]}
    assert rule["BucketKeyEnabled"]
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(access) == {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    assert set(access.values()) == {True}
    (owner,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"
    statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert {json.dumps(statement["Condition"]) for statement in statements} == {
        '{"Bool": {"aws:SecureTransport": "false"}}',
        '{"NumericLessThan": {"s3:TlsVersion": "1.2"}}',
    }
    for statement in statements:
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Resource"] == [outputs["bucketArn"], f"{outputs['bucketArn']}/*"]


def test_the_stores_own_key_is_rotated(deploy: Deploy, client: ClientOf) -> None:
    """Without a key of the user's there is one of the store's, under a readable name."""
    kms, key = client("kms"), Store(deploy).up().outputs["key"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    (alias,) = kms.list_aliases(KeyId=key)["Aliases"]
    assert alias["AliasName"].startswith("alias/models-")


def test_a_given_key_encrypts_and_no_other_is_made(deploy: Deploy, client: ClientOf) -> None:
    """The key of the user's choice is what the bucket names."""
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    result = Store(deploy, kms_key_arn=key).up()
    (rule,) = client("s3").get_bucket_encryption(Bucket=result.outputs["bucket"])["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
    assert "Key" not in touched(result)


def test_access_is_logged_on_request(deploy: Deploy, client: ClientOf) -> None:
    """The log bucket and a prefix of the store's own are set; leaving the argument out unsets them."""
    s3 = client("s3")

    def program() -> None:
        logs = aws.s3.Bucket("logs", force_destroy=True)
        aws.s3.BucketPolicy("logs", bucket=logs.bucket, policy=logs.arn.apply(may_log))
        given = {"access_log": {"bucket": logs.bucket}} if logged else {}
        store = CheckpointStore("models", {"versions": [], **given})  # type: ignore[arg-type]
        pulumi.export("bucket", store.bucket_name)
        pulumi.export("logs", logs.bucket)

    logged, stack = True, deploy(program)
    outputs = stack.up().outputs
    enabled = s3.get_bucket_logging(Bucket=outputs["bucket"])["LoggingEnabled"]
    assert (enabled["TargetBucket"], enabled["TargetPrefix"]) == (outputs["logs"], "models/")
    logged = False
    assert touched(stack.up()) == {"BucketLogging": "delete"}
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=outputs["bucket"])


def may_log(bucket_arn: str) -> str:
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket_arn}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def test_aging_arrives_as_declared(deploy: Deploy, client: ClientOf) -> None:
    """Of five versions the newest three and the rollback target stay hot; the one left goes cold and then away."""
    kept = {"coldAfterDays": 10, "coldStorageClass": "GLACIER", "deleteAfterDays": 200, "supersededAfterDays": 5}
    store = Store(deploy, versions=versions(5, v2="rollbackTarget"), retention=kept, abort_uploads_after_days=3)
    rules = rules_of(client("s3"), store.made())
    assert rules == [
        {
            "ID": "abort-unfinished-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        },
        {
            "ID": "version-v1",
            "Status": "Enabled",
            "Filter": {"Prefix": "m/v1/"},
            "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}],
            "Expiration": {"Days": 200},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 5},
        },
    ]


@pytest.mark.parametrize("role", ["serving", "standby", "rollbackTarget"])
def test_every_role_protects(deploy: Deploy, client: ClientOf, role: str) -> None:
    """The oldest version of twelve, with a role, is matched by nothing, and neither is `v10` by the rule for `v1`."""
    rules = rules_of(client("s3"), Store(deploy, versions=versions(12, v2=role)).made())
    ages = {f"v{n}": fates(rules, StoredObject(f"m/v{n}/model.tar.gz")) for n in range(1, 13)}
    assert {name for name, fate in ages.items() if not fate} == {"v2", "v10", "v11", "v12"}


def test_a_new_version_is_a_readable_change_of_rules_alone(deploy: Deploy, client: ClientOf) -> None:
    """The version that leaves the window gets a rule; the bucket is neither replaced nor touched."""
    store = Store(deploy, versions=versions(4))
    bucket = store.made()
    store.args["versions"] = versions(5)
    result = store.up()
    assert touched(result) == {"BucketLifecycleConfiguration": "update"}
    (changed,) = [record for record in result.visible if record.op.value == "update"]
    assert {path: change.kind.value for path, change in changed.changes.items()} == {"rules[2]": "add"}
    assert not any(change.replaces for change in changed.changes.values())
    assert [rule["ID"] for rule in rules_of(client("s3"), bucket)[1:]] == ["version-v1", "version-v2"]


def test_a_role_that_is_given_back_is_a_readable_change(deploy: Deploy) -> None:
    """A version that is no rollback target any more ages from then on; the diff says where the rule comes in."""
    store = Store(deploy, versions=versions(4, v1="rollbackTarget"))
    store.up()
    store.args["versions"] = versions(4)
    record = next(record for record in store.up().visible if record.op.value == "update")
    assert (record.type.rpartition(":")[2], list(record.changes)) == ("BucketLifecycleConfiguration", ["rules[1]"])


def test_an_artifact_is_uploaded_encrypted_under_its_digest(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """What is declared is what lies there, and the URL leads to it."""
    file = artifact(tmp_path, "v1", b"weights")
    store = Store(deploy, versions=[{"name": "v1", "prefix": "m/v1/", "artifact": file}])
    outputs = store.up().outputs
    key = f"m/v1/{file['sha256']}/model.tar.gz"
    assert outputs["urls"] == {"v1": f"s3://{outputs['bucket']}/{key}"}
    stored = client("s3").get_object(Bucket=outputs["bucket"], Key=key)
    assert stored["Body"].read() == b"weights"
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", outputs["key"])


def test_a_report_is_kept_beside_its_artifact(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Under its own digest, encrypted with the same key; a version without a report has no URL of one."""
    file, report = artifact(tmp_path, "v1", b"weights"), artifact(tmp_path, "report", b'{"accuracy": 1}')
    versions = [
        {"name": "v1", "prefix": "m/v1/", "artifact": file, "report": report},
        {"name": "v2", "prefix": "m/v2/"},
    ]
    outputs = Store(deploy, versions=versions).up().outputs
    url = outputs["reports"].pop("v1")
    assert outputs["reports"] == {}
    assert url == f"s3://{outputs['bucket']}/m/v1/{report['sha256']}/model.tar.gz"
    stored = client("s3").get_object(Bucket=outputs["bucket"], Key=url.removeprefix(f"s3://{outputs['bucket']}/"))
    assert stored["Body"].read() == b'{"accuracy": 1}'
    assert stored["SSEKMSKeyId"] == outputs["key"]


def test_each_of_several_containers_has_its_artifact(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """Two that are the same file are two objects, one called like the report is in nobody's way, and all is still."""
    given = {"features": artifact(tmp_path, "f", b"same"), "report": artifact(tmp_path, "r", b"same")}
    version = {"name": "v1", "prefix": "m/v1/", "containers": given, "report": artifact(tmp_path, "told", b"{}")}
    store = Store(deploy, versions=[version])
    outputs = store.up().outputs
    keys = {name: f"m/v1/{name}/{file['sha256']}/model.tar.gz" for name, file in given.items()}
    assert outputs["containerUrls"] == {"v1": {name: f"s3://{outputs['bucket']}/{key}" for name, key in keys.items()}}
    assert outputs["urls"] == {}
    for key in keys.values():
        assert client("s3").get_object(Bucket=outputs["bucket"], Key=key)["Body"].read() == b"same"
    assert not store.up().changed


def test_what_is_wrong_with_containers_is_told_at_once(deploy: Deploy, tmp_path: Path) -> None:
    """A file that is not what was released, a name that no container can have, and an artifact for no container."""
    wrong = {"a": {**artifact(tmp_path, "a", b"a"), "sha256": "0" * 64}, "b_": artifact(tmp_path, "b", b"b")}
    version = {"name": "v1", "prefix": "m/", "containers": wrong, "artifact": artifact(tmp_path, "c", b"c")}
    with pytest.raises(UpdateFailed) as error:
        Store(deploy, versions=[version]).up()
    head, *told = str(error.value.result.errors()).splitlines()
    assert head == "CheckpointStore 'models': 3 problems"
    assert told[0].strip() == "versions[0].artifact of v1 is for a single container, and containers name several"
    assert told[1].strip().startswith("versions[0].containers.b_ is no name for a container; allowed: up to 63")
    assert told[2].strip().startswith(f"versions[0].containers.a.sha256 of v1 is {'0' * 64}, but the file")


def test_leaving_the_list_deletes_no_artifact(deploy: Deploy, client: ClientOf, tmp_path: Path) -> None:
    """A version that is no longer declared is out of the state, and its object still there, ageing by no rule."""
    file = artifact(tmp_path, "v1", b"weights")
    store = Store(deploy, versions=[{"name": "v1", "prefix": "m/v1/", "artifact": file}])
    bucket = store.made()
    store.args["versions"] = []
    store.up()
    key = f"m/v1/{file['sha256']}/model.tar.gz"
    assert client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"weights"
    assert fates(rules_of(client("s3"), bucket), StoredObject(key)) == set()


def test_a_store_that_is_not_empty_is_not_destroyed_by_accident(
    deploy: Deploy, client: ClientOf, tmp_path: Path
) -> None:
    """Without `force_destroy` the artifacts stop the destruction; with it they go along."""
    file = artifact(tmp_path, "v1", b"weights")
    store = Store(deploy, versions=[{"name": "v1", "prefix": "m/v1/", "artifact": file}])
    bucket = store.made()
    with pytest.raises(UpdateFailed, match="BucketNotEmpty"):
        store.stack.destroy()
    assert client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    store.args["force_destroy"] = True
    store.up()
    store.stack.destroy()
    assert client("s3").list_buckets()["Buckets"] == []


def test_everything_in_a_store_is_the_components_child(deploy: Deploy, tmp_path: Path) -> None:
    """Every resource has the component as its parent and its name at the beginning of its own."""
    file = artifact(tmp_path, "v1", b"weights")
    store = Store(deploy, versions=[{"name": "v1", "prefix": "m/v1/", "artifact": file}])
    store.up()
    resources = store.stack.state().resources
    (component,) = [resource for resource in resources if resource.type == "sluice:index:CheckpointStore"]
    children = [resource for resource in resources if resource.type.startswith("aws:")]
    assert {resource.parent for resource in children} == {component.urn}
    assert {resource.type.rpartition(":")[2] for resource in children} == SETTINGS | {
        "Bucket",
        "Key",
        "Alias",
        "BucketObjectv2",
    }
    assert {resource.name for resource in children} == {"models", "models-v1"}


def test_identity_tags_cannot_be_erased(deploy: Deploy, client: ClientOf) -> None:
    """The user's tags are added; those that say whose the bucket is stay."""
    store = Store(deploy, tags={"team": "search", "sluice:name": "other", "sluice:stack": "prod"})
    tags = {tag["Key"]: tag["Value"] for tag in client("s3").get_bucket_tagging(Bucket=store.made())["TagSet"]}
    assert tags == {
        "team": "search",
        "sluice:project": "test",
        "sluice:stack": "test",
        "sluice:component": "CheckpointStore",
        "sluice:name": "models",
    }


def test_everything_wrong_with_a_store_is_told_at_once(deploy: Deploy, tmp_path: Path) -> None:
    """Overlaps, days, and files that are missing come in one message, before anything is made."""
    file = {"path": str(tmp_path / "none"), "sha256": "0" * 64, "buildCommand": "make up"}
    stored = [{"name": "a", "prefix": "m/"}, {"name": "b", "prefix": "m/b/", "artifact": file}]
    store = Store(deploy, versions=stored, retention={"deleteAfterDays": 20}, abort_uploads_after_days=0)
    with pytest.raises(UpdateFailed) as error:
        store.up()
    message = str(error.value)
    for expected in (
        "CheckpointStore 'models': 4 problems\n",
        "versions[1].prefix of b is 'm/b/', which overlaps 'm/' of a;",
        "retention.delete_after_days is 20;",
        "abort_uploads_after_days is 0; allowed 1 or more",
        "versions[1].artifact.path of b is",
        "build it: make up",
    ):
        assert expected in message
    assert error.value.result.changes == {"create": 1}


def test_nothing_is_uploaded_before_the_bucket_is_safe(deploy: Deploy, tmp_path: Path) -> None:
    """An upload waits for encryption, access and versioning; rules for superseded objects wait for versioning."""
    file = artifact(tmp_path, "v1", b"weights")
    store = Store(deploy, versions=[{"name": "v1", "prefix": "m/v1/", "artifact": file}])
    store.up()
    resources = {resource.type.rpartition(":")[2]: resource for resource in store.stack.state().resources}
    safe = {resources[name].urn for name in SETTINGS - {"BucketLifecycleConfiguration"}}
    assert safe <= set(resources["BucketObjectv2"].dependencies)
    assert resources["BucketVersioning"].urn in resources["BucketLifecycleConfiguration"].dependencies
