// One model version behind an endpoint.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as sluice from "@pulumi/sluice";

const MODEL = "../models/parity";
const IMAGE =
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/parity" +
    "@sha256:2f3a1c0c4a1f1a6f0b8a6e4b7c9d5e3f1a2b3c4d5e6f708192a3b4c5d6e7f809";

// Only an example may forget its models, and who read them, when it is destroyed.
const logs = new sluice.LogStore("logs", { forceDestroy: true });
const store = new sluice.CheckpointStore("models", {
    versions: [
        {
            name: "parity@1",
            prefix: "models/parity/v1/",
            role: "serving",
            artifact: {
                path: `${MODEL}/v1.tar.gz`,
                sha256: "509c8e55dafa28c774811a97df2e3016b723c3bff5832952cd40b161b8c7d809",
            },
        },
    ],
    accessLog: { bucket: logs.bucketName },
    forceDestroy: true,
});
const artifactUrl = store.artifactUrls.apply((urls) => urls["parity@1"]);
const role = new sluice.EndpointRole("parity", {
    endpoint: "parity",
    artifactUrls: [artifactUrl],
    images: [IMAGE],
    keyArn: store.keyArn,
});
const group = new aws.sagemaker.ModelPackageGroup("parity", {
    modelPackageGroupName: `parity-${pulumi.getStack()}`,
});
const first = new sluice.ModelVersion("parity-1", {
    manifest: `${MODEL}/v1.model.yaml`,
    modelPackageGroupName: group.modelPackageGroupName,
    modelDataUrl: artifactUrl,
    executionRoleArn: role.roleArn,
});
const parity = new sluice.ModelEndpoint("parity", {
    variants: {
        blue: {
            version: {
                label: first.label,
                versionDigest: first.versionDigest,
                // A version that is warm, and no API model, always has one.
                modelName: first.modelName.apply((name) => name!),
                release: 1,
            },
            instanceType: "ml.m5.large",
        },
    },
    traffic: { blue: 100 },
    volumeKmsKeyArn: store.keyArn,
    logKmsKeyArn: logs.keyArn,
});

export const endpoint = parity.endpointName;
export const versions = parity.versions;
