"""
A stack of everything that policies look at, to which none of them objects.

Whoever wants one that fails for one reason alone changes one thing of it.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from rule import Resource

DIGEST = "ab" * 32
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{DIGEST}"
ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/serves"
TAGS = {"owner": "ml-platform", "environment": "prod"}
NETWORK = {"enableInterContainerTrafficEncryption": True, "enableNetworkIsolation": True}

Change = Mapping[str, Any]
"""From a path of keys to a value; None takes it out."""


def document(*statements: Mapping[str, Any]) -> str:
    """Returns a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **it} for it in statements]})


GOOD: dict[str, tuple[str, dict[str, Any]]] = {}
"""From a resource's name to its type and properties."""


def add(name: str, type_: str, /, **props: Any) -> None:
    """Adds a resource to the stack."""
    GOOD[name] = (type_, props)


def stack(changes: Mapping[str, Change | None] | None = None, more: Mapping[str, Any] | None = None) -> list[Resource]:
    """
    Returns the stack, changed.

    `changes` are by resource, None for one that is not there; `more` are resources besides, as `GOOD` has them.
    """
    given = {name: deepcopy(it) for name, it in {**GOOD, **(more or {})}.items()}
    for name, change in (changes or {}).items():
        if change is None:
            del given[name]
            continue
        for path, value in change.items():
            _set(given[name][1], path.split("."), value)
    urns = {name: f"urn:pulumi:prod::digits::{type_}::{name}" for name, (type_, _) in given.items()}
    return [Resource(type_, name, urns[name], props, _uses(name, urns)) for name, (type_, props) in given.items()]


def _uses(name: str, urns: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns where the values of a resource come from that name a bucket."""
    named = {key: GOOD[name][1].get(key) if name in GOOD else None for key in ("bucket", "targetBucket")}
    return {key: [urns[bucket]] for key, bucket in named.items() if bucket in urns and bucket != name}


def _set(props: Any, path: list[str], value: Any) -> None:
    *above, last = [int(key) if key.isdigit() else key for key in path]
    for key in above:
        props = props.setdefault(key, {}) if isinstance(props, dict) else props[key]
    if value is None and isinstance(props, dict):
        props.pop(last, None)
    else:
        props[last] = value


# Buckets: one for checkpoints, one for logs of who reads it.
FLAGS = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
ABORT = {
    "id": "abort",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
}


def _bucket(name: str, algorithm: str, **tags: str) -> None:
    add(name, "aws:s3/bucket:Bucket", bucket=name, tags={**TAGS, **tags})
    add(f"{name}-versioning", "aws:s3/bucketVersioning:BucketVersioning", bucket=name)
    GOOD[f"{name}-versioning"][1]["versioningConfiguration"] = {"status": "Enabled"}
    default = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    add(f"{name}-encryption", kind, bucket=name, rules=[default])
    add(f"{name}-block", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket=name, **FLAGS)
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    add(f"{name}-lifecycle", kind, bucket=name, rules=[ABORT])


_bucket("weights", "aws:kms", **{"sluice:component": "CheckpointStore"})
_bucket("logs", "AES256")
_bucket("captured", "aws:kms")
for _name in ("weights", "captured"):
    add(f"{_name}-logging", "aws:s3/bucketLogging:BucketLogging", bucket=_name, targetBucket="logs")

# Who may do what.
add(
    "role",
    "aws:iam/role:Role",
    assumeRolePolicy=document({"Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}),
    tags=TAGS,
)
add(
    "grants",
    "aws:iam/rolePolicy:RolePolicy",
    role="role",
    policy=document(
        {"Sid": "Read", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::weights/*"]},
        {"Sid": "LogIn", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
    ),
)
add(
    "key",
    "aws:kms/key:Key",
    enableKeyRotation=True,
    policy=document({"Sid": "Own", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}),
    tags=TAGS,
)

# What tells people, and what acts.
add("alerts", "aws:sns/topic:Topic", kmsMasterKeyId=KEY, tags=TAGS)
add("dead-letters", "aws:sqs/queue:Queue", kmsMasterKeyId=KEY, tags=TAGS)
add(
    "rollback",
    "aws:lambda/function:Function",
    name="rollback",
    role=ROLE,
    runtime="python3.13",
    handler="rollback.handle",
    kmsKeyArn=KEY,
    reservedConcurrentExecutions=1,
    environment={"variables": {"ENDPOINT": "digits-prod"}},
    tracingConfig={"mode": "Active"},
    deadLetterConfig={"targetArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:dead-letters"},
    tags=TAGS,
)
add(
    "rollback-permission",
    "aws:lambda/permission:Permission",
    action="lambda:InvokeFunction",
    function="rollback",
    principal="lambda.alarms.cloudwatch.amazonaws.com",
    sourceAccount=ACCOUNT,
    sourceArn=f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:digits-prod-*",
)
add(
    "journal",
    "aws:dynamodb/table:Table",
    name="journal",
    hashKey="endpoint",
    pointInTimeRecovery={"enabled": True},
    serverSideEncryption={"enabled": True, "kmsKeyArn": KEY},
    deletionProtectionEnabled=True,
    tags=TAGS,
)
add(
    "endpoint-logs",
    "aws:cloudwatch/logGroup:LogGroup",
    name="/aws/sagemaker/Endpoints/digits-prod",
    retentionInDays=365,
    kmsKeyId=KEY,
    tags=TAGS,
)

# Notebooks, features, reviews and the jobs that watch.
add(
    "notebook",
    "aws:sagemaker/notebookInstance:NotebookInstance",
    instanceType="ml.t3.medium",
    roleArn=ROLE,
    subnetId="subnet-1",
    directInternetAccess="Disabled",
    rootAccess="Disabled",
    platformIdentifier="notebook-al2-v3",
    kmsKeyId=KEY,
    instanceMetadataServiceConfiguration={"minimumInstanceMetadataServiceVersion": "2"},
    tags=TAGS,
)
add(
    "features",
    "aws:sagemaker/featureGroup:FeatureGroup",
    featureGroupName="features",
    offlineStoreConfig={"s3StorageConfig": {"s3Uri": "s3://captured/features/", "kmsKeyId": KEY}},
    onlineStoreConfig={"enableOnlineStore": True, "securityConfig": {"kmsKeyId": KEY}},
    tags=TAGS,
)
add(
    "review",
    "aws:sagemaker/flowDefinition:FlowDefinition",
    flowDefinitionName="review",
    roleArn=ROLE,
    outputConfig={"s3OutputPath": "s3://captured/review/", "kmsKeyId": KEY},
    tags=TAGS,
)
add(
    "data-quality",
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
    name="data-quality",
    roleArn=ROLE,
    dataQualityJobOutputConfig={"kmsKeyId": KEY},
    jobResources={"clusterConfig": {"instanceType": "ml.m5.large", "volumeKmsKeyId": KEY}},
    networkConfig=NETWORK,
    tags=TAGS,
)
add("bias", "aws-native:sagemaker:ModelBiasJobDefinition", roleArn=ROLE, networkConfig=NETWORK)
add("experiment", "aws-native:sagemaker:InferenceExperiment", kmsKey=KEY, dataStorageConfig={"kmsKey": KEY})

# Two versions of a model: one serves, one is its candidate.
VERSION = {
    "sluice:version": "digits@1",
    "sluice:version-digest": f"sha256:{DIGEST}",
    "sluice:subject-digest": f"sha256:{DIGEST}",
    "sluice:weights": f"sha256:{DIGEST}",
    "sluice:weights-from": f"s3 s3://weights/models/digits/v1/{DIGEST}/model.tar.gz",
    "sluice:data": f"sha256:{DIGEST}",
    "sluice:data-from": "digest the 1,437 images to train on",
    "sluice:evaluation-set-digest": f"sha256:{DIGEST}",
    "sluice:owner": "ml-platform",
    "sluice:contact": "#ml-platform",
    "sluice:licence": "Apache-2.0",
    "sluice:contract": f"sha256:{DIGEST}",
    "sluice:contract-agreed": "2026-11-02T00:00:00+00:00",
    "sluice:contract-examples": "300",
    "sluice:report": f"sha256:{DIGEST}",
    "sluice:report-subject": f"sha256:{DIGEST}",
    "sluice:report-begun": "2026-11-03T10:00:00+00:00",
    "sluice:report-examples": "360",
    "sluice:end-of-life": "2999-12-31",
}
for _number in ("1", "2"):
    _url = f"s3://weights/models/digits/v{_number}/{DIGEST}/model.tar.gz"
    _container = {"image": IMAGE, "modelDataUrl": _url}
    add(
        f"v{_number}",
        "sluice:index:ModelPackage",
        modelPackageGroupName="digits",
        image=IMAGE,
        modelDataUrl=_url,
        metadata={**VERSION, "sluice:version": f"digits@{_number}"},
        approvalStatus="Approved",
    )
    add(
        f"model-{_number}",
        "aws:sagemaker/model:Model",
        name=f"model-{_number}",
        executionRoleArn=ROLE,
        primaryContainer=_container,
        enableNetworkIsolation=True,
        tags={**TAGS, "sluice:version": f"digits@{_number}"},
    )
add("api", "sluice:index:ModelPackage", sourceUri="openai gpt-4o-2024-08-06", metadata={})
GOOD["api"][1]["metadata"] = {**VERSION, "sluice:version": "chat@1", "sluice:retires": "2999-01-01"}


def variant(slot: str, model: str, **more: Any) -> dict[str, Any]:
    """Returns a production variant."""
    given = {"variantName": slot, "modelName": model, "instanceType": "ml.m5.xlarge", "initialInstanceCount": 2}
    return {**given, **more}


add(
    "configuration",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    name="digits",
    productionVariants=[variant("blue", "model-1"), variant("green", "model-2")],
    kmsKeyArn=KEY,
    tags=TAGS,
)
add(
    "endpoint",
    "sluice:index:LiveEndpoint",
    name="digits-prod",
    endpointConfigName="digits",
    weights={"blue": 95, "green": 5},
    baseline="blue",
    minCounts={"blue": 2, "green": 2},
    standbyHours=72,
    rollout={
        "ladder": [1, 5, 10, 25, 50, 100],
        "soakHours": 24,
        "soakHoursAt": {"50": 48},
        "shadowDays": 7,
        "freezes": {"weekend": {"timeZone": "Europe/Berlin", "windows": ["Fri 16:00 - Mon 08:00"]}},
        "mayForce": ["arn:aws:iam::123456789012:role/on-call"],
    },
    tags=TAGS,
)
add(
    "scaling",
    "aws:appautoscaling/target:Target",
    serviceNamespace="sagemaker",
    resourceId="endpoint/digits-prod/variant/blue",
    minCapacity=2,
    maxCapacity=8,
)
for _metric in ("Invocation5XXErrors", "ModelLatency", "HallucinationRate"):
    add(
        f"alarm-{_metric}",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        name=f"digits-prod-{_metric}",
        metricName=_metric,
        dimensions={"EndpointName": "digits-prod", "VariantName": "green"},
        alarmActions=["arn:aws:lambda:eu-west-1:123456789012:function:rollback"],
        treatMissingData="missing",
        tags=TAGS,
    )
add("dashboard", "aws:cloudwatch/dashboard:Dashboard", dashboardBody='{"widgets": ["digits-prod"]}')
add(
    "again",
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
    name="digits-prod",
    monitoringScheduleConfig={"monitoringType": "DataQuality", "monitoringJobDefinitionName": "data-quality"},
    tags=TAGS,
)
