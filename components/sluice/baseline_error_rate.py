"""The resource `BaselineErrorRate`: what share of a baseline's requests usually fails."""

from typing import cast

import pulumi

from sluice.args import ArgsModel
from sluice.plugin_options import plugin_options


class BaselineErrorRateArgs(ArgsModel):
    """Whose error rate it is, and what must change for it to be measured again."""

    endpoint: str
    """The endpoint's name in SageMaker. Another name is another rate."""
    baseline: str
    """The slot."""
    versions: dict[str, str]
    """The digest of the version in each slot."""
    serving: bool | None = None
    """Whether any traffic is declared for the slot. Omitted: not said."""
    min_requests: int | None = None
    """How many requests it takes to measure it. Omitted: 20."""
    region: pulumi.Input[str] | None = None
    """Where. Omitted: the environment's `AWS_REGION`, or the profile's."""


class BaselineErrorRate(pulumi.CustomResource):
    """
    The error rate of an endpoint's baseline, for when it has too little traffic to be compared with.

    It is measured over the last 24 hours in CloudWatch, at preview too, whenever one of its arguments changes. With
    too few requests the former one of the same version counts on, or 0. Nothing is made at AWS.
    """

    def __init__(
        self, resource_name: str, args: BaselineErrorRateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = BaselineErrorRateArgs.parse(f"BaselineErrorRate {resource_name!r}", args)
        given = {
            "endpoint": args.endpoint,
            "baseline": args.baseline,
            "versions": args.versions,
            "serving": args.serving,
            "minRequests": args.min_requests,
            "region": args.region,
        }
        found = {"errorRate": None, "requests": None, "since": None}
        super().__init__(
            "sluice:index:BaselineErrorRate",
            resource_name,
            {**found, **{key: value for key, value in given.items() if value is not None}},
            plugin_options(opts),
        )

    @property
    @pulumi.getter(name="errorRate")
    def error_rate(self) -> pulumi.Output[float]:
        """The share of requests that failed, 0 to 1, with two digits."""
        return cast("pulumi.Output[float]", pulumi.get(self, "errorRate"))

    @property
    @pulumi.getter
    def requests(self) -> pulumi.Output[float]:
        """How many requests it was measured on; 0: it was not, and the rate is 0."""
        return cast("pulumi.Output[float]", pulumi.get(self, "requests"))

    @property
    @pulumi.getter
    def since(self) -> pulumi.Output[dict[str, str]]:
        """From a slot whose version changed to when that was seen: ISO 8601, UTC."""
        return cast("pulumi.Output[dict[str, str]]", pulumi.get(self, "since"))
