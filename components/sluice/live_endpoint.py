"""The resource `LiveEndpoint`: an endpoint of SageMaker as it is, not as it was last asked to be."""

from typing import Any, cast

import pulumi

from sluice.args import ArgsModel
from sluice.plugin_options import plugin_options
from sluice.rollout.settings import RolloutArgs


class ShadowReportArgs(ArgsModel):
    """What a version did with copies of requests, as `sluice shadow report` found."""

    version: str
    """The digest of the version."""
    since: str
    """When it began, ISO 8601."""
    until: str
    """When it ended, ISO 8601."""
    requests: int
    """How many requests were compared."""
    outcome: str
    """`pass`, `fail` or `cannot tell`."""
    text: str
    """Its figures, `agreement 99.2 % of 51,204`."""


class LiveEndpointArgs(ArgsModel):
    """What an endpoint runs, and who gets how much of the traffic."""

    name: str
    """What clients call. Another name is another endpoint."""
    endpoint_config_name: pulumi.Input[str]
    """The configuration that it runs."""
    weights: dict[str, int]
    """Percent of the traffic for each production variant. A change is a call that takes seconds."""
    counts: dict[str, int] | None = None
    """How many instances a variant has. A variant that is left out keeps what autoscaling gave it."""
    versions: dict[str, str] | None = None
    """The model version in each variant, for the diff; in one that has traffic it may not change."""
    instance_types: dict[str, str] | None = None
    """The instance type of each variant; that of a standby slot may not change. Omitted: not said."""
    min_counts: dict[str, int] | None = None
    """The fewest instances of each variant; those of a standby slot may not become fewer. Omitted: as `counts` says."""
    standby_hours: float | None = None
    """How long a slot that had traffic is kept as it is after it lost it, in hours; 0: not at all. Omitted: 72."""
    hourly_prices: dict[str, float] | None = None
    """By instance type, what you pay for one an hour: what standby costs is told by it. Omitted: list prices."""
    baseline: str | None = None
    """The variant that the others are compared with; on the first creation it must have traffic. Omitted: not said."""
    journal: pulumi.Input[str] | None = None
    """The table of a RolloutJournal: traffic moves past gates, and is recorded there. Omitted: it just moves."""
    journal_retention_days: pulumi.Input[int] | None = None
    """How long its entries are kept after it is deleted. Omitted: for ever."""
    rollout: RolloutArgs | None = None
    """What it takes for traffic to rise. Omitted, with a journal: the defaults."""
    version_digests: dict[str, str] | None = None
    """The whole digest of the version in each variant, by which the journal knows it. Omitted: as `versions` says."""
    shadowed: dict[str, ShadowReportArgs] | None = None
    """By variant, what the version in it did in the shadow. Omitted: nothing is known."""
    alarms: list[str] | None = None
    """Names of alarms; while one is in ALARM nothing rises, as with those of the deployment. Omitted: none."""
    force: str | None = None
    """Why traffic rises although a gate says no; good for one movement, and recorded. Omitted: it does not."""
    acknowledge: str | None = None
    """The id of a rollback after which the version may rise again. Omitted: none."""
    acknowledge_reason: str | None = None
    """Why it may. Omitted: not said."""
    deployment_config: dict[str, Any] | None = None
    """How a new configuration comes, as `deploymentConfig` of `aws:sagemaker:Endpoint`. Omitted: all at once."""
    region: pulumi.Input[str] | None = None
    """Where. Omitted: the environment's `AWS_REGION`, or the profile's."""
    account_id: pulumi.Input[str] | None = None
    """The account that it must be in. Omitted: that of the environment's credentials."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Its tags. Omitted: none."""


class LiveEndpoint(pulumi.CustomResource):
    """
    An endpoint whose traffic shifts in seconds, without a new fleet.

    A new configuration keeps live weights and counts; when SageMaker goes back to the old one, the update fails and
    says why. A refresh reads the weights, counts and configuration that are live.
    """

    def __init__(self, resource_name: str, args: LiveEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args = LiveEndpointArgs.parse(f"LiveEndpoint {resource_name!r}", args)
        given = {_camel(key): wired(value) for key, value in args if value is not None}
        decided = {"arn": None, "status": None, "drained": None, "loadSeconds": None}
        super().__init__("sluice:index:LiveEndpoint", resource_name, {**decided, **given}, plugin_options(opts))

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]:
        """What clients call."""
        return cast("pulumi.Output[str]", pulumi.get(self, "name"))

    @property
    @pulumi.getter
    def arn(self) -> pulumi.Output[str]:
        """Its ARN."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[str]:
        """What SageMaker called its state when it was last looked at."""
        return cast("pulumi.Output[str]", pulumi.get(self, "status"))

    @property
    @pulumi.getter
    def drained(self) -> pulumi.Output[dict[str, str]]:
        """From a slot that had traffic and has none to when it lost it: ISO 8601, UTC."""
        return cast("pulumi.Output[dict[str, str]]", pulumi.get(self, "drained"))

    @property
    @pulumi.getter(name="loadSeconds")
    def load_seconds(self) -> pulumi.Output[float]:
        """How long the last new configuration took to load, in seconds; 0 while there was none."""
        return cast("pulumi.Output[float]", pulumi.get(self, "loadSeconds"))


def wired(value: Any) -> Any:
    """Returns a value as it goes over the wire: models as maps with names in camel case, without what is omitted."""
    if isinstance(value, ArgsModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, dict):
        return {key: wired(item) for key, item in value.items()}
    return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
