"""
The program: what this project ships.

Which model versions there are, which of them serve and who gets how much of the traffic, each stack says in its
`Pulumi.<stack>.yaml`.
"""

import pulumi
import pulumi_aws as aws

from sluice import CheckpointStore, CheckpointStoreArgs, EndpointSettings, ModelEndpoint, in_use, read_settings

settings = read_settings(EndpointSettings, "endpoint")
store = CheckpointStore("models", in_use(read_settings(CheckpointStoreArgs, "store"), settings))
endpoint = ModelEndpoint(
    "digits",
    {
        "variants": {
            slot: {
                "image": variant.image,
                "model_data_url": store.artifact_urls[variant.version],
                "instance_type": variant.instance_type,
                "instance_count": variant.instance_count,
            }
            for slot, variant in settings.variants.items()
        },
        "traffic": settings.traffic,
        "key_arn": store.key_arn,
    },
)

alerts = aws.sns.Topic("alerts", kms_master_key_id="alias/aws/sns")
for slot in settings.variants:
    aws.cloudwatch.MetricAlarm(
        f"digits-{slot}-errors",
        alarm_description=f"More than 5 requests a minute fail in slot {slot} of the endpoint digits.",
        namespace="AWS/SageMaker",
        metric_name="Invocation5XXErrors",
        dimensions={"EndpointName": endpoint.endpoint_name, "VariantName": slot},
        statistic="Sum",
        period=60,
        evaluation_periods=3,
        comparison_operator="GreaterThanThreshold",
        threshold=5,
        treat_missing_data="missing",
        alarm_actions=[alerts.arn],
    )

pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("traffic", settings.traffic)
pulumi.export("artifacts", store.artifact_urls)
