"""S3: what a bucket is set to, each setting a resource of its own whose id is the bucket."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws import policy_documents, shapes
from sluice_sandbox.aws.clients import Clients, service_model
from sluice_sandbox.aws.naming import from_api, property_path, to_api, unmapped
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values, explained


class _Setting(ResourceType):
    """
    A setting that one operation puts, one gets and one deletes.

    `wrapper` is the member of the putting request that holds it; subclasses say how it stands in their inputs.
    """

    service = "s3"
    identity = "bucket"
    wrapper: ClassVar[str]
    within: ClassVar[tuple[str, str]] = ("", "")
    """What paths in the wrapper begin with, and what the same begin with in the inputs."""
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

    def check(self, inputs: Values) -> list[Failure]:
        # A setting of one input is nothing without it.
        required = {"bucket", *(self.extra_inputs if len(self.extra_inputs) == 1 else ())}
        missing = [(key, "is missing") for key in sorted(required) if inputs.get(key) is None]
        known = self.input_names()
        unknown = [
            (key, "the sandbox's AWS does not support this property; use the Pulumi CLI and AWS for it")
            for key in inputs
            if key not in known and not key.startswith("__")
        ]
        return missing or [*unknown, *self._wrong(inputs), *self.check_more(inputs)]

    def key(self, identity: str) -> Values:
        return {"Bucket": identity}

    def input_names(self) -> frozenset[str]:
        return frozenset({"bucket", "region"} | self.extra_inputs)

    def _wrong(self, inputs: Values) -> Iterator[Failure]:
        shape, setting = self._create_shape().members[self.wrapper], self.setting(inputs)
        for path in unmapped(shape, setting, self.names):
            yield self._in_inputs(path), "AWS has no such property"
        request = to_api(shape, setting, self.names)
        for violation in shapes.violations(shape, request, ignore=UNKNOWN):
            yield self._in_inputs(property_path(shape, violation.path, self.names)), explained(violation)

    def _in_inputs(self, path: str) -> str:
        there, here = self.within
        return f"{here}{path.removeprefix(there)}".rstrip(".")

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
    within = ("", "versioningConfiguration.")
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
    within = ("rules[0].", "rule.")
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
    within = ("", "policy")
    extra_inputs = frozenset({"policy"})

    def setting(self, inputs: Values) -> Any:
        return inputs["policy"]

    def inputs_of(self, answer: Values) -> Values | None:
        return {"policy": answer["policy"]}

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        return policy_documents.failures("policy", inputs["policy"])


class BucketLifecycleConfiguration(_Setting):
    """What becomes of objects as they age."""

    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    create_operation, read_operation = "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration"
    delete_operation = "DeleteBucketLifecycle"
    wrapper = "LifecycleConfiguration"
    extra_inputs = frozenset({"rules"})

    def setting(self, inputs: Values) -> Any:
        return {"rules": _with_tags(inputs["rules"], _tag_list)}

    def inputs_of(self, answer: Values) -> Values | None:
        return {"rules": _with_tags(answer["rules"], _tag_map)}


class BucketLogging(_Setting):
    """Where a bucket logs who reads it."""

    token = "aws:s3/bucketLogging:BucketLogging"
    create_operation, read_operation, delete_operation = "PutBucketLogging", "GetBucketLogging", "PutBucketLogging"
    wrapper = "BucketLoggingStatus"
    within = ("loggingEnabled.", "")
    extra_inputs = frozenset({"targetBucket", "targetPrefix"})

    def setting(self, inputs: Values) -> Any:
        return {"loggingEnabled": {key: inputs[key] for key in self.extra_inputs if key in inputs}}

    def inputs_of(self, answer: Values) -> Values | None:
        enabled: Values | None = answer.get("loggingEnabled")
        return {key: enabled[key] for key in self.extra_inputs if key in enabled} if enabled else None

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        aws.find(self.service, self.delete_operation, self.missing, Bucket=identity, BucketLoggingStatus={})


def _with_tags(rules: Any, convert: Callable[[Any], Any]) -> Any:
    """Returns lifecycle rules with the tags that they filter by converted: S3 has a list where Pulumi has a map."""
    if not isinstance(rules, list):
        return rules
    converted = []
    for rule in rules:
        both = rule.get("filter", {}) if isinstance(rule, Mapping) else {}
        both = both.get("and") if isinstance(both, Mapping) else None
        if isinstance(both, Mapping) and "tags" in both:
            rule = {**rule, "filter": {**rule["filter"], "and": {**both, "tags": convert(both["tags"])}}}
        converted.append(rule)
    return converted


def _tag_list(tags: Any) -> Any:
    return [{"key": key, "value": value} for key, value in tags.items()] if isinstance(tags, Mapping) else tags


def _tag_map(tags: Any) -> Any:
    return {tag["key"]: tag["value"] for tag in tags}
