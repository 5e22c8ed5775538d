"""What the good stack deploys: versions, models, an endpoint, and what watches it."""

from typing import Any

from tests.policies.good_parts import DIGEST, GOOD, IMAGE, KEY, ROLE, TAGS, add

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
