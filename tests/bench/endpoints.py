"""What endpoints cost through ModelEndpoint, beside the same resources written by hand in pulumi_aws."""

from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import ModelEndpoint, ModelEndpointArgs, VariantArgs

DIGEST = f"sha256:{'ab' * 32}"


def by_component(number: int) -> None:
    """Declares an endpoint with two slots."""
    variants = {
        slot: VariantArgs(
            version={  # type: ignore[arg-type]
                "label": f"bench@{release}",
                "version_digest": DIGEST,
                "model_name": f"model-{release}",
                "release": release,
            },
            instance_type="ml.m5.large",
        )
        for release, slot in enumerate(("blue", "green"), 1)
    }
    ModelEndpoint(f"e{number}", ModelEndpointArgs(variants=variants, traffic={"blue": 90, "green": 10}))


class Group(pulumi.ComponentResource):
    """What keeps the hand-written resources of an endpoint together."""

    def __init__(self, name: str) -> None:
        super().__init__("bench:index:Group", name, {}, None)


def by_hand(number: int) -> None:
    """Declares the same with what pulumi_aws has, in a component with outputs, as Pulumi's own guide would."""
    name = f"e{number}"
    group = Group(name)
    child = pulumi.ResourceOptions(parent=group)
    tags = {"project": "bench", "stack": "bench", "component": "endpoint", "name": name}
    logs = aws.cloudwatch.LogGroup(
        name, name=f"/aws/sagemaker/Endpoints/{name}-test", retention_in_days=30, tags=tags, opts=child
    )
    variants = [
        aws.sagemaker.EndpointConfigurationProductionVariantArgs(
            variant_name=slot,
            model_name=f"model-{release}",
            instance_type="ml.m5.large",
            initial_instance_count=1,
            initial_variant_weight=weight,
        )
        for release, (slot, weight) in enumerate({"blue": 90, "green": 10}.items(), 1)
    ]
    told = {f"version:{slot}": f"bench@{release}" for release, slot in enumerate(("blue", "green"), 1)}
    told |= {f"version-digest:{slot}": DIGEST for slot in ("blue", "green")}
    configuration = aws.sagemaker.EndpointConfiguration(
        name, production_variants=variants, tags={**tags, **told}, opts=child
    )
    options = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[logs]))
    endpoint = aws.sagemaker.Endpoint(
        name, name=f"{name}-test", endpoint_config_name=configuration.name, tags=tags, opts=options
    )
    group.register_outputs(
        {"endpointName": endpoint.name, "endpointArn": endpoint.arn, "configName": configuration.name}
    )


def preview(who: str, count: int, folder: Path) -> None:
    """Previews so many endpoints on the sandbox engine; nothing is asked of its AWS."""
    from sluice_sandbox.harness import Sandbox

    declare = by_component if who == "component" else by_hand

    def program() -> None:
        for number in range(count):
            declare(number)

    result = Sandbox(folder, _no_aws).stack(program, {"aws:region": "eu-west-1"}).preview()
    assert result.changes == {"create": 4 * count + 1}, result.errors()


def _no_aws() -> Any:
    raise AssertionError("a preview asks nothing of AWS")
