"""SageMaker: models, groups of model packages, endpoint configurations and endpoints."""

import time
from collections.abc import Iterator
from typing import ClassVar

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging
from sluice_sandbox.errors import SandboxError

_TAGGING = Tagging(lists="ListTags", adds="AddTags", removes="DeleteTags")
_POLL_SECONDS = 0.1
# What the AWS provider waits for an endpoint when nobody says otherwise.
_ENDPOINT_SECONDS = 3600.0


class _SageMakerType(ResourceType):
    service = "sagemaker"
    autonamed: ClassVar[str | None] = "name"
    tagging = _TAGGING
    kind: str

    def tag_target(self, aws: Clients, identity: str) -> str:
        return f"arn:aws:sagemaker:{aws.region}:{aws.account}:{self.kind}/{identity}"


class Model(_SageMakerType):
    """A model: an image, its artifacts and the role that reads them. Immutable but for its tags."""

    token = "aws:sagemaker/model:Model"
    kind = "model"
    create_operation, read_operation, delete_operation = "CreateModel", "DescribeModel", "DeleteModel"
    names = {
        "name": "ModelName",
        "inferenceExecutionConfig": "InferenceExecutionConfig",
        "primaryContainer.modelDataSource.s3DataSources": "S3DataSource",
        "primaryContainer.additionalModelDataSources.s3DataSources": "S3DataSource",
        "containers.modelDataSource.s3DataSources": "S3DataSource",
        "containers.additionalModelDataSources.s3DataSources": "S3DataSource",
    }
    computed = {"arn": "ModelArn"}


class ModelPackageGroup(_SageMakerType):
    """A group of the Model Registry: the versions of one model. Immutable but for its tags."""

    token = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
    kind = "model-package-group"
    identity, autonamed = "modelPackageGroupName", None
    create_operation, read_operation = "CreateModelPackageGroup", "DescribeModelPackageGroup"
    delete_operation = "DeleteModelPackageGroup"
    refused = frozenset({"managedConfiguration"})
    computed = {"arn": "ModelPackageGroupArn"}


class EndpointConfiguration(_SageMakerType):
    """An endpoint configuration: which models, on which instances, with which share of the traffic. Immutable."""

    token = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    kind = "endpoint-config"
    create_operation, read_operation = "CreateEndpointConfig", "DescribeEndpointConfig"
    delete_operation = "DeleteEndpointConfig"
    names = {"name": "EndpointConfigName", "kmsKeyArn": "KmsKeyId"}
    computed = {"arn": "EndpointConfigArn"}

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        variants = inputs.get("productionVariants")
        if isinstance(variants, list) and UNKNOWN not in variants:
            names = [variant.get("variantName") for variant in variants]
            for name in sorted({name for name in names if names.count(name) > 1 and isinstance(name, str)}):
                yield "productionVariants", f"has the variant {name!r} twice; variant names are unique"


class Endpoint(_SageMakerType):
    """An endpoint. Ready when it is in service; a change of its configuration is waited for."""

    token = "aws:sagemaker/endpoint:Endpoint"
    kind = "endpoint"
    create_operation, read_operation, delete_operation = "CreateEndpoint", "DescribeEndpoint", "DeleteEndpoint"
    update_operations = ("UpdateEndpoint",)
    names = {"name": "EndpointName", "deploymentConfig": "LastDeploymentConfig"}
    computed = {"arn": "EndpointArn"}

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        identity, _ = super().create(aws, inputs, timeout)
        return identity, self._await_service(aws, identity, timeout)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        super().update(aws, identity, old, new, timeout)
        return self._await_service(aws, identity, timeout)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        super().delete(aws, identity, outputs, timeout)
        deadline = time.monotonic() + (timeout or _ENDPOINT_SECONDS)
        while (described := self._describe(aws, identity)) is not None:
            _await(described["EndpointStatus"], {"Deleting"}, identity, deadline)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        told = {
            "name": identity,
            "arn": described["EndpointArn"],
            "endpointConfigName": described["EndpointConfigName"],
        }
        if described.get("LastDeploymentConfig"):
            told["deploymentConfig"] = outputs.get("lastDeploymentConfig")
        return super().complete(aws, identity, told, described)

    def _await_service(self, aws: Clients, identity: str, timeout: float) -> Values:
        deadline = time.monotonic() + (timeout or _ENDPOINT_SECONDS)
        while (described := self._describe(aws, identity)) is not None and described["EndpointStatus"] != "InService":
            _await(described["EndpointStatus"], {"Creating", "Updating", "SystemUpdating"}, identity, deadline)
        return self.read_existing(aws, identity)

    def _describe(self, aws: Clients, identity: str) -> Values | None:
        return aws.find(self.service, self.read_operation, self.missing, **self.key(identity))


def _await(status: str, passing: set[str], endpoint: str, deadline: float) -> None:
    if status not in passing:
        raise SandboxError(f"the endpoint {endpoint} is {status}")
    if time.monotonic() > deadline:
        raise SandboxError(f"the endpoint {endpoint} is still {status} after the time given for it")
    time.sleep(_POLL_SECONDS)
