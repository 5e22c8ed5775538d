"""Cases of the policies on SageMaker's own resources."""

from rule import UNKNOWN
from tests.policies.cases import Cases, but
from tests.policies.good import IMAGE, NETWORK, ROLE, variant

_SERVERLESS = {
    "variantName": "blue",
    "modelName": "model-1",
    "serverlessConfig": {"memorySizeInMb": 2048, "maxConcurrency": 5},
}
_NETWORK = "monitoringScheduleConfig.monitoringJobDefinition.networkConfig"

CASES = {
    "encrypted-endpoint-volumes": Cases(
        passing={
            "a key that is not known yet": but(configuration={"kmsKeyArn": UNKNOWN}),
            "instances whose disks are their own": but(
                configuration={
                    "kmsKeyArn": None,
                    "productionVariants": [variant("blue", "model-1", instanceType="ml.g5.xlarge")],
                }
            ),
            "one variant whose disks are its own": but(
                configuration={
                    "kmsKeyArn": None,
                    "productionVariants": [
                        variant("blue", "model-1"),
                        variant("green", "model-2", instanceType="ml.m5d.xlarge"),
                    ],
                }
            ),
            "no instances": but(configuration={"kmsKeyArn": None, "productionVariants": [_SERVERLESS]}),
        },
        failing={"no key": (but(configuration={"kmsKeyArn": None}), ["kmsKeyArn is missing"])},
    ),
    "isolated-models": Cases(
        passing={
            "a serverless variant's": but(
                {
                    "model-1": {"enableNetworkIsolation": False},
                    "configuration": {"productionVariants": [_SERVERLESS]},
                }
            ),
            "not known yet": but({"model-1": {"enableNetworkIsolation": UNKNOWN}}),
        },
        failing={
            "not said": (but({"model-1": {"enableNetworkIsolation": None}}), ["enableNetworkIsolation is missing"]),
            "said not to be": (
                but({"model-2": {"enableNetworkIsolation": False}}),
                ["enableNetworkIsolation is false"],
            ),
        },
    ),
    "encrypted-monitoring-jobs": Cases(
        failing={
            "what it writes": (
                but({"data-quality": {"dataQualityJobOutputConfig.kmsKeyId": None}}),
                ["dataQualityJobOutputConfig.kmsKeyId is missing"],
            ),
            "its disks": (
                but({"data-quality": {"jobResources.clusterConfig.volumeKmsKeyId": None}}),
                ["jobResources.clusterConfig.volumeKmsKeyId is missing"],
            ),
        }
    ),
    "encrypted-monitoring-traffic": Cases(
        passing={
            "a schedule with settings of its own": but(
                again={"monitoringScheduleConfig": {"monitoringJobDefinition": {"networkConfig": NETWORK}}}
            )
        },
        failing={
            "data quality": (
                but({"data-quality": {"networkConfig.enableInterContainerTrafficEncryption": False}}),
                ["networkConfig.enableInterContainerTrafficEncryption is false"],
            ),
            "bias": (
                but(bias={"networkConfig.enableInterContainerTrafficEncryption": None}),
                ["networkConfig.enableInterContainerTrafficEncryption is missing"],
            ),
            "a schedule": (
                but(
                    again={
                        "monitoringScheduleConfig": {
                            "monitoringJobDefinition": {"networkConfig": {"enableNetworkIsolation": True}}
                        }
                    }
                ),
                [f"{_NETWORK}.enableInterContainerTrafficEncryption is missing"],
            ),
        },
    ),
    "isolated-monitoring-jobs": Cases(
        failing={
            "data quality": (
                but({"data-quality": {"networkConfig.enableNetworkIsolation": None}}),
                ["networkConfig.enableNetworkIsolation is missing"],
            ),
            "bias": (
                but(bias={"networkConfig.enableNetworkIsolation": False}),
                ["networkConfig.enableNetworkIsolation is false"],
            ),
        }
    ),
    "encrypted-review-output": Cases(
        failing={"no key": (but(review={"outputConfig.kmsKeyId": None}), ["outputConfig.kmsKeyId is missing"])}
    ),
    "encrypted-feature-groups": Cases(
        passing={
            "no stores": but(features={"offlineStoreConfig": None, "onlineStoreConfig": None}),
            "a store in memory": but(
                features={"onlineStoreConfig": {"enableOnlineStore": True, "storageType": "InMemory"}}
            ),
        },
        failing={
            "the offline store": (
                but(features={"offlineStoreConfig.s3StorageConfig.kmsKeyId": None}),
                ["offlineStoreConfig.s3StorageConfig.kmsKeyId is missing"],
            ),
            "the online store": (
                but(features={"onlineStoreConfig.securityConfig": None}),
                ["onlineStoreConfig.securityConfig.kmsKeyId is missing"],
            ),
        },
    ),
    "encrypted-experiments": Cases(
        failing={
            "its disks": (but(experiment={"kmsKey": None}), ["kmsKey is missing"]),
            "what it captures": (
                but(experiment={"dataStorageConfig": {"destination": "s3://captured/x"}}),
                ["dataStorageConfig.kmsKey is missing"],
            ),
        }
    ),
    "private-notebooks": Cases(
        failing={
            "no subnet": (but(notebook={"subnetId": None}), ["subnetId is missing"]),
            "the internet": (but(notebook={"directInternetAccess": "Enabled"}), ["directInternetAccess is 'Enabled'"]),
        }
    ),
    "rootless-notebooks": Cases(
        failing={
            "root": (but(notebook={"rootAccess": "Enabled"}), ["rootAccess is 'Enabled'"]),
            "not said, which is root": (but(notebook={"rootAccess": None}), ["rootAccess is missing"]),
        }
    ),
    "supported-notebooks": Cases(
        failing={
            "an old platform": (
                but(notebook={"platformIdentifier": "notebook-al2-v1"}),
                ["platformIdentifier is 'notebook-al2-v1'"],
            ),
            "IMDSv1": (
                but(notebook={"instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion": "1"}),
                ["instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion is '1'"],
            ),
        }
    ),
    "encrypted-notebooks": Cases(failing={"no key": (but(notebook={"kmsKeyId": None}), ["kmsKeyId is missing"])}),
    "pinned-images": Cases(
        failing={
            "a tag": (
                but({"model-1": {"primaryContainer.image": "digits:latest"}}),
                ["primaryContainer.image is 'digits:latest'"],
            )
        }
    ),
    "pinned-artifacts": Cases(
        failing={
            "a key that says nothing": (
                but({"model-1": {"primaryContainer.modelDataUrl": "s3://weights/digits/model.tar.gz"}}),
                ["primaryContainer.modelDataUrl is 's3://weights/digits/model.tar.gz'"],
            )
        }
    ),
    "pinned-packages": Cases(
        failing={
            "an entry": (
                but(
                    more={
                        "by-entry": (
                            "aws:sagemaker/model:Model",
                            {
                                "name": "by-entry",
                                "executionRoleArn": ROLE,
                                "enableNetworkIsolation": True,
                                "primaryContainer": {"image": IMAGE, "modelPackageName": "digits/3"},
                                "tags": {"owner": "us", "environment": "prod"},
                            },
                        )
                    }
                ),
                ["primaryContainer.modelPackageName is 'digits/3'"],
            )
        }
    ),
}
