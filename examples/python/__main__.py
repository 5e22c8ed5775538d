"""One model version behind an endpoint."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from sluice import (
    AccessLogArgs,
    ArtifactArgs,
    CheckpointStore,
    CheckpointStoreArgs,
    EndpointRole,
    EndpointRoleArgs,
    LogStore,
    LogStoreArgs,
    ModelEndpoint,
    ModelEndpointArgs,
    ModelVersion,
    ModelVersionArgs,
    StoredVersionArgs,
    VariantArgs,
    VersionRole,
)

MODEL = Path(__file__).parent.parent / "models" / "parity"
IMAGE = (
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/parity"
    "@sha256:2f3a1c0c4a1f1a6f0b8a6e4b7c9d5e3f1a2b3c4d5e6f708192a3b4c5d6e7f809"
)

# Only an example may forget its models, and who read them, when it is destroyed.
logs = LogStore("logs", LogStoreArgs(force_destroy=True))
store = CheckpointStore(
    "models",
    CheckpointStoreArgs(
        versions=[
            StoredVersionArgs(
                name="parity@1",
                prefix="models/parity/v1/",
                role=VersionRole.SERVING,
                artifact=ArtifactArgs(
                    path=str(MODEL / "v1.tar.gz"),
                    sha256="509c8e55dafa28c774811a97df2e3016b723c3bff5832952cd40b161b8c7d809",
                ),
            )
        ],
        access_log=AccessLogArgs(bucket=logs.bucket_name),
        force_destroy=True,
    ),
)
role = EndpointRole(
    "parity",
    EndpointRoleArgs(
        endpoint="parity",
        artifact_urls=[store.artifact_urls["parity@1"]],
        images=[IMAGE],
        key_arn=store.key_arn,
    ),
)
group = aws.sagemaker.ModelPackageGroup("parity", model_package_group_name=f"parity-{pulumi.get_stack()}")
first = ModelVersion(
    "parity-1",
    ModelVersionArgs(
        manifest=str(MODEL / "v1.model.yaml"),
        model_package_group_name=group.model_package_group_name,
        model_data_url=store.artifact_urls["parity@1"],
        execution_role_arn=role.role_arn,
    ),
)
endpoint = ModelEndpoint(
    "parity",
    ModelEndpointArgs(
        variants={"blue": VariantArgs(version=first.pinned, instance_type="ml.m5.large")},
        traffic={"blue": 100},
        volume_kms_key_arn=store.key_arn,
        log_kms_key_arn=logs.key_arn,
    ),
)

pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("versions", endpoint.versions)
