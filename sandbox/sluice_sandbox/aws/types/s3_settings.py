"""S3: what a bucket is set to, each setting a resource of its own whose id is the bucket."""

from typing import Any, ClassVar

from sluice_sandbox.aws.clients import Clients, service_model
from sluice_sandbox.aws.naming import from_api, to_api
from sluice_sandbox.aws.resource_type import ResourceType, Values


class _Setting(ResourceType):
    """
    A setting that one operation puts, one gets and one deletes.

    `wrapper` is the member of the putting request that holds it; subclasses say how it stands in their inputs.
    """

    service = "s3"
    identity = "bucket"
    wrapper: ClassVar[str]
    missing = (
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    )

    def request(self, inputs: Values) -> Values:
        shape = self._create_shape().members[self.wrapper]
        return {"Bucket": inputs["bucket"], self.wrapper: to_api(shape, self.setting(inputs), self.names)}

    def read(self, aws: Clients, identity: str) -> Values | None:
        answer = aws.find(self.service, self.read_operation, self.missing, Bucket=identity)
        if answer is None:
            return None
        shape: Any = service_model(self.service).operation_model(self.read_operation).output_shape
        told = self.inputs_of(from_api(shape, answer, self.names))
        return None if told is None else {**told, "bucket": identity, "region": aws.region}

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        aws.call(self.service, self.create_operation, **self.request(new))
        return self.read_existing(aws, identity)

    def replaces(self, key: str) -> bool:
        return key == "bucket"

    def check(self, inputs: Values) -> list[tuple[str, str]]:
        missing = [] if inputs.get("bucket") is not None else [("bucket", "is missing")]
        known = self.input_names()
        unknown = [
            (key, "the sandbox's AWS does not support this property")
            for key in inputs
            if key not in known and not key.startswith("__")
        ]
        return [*missing, *unknown, *self.check_more(inputs)]

    def key(self, identity: str) -> Values:
        return {"Bucket": identity}

    def input_names(self) -> frozenset[str]:
        return frozenset({"bucket", "region"} | self.extra_inputs)

    def setting(self, inputs: Values) -> Any:
        """Returns the setting as its member has it, under Pulumi's names."""
        raise NotImplementedError

    def inputs_of(self, answer: Values) -> Values | None:
        """Returns the inputs that an answer amounts to, or None when nothing is set."""
        raise NotImplementedError


class BucketVersioning(_Setting):
    """Whether a bucket keeps what is overwritten and deleted."""

    token = "aws:s3/bucketVersioning:BucketVersioning"
    create_operation, read_operation = "PutBucketVersioning", "GetBucketVersioning"
    delete_operation = "PutBucketVersioning"
    wrapper = "VersioningConfiguration"
    extra_inputs = frozenset({"versioningConfiguration"})

    def setting(self, inputs: Values) -> Any:
        return inputs["versioningConfiguration"]

    def inputs_of(self, answer: Values) -> Values | None:
        return {"versioningConfiguration": answer} if answer else None

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        # Versioning once begun can only be suspended.
        suspended = {"Status": "Suspended"}
        aws.find(self.service, self.delete_operation, self.missing, Bucket=identity, VersioningConfiguration=suspended)


class BucketServerSideEncryptionConfiguration(_Setting):
    """How a bucket encrypts what it stores."""

    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    create_operation, read_operation = "PutBucketEncryption", "GetBucketEncryption"
    delete_operation = "DeleteBucketEncryption"
    wrapper = "ServerSideEncryptionConfiguration"
    extra_inputs = frozenset({"rules"})

    def setting(self, inputs: Values) -> Any:
        return {"rules": inputs["rules"]}

    def inputs_of(self, answer: Values) -> Values | None:
        rules = answer["serverSideEncryptionConfiguration"]["rules"]
        return {"rules": rules}


class BucketPublicAccessBlock(_Setting):
    """That a bucket cannot be made public by accident."""

    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    create_operation, read_operation = "PutPublicAccessBlock", "GetPublicAccessBlock"
    delete_operation = "DeletePublicAccessBlock"
    wrapper = "PublicAccessBlockConfiguration"
    extra_inputs = frozenset({"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"})

    def setting(self, inputs: Values) -> Any:
        return {key: bool(inputs.get(key)) for key in self.extra_inputs}

    def inputs_of(self, answer: Values) -> Values | None:
        told: Values = answer["publicAccessBlockConfiguration"]
        return told


class BucketOwnershipControls(_Setting):
    """Who owns what others put into a bucket."""

    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    create_operation, read_operation = "PutBucketOwnershipControls", "GetBucketOwnershipControls"
    delete_operation = "DeleteBucketOwnershipControls"
    wrapper = "OwnershipControls"
    extra_inputs = frozenset({"rule"})

    def setting(self, inputs: Values) -> Any:
        return {"rules": [inputs["rule"]]}

    def inputs_of(self, answer: Values) -> Values | None:
        return {"rule": answer["ownershipControls"]["rules"][0]}


class BucketPolicy(_Setting):
    """Who may do what with a bucket."""

    token = "aws:s3/bucketPolicy:BucketPolicy"
    create_operation, read_operation, delete_operation = "PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"
    wrapper = "Policy"
    extra_inputs = frozenset({"policy"})

    def setting(self, inputs: Values) -> Any:
        return inputs["policy"]

    def inputs_of(self, answer: Values) -> Values | None:
        return {"policy": answer["policy"]}


class BucketLifecycleConfiguration(_Setting):
    """What becomes of objects as they age."""

    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    create_operation, read_operation = "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration"
    delete_operation = "DeleteBucketLifecycle"
    wrapper = "LifecycleConfiguration"
    extra_inputs = frozenset({"rules"})
    names = {"rules.filter.tag": "Tag", "rules.filter.and": "And"}

    def setting(self, inputs: Values) -> Any:
        return {"rules": inputs["rules"]}

    def inputs_of(self, answer: Values) -> Values | None:
        return {"rules": answer["rules"]}


class BucketLogging(_Setting):
    """Where a bucket logs who reads it."""

    token = "aws:s3/bucketLogging:BucketLogging"
    create_operation, read_operation, delete_operation = "PutBucketLogging", "GetBucketLogging", "PutBucketLogging"
    wrapper = "BucketLoggingStatus"
    extra_inputs = frozenset({"targetBucket", "targetPrefix"})

    def setting(self, inputs: Values) -> Any:
        return {"loggingEnabled": {key: inputs[key] for key in self.extra_inputs if key in inputs}}

    def inputs_of(self, answer: Values) -> Values | None:
        enabled: Values | None = answer.get("loggingEnabled")
        return {key: enabled[key] for key in self.extra_inputs if key in enabled} if enabled else None

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        aws.find(self.service, self.delete_operation, self.missing, Bucket=identity, BucketLoggingStatus={})
