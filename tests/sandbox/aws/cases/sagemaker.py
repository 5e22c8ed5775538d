"""Models, endpoint configurations and endpoints."""

from typing import Any

import pulumi
import pulumi_aws as aws

from tests.sandbox.aws.cases.case import IMAGE, TRUST, Case, Props


def _model(name: str = "model") -> aws.sagemaker.Model:
    role = aws.iam.Role(f"{name}-role", assume_role_policy=TRUST)
    return aws.sagemaker.Model(name, execution_role_arn=role.arn, primary_container={"image": IMAGE})


def _variants(weight: float, model: pulumi.Input[str]) -> list[Any]:
    return [
        {
            "variant_name": "blue",
            "model_name": model,
            "instance_type": "ml.m5.large",
            "initial_instance_count": 1,
            "initial_variant_weight": weight,
        }
    ]


def _configuration(props: Props) -> pulumi.CustomResource:
    variants = _variants(props["weight"], _model().name)
    return aws.sagemaker.EndpointConfiguration("it", production_variants=variants, tags=props.get("tags"))


def _endpoint(props: Props) -> pulumi.CustomResource:
    model = _model()
    configurations = [
        aws.sagemaker.EndpointConfiguration(f"weight{weight}", production_variants=_variants(weight, model.name))
        for weight in (1, 2)
    ]
    chosen = configurations[props["configuration"]]
    return aws.sagemaker.Endpoint("it", endpoint_config_name=chosen.name, name=props.get("name"))


CASES = [
    Case(
        "sagemaker model",
        lambda props: aws.sagemaker.Model("it", execution_role_arn="arn:aws:iam::123456789012:role/digits", **props),
        {"primary_container": {"image": IMAGE, "environment": {"A": "1"}}},
        {"primary_container": {"image": IMAGE, "environment": {"A": "1"}}, "tags": {"team": "ml"}},
        {"primary_container": {"image": IMAGE, "environment": {"A": "2"}}},
        lose=lambda client, it: client("sagemaker").delete_model(ModelName=it.id),
    ),
    Case(
        "sagemaker model package group",
        lambda props: aws.sagemaker.ModelPackageGroup("it", **props),
        {"model_package_group_name": "digits", "model_package_group_description": "Digits."},
        {
            "model_package_group_name": "digits",
            "model_package_group_description": "Digits.",
            "tags": {"team": "ml"},
        },
        {"model_package_group_name": "numbers"},
        lambda client, it: client("sagemaker").add_tags(
            ResourceArn=it.outputs["arn"], Tags=[{"Key": "team", "Value": "thieves"}]
        ),
        lambda client, it: client("sagemaker").delete_model_package_group(ModelPackageGroupName=it.id),
    ),
    Case(
        "sagemaker endpoint configuration",
        _configuration,
        {"weight": 1.0},
        {"weight": 1.0, "tags": {"team": "ml"}},
        {"weight": 2.0},
        lose=lambda client, it: client("sagemaker").delete_endpoint_config(EndpointConfigName=it.id),
    ),
    Case(
        "sagemaker endpoint",
        _endpoint,
        {"configuration": 0},
        {"configuration": 1},
        {"configuration": 0, "name": "other"},
        lambda client, it: client("sagemaker").add_tags(
            ResourceArn=it.outputs["arn"], Tags=[{"Key": "team", "Value": "thieves"}]
        ),
        lambda client, it: client("sagemaker").delete_endpoint(EndpointName=it.id),
    ),
]
