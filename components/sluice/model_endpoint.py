"""The component `ModelEndpoint`: model versions that answer requests."""

from typing import Any

import pulumi
import pulumi_aws as aws

from sluice import execution_role, traffic
from sluice.args import ArgsModel
from sluice.errors import InvalidInput, Problem
from sluice.tags import identity_tags

_LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""How long CloudWatch can keep logs."""


class VariantArgs(ArgsModel):
    """One slot of an endpoint."""

    image: pulumi.Input[str]
    """Container image, pinned by digest: `<repository>@sha256:...`."""
    model_data_url: pulumi.Input[str]
    """The artifact, `s3://...`."""
    instance_type: str
    """SageMaker instance type, for example `ml.m5.xlarge`."""
    instance_count: int | None = None
    """How many instances. Omitted: 1."""
    environment: dict[str, pulumi.Input[str]] | None = None
    """What the container finds in its environment."""


class ModelEndpointArgs(ArgsModel):
    """What an endpoint serves, and to whom."""

    variants: dict[str, VariantArgs]
    """From a slot's name (`blue`, `green`) to what is in it."""
    traffic: dict[str, int]
    """Percent of the requests for each slot, 100 together. A slot left out gets none."""
    key_arn: pulumi.Input[str] | None = None
    """The key that the artifacts are encrypted with. Omitted: they are not."""
    execution_role_arn: pulumi.Input[str] | None = None
    """The role that SageMaker takes. Omitted: one that may read just these artifacts and images."""
    log_retention_days: int | None = None
    """How long container logs are kept. Omitted: 30."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class ModelEndpoint(pulumi.ComponentResource):
    """
    A SageMaker endpoint whose variants share the traffic as declared.

    Models and configurations are replaced, never changed; the old ones go when the endpoint has moved to the new ones.
    """

    endpoint_name: pulumi.Output[str]
    """What clients call: the component's name and the stack's. It stays the same for good."""
    endpoint_arn: pulumi.Output[str]
    """Its ARN."""
    config_name: pulumi.Output[str]
    """The configuration that it serves."""
    role_arn: pulumi.Output[str]
    """The role that SageMaker takes."""

    def __init__(self, name: str, args: ModelEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"ModelEndpoint {name!r}"
        args = ModelEndpointArgs.parse(subject, args)
        physical_name = f"{name}-{pulumi.get_stack()}"
        log_days = 30 if args.log_retention_days is None else args.log_retention_days
        problems = [
            *traffic.endpoint_problems(physical_name),
            *traffic.problems(args.traffic, list(args.variants)),
            *_variant_problems(args),
            *_log_problems(log_days),
        ]
        if problems:
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:ModelEndpoint", name, {}, opts)

        self._name, self._tags = name, identity_tags("ModelEndpoint", name, args.tags)
        logs = self._logs(physical_name, log_days)
        role, granted = self._role(args, physical_name)
        models = {slot: self._model(slot, variant, role, granted) for slot, variant in args.variants.items()}
        configuration = aws.sagemaker.EndpointConfiguration(
            name,
            production_variants=[
                _production_variant(slot, variant, models[slot].name, args.traffic.get(slot, 0))
                for slot, variant in args.variants.items()
            ],
            tags=self._tags,
            opts=self._child(),
        )
        endpoint = aws.sagemaker.Endpoint(
            name,
            name=physical_name,
            endpoint_config_name=configuration.name,
            tags=self._tags,
            # SageMaker makes the log group by itself if it is not there, and then it keeps logs for ever.
            opts=self._child(depends_on=[logs]),
        )
        self.endpoint_name, self.endpoint_arn = endpoint.name, endpoint.arn
        self.config_name, self.role_arn = configuration.name, role
        self.register_outputs(
            {
                "endpointName": self.endpoint_name,
                "endpointArn": self.endpoint_arn,
                "configName": self.config_name,
                "roleArn": self.role_arn,
            }
        )

    def _logs(self, endpoint_name: str, retention_days: int) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            self._name,
            name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention_in_days=retention_days,
            tags=self._tags,
            opts=self._child(),
        )

    def _role(self, args: ModelEndpointArgs, endpoint_name: str) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        """Returns the role's ARN, and what must be there before it may do what it is for."""
        if args.execution_role_arn is not None:
            return pulumi.Output.from_input(args.execution_role_arn), []
        invoke = pulumi.InvokeOptions(parent=self)
        partition = aws.get_partition_output(opts=invoke).partition
        account = aws.get_caller_identity_output(opts=invoke).account_id
        region = aws.get_region_output(opts=invoke).region
        role = aws.iam.Role(
            self._name,
            assume_role_policy=pulumi.Output.all(partition, account, region).apply(
                lambda it: execution_role.trust(*it)
            ),
            tags=self._tags,
            opts=self._child(),
        )
        grants = pulumi.Output.all(
            partition=partition,
            account=account,
            region=region,
            endpoint_name=endpoint_name,
            artifact_urls=[variant.model_data_url for variant in args.variants.values()],
            images=[variant.image for variant in args.variants.values()],
            key_arn=args.key_arn,
        ).apply(lambda it: execution_role.permissions(**it))
        return role.arn, [aws.iam.RolePolicy(self._name, role=role.name, policy=grants, opts=self._child())]

    def _model(
        self, slot: str, variant: VariantArgs, role: pulumi.Output[str], granted: list[pulumi.Resource]
    ) -> aws.sagemaker.Model:
        return aws.sagemaker.Model(
            f"{self._name}-{slot}",
            execution_role_arn=role,
            primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
                image=variant.image, model_data_url=variant.model_data_url, environment=variant.environment
            ),
            tags=self._tags,
            # SageMaker reads the artifact as the role when the model is made.
            opts=self._child(depends_on=granted),
        )

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)


def _production_variant(
    slot: str, variant: VariantArgs, model_name: pulumi.Output[str], percent: int
) -> aws.sagemaker.EndpointConfigurationProductionVariantArgs:
    return aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name=slot,
        model_name=model_name,
        instance_type=variant.instance_type,
        initial_instance_count=1 if variant.instance_count is None else variant.instance_count,
        initial_variant_weight=percent,
    )


def _variant_problems(args: ModelEndpointArgs) -> list[Problem]:
    return [
        problem
        for slot, variant in args.variants.items()
        for problem in traffic.slot_problems(slot, variant.instance_count)
    ]


def _log_problems(days: int) -> list[Problem]:
    if days in _LOG_DAYS:
        return []
    return [Problem("log_retention_days", f"is {days}; CloudWatch allows {', '.join(map(str, _LOG_DAYS))}")]
