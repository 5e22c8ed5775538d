"""The component `ModelVersion`: one atomic unit of weights, data, evaluation and inference configuration."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice.args import ArgsModel
from sluice.container_problems import all_version_problems
from sluice.errors import InvalidFile, InvalidInput, Problem, SluiceError
from sluice.evaluation.evidence import Case, unproven
from sluice.manifest import lock
from sluice.manifest.lock import Locked
from sluice.model_package import ApprovalStatus, ModelPackage, ModelPackageArgs
from sluice.tags import identity_tags
from sluice.version_containers import containers_of, packaged_containers
from sluice.version_evidence import evidence_of
from sluice.version_metadata import description_of, metadata_of


class Evidence(Enum):
    """What becomes of a version that its evaluation does not prove."""

    MANDATORY = "mandatory"
    """It is refused."""
    ADVISORY = "advisory"
    """It is warned of."""


class ContainerMode(Enum):
    """How requests reach a version of several containers."""

    SERIAL = "serial"
    """The first container gets the request, each other one the answer of the one before."""
    DIRECT = "direct"
    """A request names the container that it is for."""


class NetworkArgs(ArgsModel):
    """The part of a VPC that containers are in."""

    subnets: list[pulumi.Input[str]]
    """Their subnets, in two zones or more."""
    security_group_ids: list[pulumi.Input[str]]
    """What they may reach, and who may reach them."""


class RegistryAccessArgs(ArgsModel):
    """A private Docker registry that is reached through the VPC."""

    credentials_provider_arn: pulumi.Input[str] | None = None
    """The Lambda that gives the registry's credentials. Omitted: it asks for none."""


class ModelVersionArgs(ArgsModel):
    """Which version, where its artifact is, and how its containers live."""

    manifest: str
    """The manifest's path; what counts is the lock beside it, which `sluice lock` has written."""
    model_package_group_name: pulumi.Input[str]
    """The group of the Model Registry that has the model's versions."""
    model_data_url: pulumi.Input[str] | None = None
    """The artifact, `s3://...`. Omitted: where the manifest says; an artifact that is a file must be given."""
    container_urls: dict[str, pulumi.Input[str]] | None = None
    """From one of several containers to where its artifact is, `s3://...`. Omitted: where the manifest says."""
    adapter_urls: dict[str, pulumi.Input[str]] | None = None
    """From an adapter's name to where it is, `s3://...`. Omitted: where the manifest says."""
    execution_role_arn: pulumi.Input[str] | None = None
    """The role that SageMaker takes: `EndpointRole.role_arn`. Only an API model, or a cold version, needs none."""
    release: int | None = None
    """Its place in the order of releases; an endpoint that starts from nothing serves the oldest. Omitted: 1."""
    incumbent: str | None = None
    """The manifest of the version that serves now, and that this one is to replace. Omitted: it replaces none."""
    evidence: Evidence | None = None
    """What becomes of it when its evaluation does not prove it; a cold version is not judged. Omitted: mandatory."""
    warm: bool | None = None
    """Whether SageMaker has a model of it, ready to serve. Omitted: true. An API model never has."""
    network: NetworkArgs | None = None
    """The VPC of its containers. Omitted: none."""
    network_isolation: bool | None = None
    """Whether containers are cut off from every network. Omitted: true."""
    registry_access: RegistryAccessArgs | None = None
    """How to reach a private registry in the VPC. Omitted: the image is in ECR."""
    environment: dict[str, pulumi.Input[str]] | None = None
    """What containers find in their environment besides `SLUICE_VERSION` and `SLUICE_SUBJECT_DIGEST`."""
    content_types: list[str] | None = None
    """What requests may be, for example `application/json`. Omitted: not said."""
    response_types: list[str] | None = None
    """What answers may be. Omitted: not said."""
    report_url: pulumi.Input[str] | None = None
    """Where the evaluation report is, `s3://...`. Omitted: only its digest is told."""
    approval_status: ApprovalStatus | None = None
    """Omitted: pending."""
    approval_description: pulumi.Input[str] | None = None
    """Why. Omitted: not said."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class PinnedVersionArgs(ArgsModel):
    """A version that a slot can serve: what `ModelVersion.pinned` is."""

    label: str
    """`digits@2`."""
    version_digest: str
    """The digest of the whole unit."""
    model_name: pulumi.Input[str]
    """SageMaker's model of it."""
    release: int
    """Its place in the order of releases: the oldest has the least."""
    network_isolation: bool | None = None
    """Whether its containers are cut off from every network. Omitted: true."""
    in_vpc: bool | None = None
    """Whether its containers are in a VPC. Omitted: false."""
    container_mode: ContainerMode | None = None
    """How requests reach its containers. Omitted: it has a single one."""


class ModelVersion(pulumi.ComponentResource):
    """
    One version in the Model Registry and, while it is warm, as a SageMaker model.

    Its lock alone says what it is: no network is asked. It never changes; another unit is another version.
    """

    label: pulumi.Output[str]
    """`digits@2`."""
    version_digest: pulumi.Output[str]
    """The digest of the whole unit."""
    subject_digest: pulumi.Output[str]
    """The digest of what an evaluation is about."""
    package_arn: pulumi.Output[str]
    """Its entry in the Model Registry."""
    model_name: pulumi.Output[str | None]
    """SageMaker's model. None for an API model, and for a version that is not warm."""

    def __init__(self, name: str, args: ModelVersionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"ModelVersion {name!r}"
        args = ModelVersionArgs.parse(subject, args)
        locked = _locked(subject, args.manifest)
        doubts = list(_doubts(locked, args))
        fatal = [] if args.evidence is Evidence.ADVISORY else doubts
        if problems := [*all_version_problems(locked, args), *fatal]:
            raise InvalidInput(f"{subject} ({args.manifest})", problems)
        super().__init__("sluice:index:ModelVersion", name, {}, opts)

        for doubt in doubts:
            pulumi.log.warn(f"{locked.label}: {doubt}", self)
        self._name, self._args, self._locked = name, args, locked
        self._tags = {
            **identity_tags("ModelVersion", name, args.tags),
            "sluice:version": locked.label,
            "sluice:version-digest": locked.version_digest,
        }
        model = self._model(args) if is_served(locked) and args.warm is not False else None
        package = self._package(args)
        self._model_name = model.name if model is not None else None
        self.model_name = pulumi.Output.from_input(self._model_name)
        self.label = pulumi.Output.from_input(locked.label)
        self.version_digest = pulumi.Output.from_input(locked.version_digest)
        self.subject_digest = pulumi.Output.from_input(locked.subject_digest)
        self.package_arn = package.arn
        self.register_outputs(
            {
                "label": self.label,
                "versionDigest": self.version_digest,
                "subjectDigest": self.subject_digest,
                "packageArn": self.package_arn,
                "modelName": self.model_name,
            }
        )

    @property
    def pinned(self) -> PinnedVersionArgs:
        """What a slot of an endpoint takes. Raises SluiceError for a version that no endpoint can serve."""
        if self._model_name is None:
            why = "is not warm" if is_served(self._locked) else "is an API model"
            raise SluiceError(f"ModelVersion {self._name!r} {why}: SageMaker has no model of it to serve")
        return PinnedVersionArgs(
            label=self._locked.label,
            version_digest=self._locked.version_digest,
            model_name=self._model_name,
            release=1 if self._args.release is None else self._args.release,
            network_isolation=self._args.network_isolation is not False,
            in_vpc=self._args.network is not None,
            container_mode=None if self._locked.weights.mode is None else ContainerMode(self._locked.weights.mode),
        )

    def _model(self, args: ModelVersionArgs) -> aws.sagemaker.Model:
        return aws.sagemaker.Model(
            self._name,
            execution_role_arn=args.execution_role_arn,
            **containers_of(self._locked, args),
            enable_network_isolation=args.network_isolation is not False,
            vpc_config=None
            if args.network is None
            else aws.sagemaker.ModelVpcConfigArgs(
                subnets=args.network.subnets, security_group_ids=args.network.security_group_ids
            ),
            tags=self._tags,
            opts=self._child(),
        )

    def _package(self, args: ModelVersionArgs) -> ModelPackage:
        locked, served = self._locked, is_served(self._locked)
        invoke = pulumi.InvokeOptions(parent=self)
        report = locked.evaluation.report
        given: dict[str, Any] = {
            "model_package_group_name": args.model_package_group_name,
            "region": aws.get_region_output(opts=invoke).region,
            "account_id": aws.get_caller_identity_output(opts=invoke).account_id,
            "description": description_of(locked),
            "metadata": metadata_of(locked, evidence_of(Path(args.manifest), locked)),
            **(packaged_containers(locked, args) if served else {}),
            "source_uri": None if served else locked.weights.pin.immutable,
            "content_types": args.content_types if served else None,
            "response_types": args.response_types if served else None,
            "metrics_url": args.report_url,
            "metrics_digest": report.digest if report is not None and args.report_url is not None else None,
            "approval_status": args.approval_status,
            "approval_description": args.approval_description,
        }
        return ModelPackage(self._name, ModelPackageArgs(**given), self._child())

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)


def is_served(locked: Locked) -> bool:
    """True for a version that SageMaker serves: one that has a container."""
    return locked.weights.pin.source != "api"


def _locked(subject: str, manifest: str) -> Locked:
    path = Path(manifest)
    if not path.is_file():
        raise InvalidInput(subject, [Problem("manifest", f"is {manifest!r}, and there is no such file")])
    try:
        return lock.read(path)
    except InvalidFile as error:
        raise InvalidInput(subject, [Problem(error.subject, str(problem)) for problem in error.problems]) from None


def _doubts(locked: Locked, args: ModelVersionArgs) -> Iterator[Problem]:
    """Yields what a version's evidence lacks; none of a version that is not to serve."""
    if args.warm is False:
        return
    incumbent = None if args.incumbent is None else Path(args.incumbent)
    if incumbent is not None and not incumbent.is_file():
        yield Problem("incumbent", f"is {args.incumbent!r}, and there is no such file")
        return
    yield from unproven(Case(Path(args.manifest), locked, incumbent), datetime.now(UTC))
