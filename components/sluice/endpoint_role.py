"""The component `EndpointRole`: what SageMaker may do for one endpoint."""

from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import execution_role, traffic
from sluice.args import ArgsModel
from sluice.errors import InvalidInput
from sluice.model_version import NetworkArgs
from sluice.tags import identity_tags


class EndpointRoleArgs(ArgsModel):
    """Which endpoint a role is for, and what its containers need."""

    endpoint: str
    """The name of the component ModelEndpoint."""
    artifact_urls: list[pulumi.Input[str]]
    """The artifacts of all versions that it may serve, `s3://...`."""
    images: list[pulumi.Input[str]]
    """Their container images."""
    key_arn: pulumi.Input[str] | None = None
    """The key that the artifacts are encrypted with. Omitted: they are not."""
    alarms: list[pulumi.Input[str]] | None = None
    """
    Names of the metric alarms that make SageMaker go back, those of the endpoint's `deployment`. Omitted: none.

    A composite alarm cannot be among them: AWS shows one only to a role that may describe all alarms there are.
    """
    network: NetworkArgs | None = None
    """The part of a VPC that its containers are in. Omitted: SageMaker's own network."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class EndpointRole(pulumi.ComponentResource):
    """
    A role that may read these artifacts, images and alarms, and write this endpoint's logs and metrics: nothing else.

    Only SageMaker may take it, and only for this account's own resources.
    """

    role_arn: pulumi.Output[str]
    """Its ARN. Known once it may do what it is for."""

    def __init__(self, name: str, args: EndpointRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"EndpointRole {name!r}"
        args = EndpointRoleArgs.parse(subject, args)
        endpoint = physical_name(args.endpoint)
        if problems := list(traffic.endpoint_problems(endpoint)):
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:EndpointRole", name, {}, opts)

        invoke, options = pulumi.InvokeOptions(parent=self), pulumi.ResourceOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke).partition
        account = aws.get_caller_identity_output(opts=invoke).account_id
        region = aws.get_region_output(opts=invoke).region
        role = aws.iam.Role(
            name,
            assume_role_policy=pulumi.Output.all(partition, account, region).apply(
                lambda it: execution_role.trust(*it)
            ),
            tags=identity_tags("EndpointRole", name, args.tags),
            opts=options,
        )
        grants = pulumi.Output.all(
            partition=partition,
            account=account,
            region=region,
            endpoint_name=endpoint,
            artifact_urls=args.artifact_urls,
            images=args.images,
            key_arn=args.key_arn,
            alarms=args.alarms or [],
            subnets=args.network.subnets if args.network else [],
            security_groups=args.network.security_group_ids if args.network else [],
        ).apply(lambda it: execution_role.permissions(**it))
        policy = aws.iam.RolePolicy(name, role=role.name, policy=grants, opts=options)
        # SageMaker reads the artifact as the role when a model is made: who knows the role has its rights.
        self.role_arn = pulumi.Output.all(role.arn, policy.id).apply(_first)
        self.register_outputs({"roleArn": self.role_arn})


def physical_name(endpoint: str) -> str:
    """Returns what SageMaker calls the endpoint of a component: its name and the stack's."""
    return f"{endpoint}-{pulumi.get_stack()}"


def _first(values: list[Any]) -> Any:
    return values[0]
