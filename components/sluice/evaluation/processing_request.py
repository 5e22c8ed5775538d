"""The request for a Processing job that evaluates, for those who have no SageMaker SDK: a scheduler."""

from collections.abc import Mapping, Sequence
from typing import Any

from sluice.evaluation.processing import IN_PROJECT, OUTPUT, PROJECT


def processing_request(
    name: str,
    *,
    role: str,
    image: str,
    instance_type: str,
    project_uri: str,
    output_uri: str,
    arguments: Sequence[str],
    volume_gb: int,
    max_runtime_seconds: int,
    kms_key: str | None = None,
    subnets: Sequence[str] = (),
    security_groups: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """
    Returns the parameters of CreateProcessingJob that `sluice evaluate --on sagemaker` makes by the SDK.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
    """
    encrypted = {} if kms_key is None else {"KmsKeyId": kms_key}
    cluster = {"InstanceCount": 1, "InstanceType": instance_type, "VolumeSizeInGB": volume_gb}
    network: dict[str, Any] = {"EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False}
    if subnets:
        network["VpcConfig"] = {"Subnets": list(subnets), "SecurityGroupIds": list(security_groups)}
    request = {
        "ProcessingJobName": name,
        "RoleArn": role,
        "AppSpecification": {
            "ImageUri": image,
            "ContainerEntrypoint": ["/bin/sh", "-c", IN_PROJECT, "sluice"],
            "ContainerArguments": list(arguments),
        },
        "ProcessingInputs": [_input(project_uri)],
        "ProcessingOutputConfig": {"Outputs": [_output(output_uri)], **encrypted},
        "ProcessingResources": {
            "ClusterConfig": cluster if kms_key is None else {**cluster, "VolumeKmsKeyId": kms_key}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": max_runtime_seconds},
        "NetworkConfig": network,
    }
    if environment:
        request["Environment"] = dict(environment)
    if tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return request


def _input(uri: str) -> dict[str, Any]:
    place = {"S3Uri": uri, "LocalPath": PROJECT, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": "project", "S3Input": place}


def _output(uri: str) -> dict[str, Any]:
    return {"OutputName": "output", "S3Output": {"S3Uri": uri, "LocalPath": OUTPUT, "S3UploadMode": "EndOfJob"}}
