"""The resource `ModelPackage`: a version in SageMaker's Model Registry, which pulumi_aws does not have."""

from enum import Enum
from typing import cast

import pulumi

from sluice.args import ArgsModel
from sluice.plugin_options import plugin_options


class ApprovalStatus(Enum):
    """Whether a version may be deployed, as people and pipelines say it in the registry."""

    PENDING = "PendingManualApproval"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class PackagedContainerArgs(ArgsModel):
    """One of several containers of a package."""

    name: str
    """What it is called; up to 63 letters, digits and inner hyphens. Unique in the package."""
    image: pulumi.Input[str]
    """The container, by digest."""
    model_data_url: pulumi.Input[str] | None = None
    """What it loads, `s3://...`. Omitted: the container has all."""
    environment: dict[str, pulumi.Input[str]] | None = None
    """What it finds in its environment. Omitted: nothing."""


class ModelPackageArgs(ArgsModel):
    """What is registered. All but the approval and the metadata stays as it was registered."""

    model_package_group_name: pulumi.Input[str]
    """The group of the model's versions."""
    region: pulumi.Input[str] | None = None
    """Where. Omitted: the environment's `AWS_REGION`, or the profile's."""
    account_id: pulumi.Input[str] | None = None
    """The account that it must be registered in. Omitted: that of the environment's credentials."""
    description: pulumi.Input[str] | None = None
    """Up to 1,024 characters. Omitted: none."""
    image: pulumi.Input[str] | None = None
    """The container, by digest. Omitted: there is none; `containers` or `source_uri` say what the package is of."""
    model_data_url: pulumi.Input[str] | None = None
    """The artifact, `s3://...`. Omitted: the container has all."""
    containers: list[PackagedContainerArgs] | None = None
    """2 to 15 containers, in the order of their calls. Omitted: there are not several."""
    content_types: list[str] | None = None
    """What requests may be, for example `application/json`. Omitted: not said."""
    response_types: list[str] | None = None
    """What answers may be. Omitted: not said."""
    source_uri: pulumi.Input[str] | None = None
    """What the package is of where it has no container, for example `openai/gpt-4o-2024-08-06`."""
    metrics_url: pulumi.Input[str] | None = None
    """The evaluation report, `s3://...`. Omitted: none."""
    metrics_digest: pulumi.Input[str] | None = None
    """The report's digest, `sha256:...`. Omitted: not said."""
    metadata: dict[str, pulumi.Input[str]] | None = None
    """Up to 50 entries, of up to 256 letters, digits, spaces and `_.:/=+-@`. Omitted: none."""
    approval_status: ApprovalStatus | None = None
    """Omitted: pending."""
    approval_description: pulumi.Input[str] | None = None
    """Why. Omitted: not said."""


class ModelPackage(pulumi.CustomResource):
    """
    A version in a group of SageMaker's Model Registry.

    A registry's ARN is no pin: what it points at can be changed. So the digests are in its metadata, and a package that
    was changed behind Pulumi's back shows as drift.
    """

    def __init__(self, name: str, args: ModelPackageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args = ModelPackageArgs.parse(f"ModelPackage {name!r}", args)
        given = {_camel(key): value for key, value in args if value is not None}
        if args.containers is not None:
            given["containers"] = [
                {_camel(key): value for key, value in container if value is not None} for container in args.containers
            ]
        if args.approval_status is not None:
            given["approvalStatus"] = args.approval_status.value
        decided = {"arn": None, "version": None, "packageStatus": None}
        super().__init__("sluice:index:ModelPackage", name, {**decided, **given}, plugin_options(opts))

    @property
    @pulumi.getter
    def arn(self) -> pulumi.Output[str]:
        """Its ARN, which ends with its version."""
        return cast("pulumi.Output[str]", pulumi.get(self, "arn"))

    @property
    @pulumi.getter
    def version(self) -> pulumi.Output[int]:
        """Its number in the group."""
        return cast("pulumi.Output[int]", pulumi.get(self, "version"))

    @property
    @pulumi.getter(name="packageStatus")
    def package_status(self) -> pulumi.Output[str]:
        """`Completed`."""
        return cast("pulumi.Output[str]", pulumi.get(self, "package_status"))


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
