"""What is around an endpoint in the good stack: buckets, rights, keys, what tells people, notebooks and jobs."""

from tests.policies.good_parts import ACCOUNT, GOOD, KEY, NETWORK, ROLE, TAGS, add, document

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
