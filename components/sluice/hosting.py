"""How variants are hosted, and how a new configuration comes: what an endpoint may be asked for."""

from enum import Enum

import pulumi

from sluice.args import ArgsModel
from sluice.model_version import PinnedVersionArgs


class ServerlessArgs(ArgsModel):
    """A variant without instances of its own."""

    memory_mb: int
    """Memory of the container: 1024, 2048, 3072, 4096, 5120 or 6144."""
    max_concurrency: int
    """How many requests at once; 1 to 200."""
    provisioned_concurrency: int | None = None
    """How many are kept warm; up to `max_concurrency`. Omitted: none."""


class AutoscalingArgs(ArgsModel):
    """How a variant's instances follow its load."""

    min_instances: int
    """1 or more."""
    max_instances: int
    """At least `min_instances`."""
    invocations_per_instance: int
    """Requests a minute that an instance should have; what is beyond makes more instances."""
    scale_in_cooldown_seconds: int | None = None
    """How long to wait after taking instances away. Omitted: 300."""
    scale_out_cooldown_seconds: int | None = None
    """How long to wait after adding some. Omitted: 60."""


class VariantArgs(ArgsModel):
    """One slot of an endpoint."""

    version: PinnedVersionArgs
    """The model version in it: `ModelVersion.pinned`. Nothing else can be served."""
    instance_type: str | None = None
    """SageMaker instance type, for example `ml.m5.xlarge`. Omitted: it is serverless."""
    instance_count: int | None = None
    """How many instances. Omitted: 1, or as `autoscaling` says."""
    serverless: ServerlessArgs | None = None
    """Hosts it without instances. Omitted: it has instances."""
    autoscaling: AutoscalingArgs | None = None
    """Lets its instances follow its load. Omitted: their number stays as declared."""
    volume_size_gb: int | None = None
    """Disk of each instance; 1 to 512. Omitted: as the instance type has it."""
    startup_timeout_seconds: int | None = None
    """How long a container may take to answer its first health check; 60 to 3600. Omitted: SageMaker's own."""
    download_timeout_seconds: int | None = None
    """How long the artifact may take to arrive; 60 to 3600. Omitted: SageMaker's own."""


class ShadowArgs(ArgsModel):
    """A variant that gets copies of requests, and whose answers nobody sees."""

    version: PinnedVersionArgs
    """The model version in it."""
    instance_type: str
    """SageMaker instance type."""
    instance_count: int | None = None
    """How many instances. Omitted: 1."""
    percent: int | None = None
    """Of how many requests it gets a copy; 1 to 100. Omitted: 100."""


class AsynchronousArgs(ArgsModel):
    """Requests are queued, and answers are put into a bucket."""

    output_url: pulumi.Input[str]
    """Where answers go, `s3://...`."""
    failure_url: pulumi.Input[str] | None = None
    """Where failures go. Omitted: they are logged only."""
    success_topic_arn: pulumi.Input[str] | None = None
    """An SNS topic that is told of answers. Omitted: none."""
    error_topic_arn: pulumi.Input[str] | None = None
    """An SNS topic that is told of failures. Omitted: none."""
    max_concurrent_per_instance: int | None = None
    """Requests at once for each instance; 1 to 1000. Omitted: SageMaker's choice."""
    kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts answers. Omitted: the bucket's."""


class CaptureArgs(ArgsModel):
    """Keeps requests and answers, for whoever watches quality."""

    destination_url: pulumi.Input[str]
    """Where they go, `s3://...`."""
    percent: int
    """Of how many requests; 1 to 100."""
    kms_key_arn: pulumi.Input[str] | None = None
    """The key that encrypts them. Omitted: the bucket's."""
    input: bool | None = None
    """Whether requests are kept. Omitted: true."""
    output: bool | None = None
    """Whether answers are kept. Omitted: true."""


class MetricsArgs(ArgsModel):
    """How fine, and how often, SageMaker tells CloudWatch what an endpoint does."""

    publish_seconds: int | None = None
    """10, 30, 60, 120, 180, 240 or 300. Omitted: 60, and nothing else can be declared yet: see `enhanced`."""
    enhanced: bool | None = None
    """
    Whether metrics are of each instance too, and requests are counted as often as `publish_seconds` says.

    Omitted: false. SageMaker has both, in its `MetricsConfig`, and the provider of AWS for Pulumi has not: other values
    than SageMaker's own are refused until it does.
    """


class DeploymentStrategy(Enum):
    """How traffic goes from the old fleet to the new one while a new configuration is loaded."""

    ALL_AT_ONCE = "allAtOnce"
    CANARY = "canary"
    LINEAR = "linear"
    ROLLING = "rolling"


class DeploymentArgs(ArgsModel):
    """What protects the loading of a new configuration. The day-long ladder is traffic, which is declared apart."""

    strategy: DeploymentStrategy
    """A rolling deployment is for endpoints of one variant."""
    step_percent: int | None = None
    """Size of the canary, a step or a batch; 10 to 50, rolling from 5. Omitted: 10."""
    wait_seconds: int | None = None
    """How long to watch after each step; up to 3600. Omitted: 300."""
    termination_wait_seconds: int | None = None
    """How long the old fleet stays afterwards; up to 3600. Omitted: 600."""
    max_seconds: int | None = None
    """How long it may take in all; 600 to 28800. Omitted: 7200."""
    alarms: list[pulumi.Input[str]] | None = None
    """
    Names of up to 10 alarms that make SageMaker go back. Omitted: none; nothing goes back by itself.

    SageMaker looks at them as the execution role of the versions' models: an EndpointRole is given them too.
    """
