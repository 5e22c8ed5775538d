"""What a stack's configuration says about Sluice: its schema, and how it is read."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi

from sluice.args import ArgsModel
from sluice.checkpoint_store import (
    AccessLogArgs,
    CheckpointStore,
    CheckpointStoreArgs,
    RetentionArgs,
    StoredVersionArgs,
)
from sluice.endpoint_dashboard import EndpointDashboardArgs
from sluice.errors import InvalidFile, Problem
from sluice.guard_args import RollbackGuardArgs, alarm_names, watch_of
from sluice.hosting import ShadowArgs, VariantArgs
from sluice.journal import RolloutJournal
from sluice.live_endpoint import ShadowReportArgs
from sluice.model_endpoint import ModelEndpointArgs
from sluice.model_version import PinnedVersionArgs
from sluice.retention import VersionRole
from sluice.scheduled_args import ScheduledEvaluationArgs
from sluice.traffic import baseline_of
from sluice.variant_config import SHADOW

M = TypeVar("M", bound=ArgsModel)


class SlotSettings(VariantArgs):
    """What is in one slot of an endpoint: a variant, its version by name."""

    version: str  # type: ignore[assignment]
    """A model version, for example `digits@2`."""


class ShadowSettings(ShadowArgs):
    """What is in the shadow of an endpoint: its version by name."""

    version: str  # type: ignore[assignment]
    """A model version, for example `digits@3`."""


class EndpointSettings(ModelEndpointArgs):
    """What an endpoint serves in this environment, to whom and how: an endpoint's arguments, its versions by name."""

    variants: dict[str, SlotSettings]  # type: ignore[assignment]
    """From a slot's name (`blue`, `green`) to what is in it."""
    shadow: ShadowSettings | None = None
    """A variant that gets copies of requests. Omitted: none."""

    @property
    def has_instances(self) -> bool:
        """True when any variant has instances, and so disks."""
        return any(variant.serverless is None for variant in self.variants.values())

    def labels(self) -> dict[str, str]:
        """Returns the version in each place, by its key path."""
        labels = {f"variants.{slot}.version": settings.version for slot, settings in self.variants.items()}
        return labels if self.shadow is None else {**labels, "shadow.version": self.shadow.version}

    def roles(self) -> dict[str, VersionRole]:
        """Returns what each version is needed for: it serves where there is traffic, else it stands by."""
        serving = {slot.version for name, slot in self.variants.items() if self.traffic.get(name, 0) > 0}
        return {
            label: VersionRole.SERVING if label in serving else VersionRole.STANDBY for label in self.labels().values()
        }

    def deployment_alarms(self) -> list[pulumi.Input[str]]:
        """Returns the names of the alarms that its deployments heed, which its role has to see."""
        return [] if self.deployment is None else self.deployment.alarms or []

    def instance_types(self) -> dict[str, str]:
        """Returns what instances each variant has, the shadow among them; serverless ones have none."""
        kinds = {slot: it.instance_type for slot, it in self.variants.items()}
        kinds |= {} if self.shadow is None else {SHADOW: self.shadow.instance_type}
        return {slot: kind for slot, kind in kinds.items() if kind is not None}

    def serving(
        self,
        pinned: Mapping[str, PinnedVersionArgs],
        journal: RolloutJournal | None = None,
        shadowed: Mapping[str, ShadowReportArgs | None] | None = None,
        **unsaid: Any,
    ) -> ModelEndpointArgs:
        """
        Returns the endpoint's arguments.

        `pinned` has every version that is in a slot, by its label, and `shadowed` what those did in the shadow;
        `journal` records what moves, if anything does. `unsaid` is what arguments are that the configuration leaves
        out.
        """
        given = {**dict(self), **{key: value for key, value in unsaid.items() if getattr(self, key) is None}}
        reports = {slot: (shadowed or {}).get(it.version) for slot, it in self.variants.items()}
        if self.shadowed is None and journal is not None:
            given["shadowed"] = {slot: it for slot, it in reports.items() if it is not None} or None
        if journal is not None:
            given |= {"journal": journal.table_name, "journal_retention_days": journal.retention_days}
        given["variants"] = {
            slot: VariantArgs(**{**dict(settings), "version": pinned[settings.version]})
            for slot, settings in self.variants.items()
        }
        if self.shadow is not None:
            given["shadow"] = ShadowArgs(**{**dict(self.shadow), "version": pinned[self.shadow.version]})
        return ModelEndpointArgs(**given)


class GuardSettings(RollbackGuardArgs):
    """What a guard watches in this environment: its arguments without those that the endpoint's settings say."""

    endpoint: str | None = None  # type: ignore[assignment]
    """The name of the component ModelEndpoint. Omitted: as the program says."""
    versions: dict[str, PinnedVersionArgs] | None = None  # type: ignore[assignment]
    """From a slot to the version in it. Omitted: as the endpoint has them."""
    baseline: str | None = None  # type: ignore[assignment]
    """The slot that traffic goes back to. Omitted: the endpoint's."""
    traffic: dict[str, int] | None = None
    """The declared percent of each slot. Omitted: the endpoint's."""
    journal_table_arn: pulumi.Input[str] | None = None  # type: ignore[assignment]
    """The table of a RolloutJournal. Omitted: as the program says."""

    def guarding(
        self, name: str, endpoint: EndpointSettings, pinned: Mapping[str, PinnedVersionArgs], journal: RolloutJournal
    ) -> RollbackGuardArgs:
        """Returns the arguments of the guard of a component; `pinned` is as `EndpointSettings.serving` has it."""
        unsaid = {
            "endpoint": name,
            "versions": {slot: pinned[it.version] for slot, it in endpoint.variants.items()},
            "baseline": baseline_of(endpoint.baseline, endpoint.traffic),
            "traffic": endpoint.traffic,
            "journal_table_arn": journal.table_arn,
            "journal_key_arn": journal.key_arn,
        }
        return RollbackGuardArgs(**dict(self) | {key: it for key, it in unsaid.items() if getattr(self, key) is None})


class DashboardSettings(ArgsModel):
    """Whose an endpoint is in this environment, for its dashboard."""

    owner: str
    """Who answers for the endpoint, and how to reach them: `ml-platform, #ml-oncall`."""
    runbook: str | None = None
    """The https:// address of what to do. Omitted: there is none."""

    def showing(
        self,
        name: str,
        endpoint: EndpointSettings,
        pinned: Mapping[str, PinnedVersionArgs],
        guard: RollbackGuardArgs | None = None,
        baseline_error_rate: pulumi.Input[float] | None = None,
    ) -> EndpointDashboardArgs:
        """
        Returns the arguments of the dashboard of a component, with what its guard, if there is one, rings at.

        `baseline_error_rate` is the guard's; omitted, the one that its arguments declare.
        Declared traffic is not among them: a shift of traffic changes the endpoint and nothing else.
        """
        return EndpointDashboardArgs(
            endpoint=name,
            versions={slot: pinned[it.version] for slot, it in endpoint.variants.items()},
            baseline=baseline_of(endpoint.baseline, endpoint.traffic),
            owner=self.owner,
            runbook=self.runbook,
            shadow=None if endpoint.shadow is None else pinned[endpoint.shadow.version],
            instance_types=endpoint.instance_types(),
            alarms=_alarms(endpoint, guard),
            **({} if guard is None else _figures(guard, baseline_error_rate)),
        )


def _alarms(endpoint: EndpointSettings, guard: RollbackGuardArgs | None) -> list[pulumi.Input[str]]:
    """Returns the names of all alarms that an endpoint's traffic or deployments heed."""
    names = [] if guard is None else alarm_names(guard)
    return [*names, *(endpoint.alarms or []), *endpoint.deployment_alarms()]


def _figures(guard: RollbackGuardArgs, recorded: pulumi.Input[float] | None) -> dict[str, Any]:
    """Returns what a guard holds candidates against, every default in its place."""
    watch = watch_of(guard)
    return {
        "error_rate_floor": watch.error_rate_floor,
        "error_rate_ratio": watch.error_rate_ratio,
        "recorded_error_rate": watch.recorded_error_rate if recorded is None else recorded,
        "min_requests": watch.min_requests,
        "p95_seconds": watch.p95_seconds,
        "hallucination_rate": guard.hallucination_rate,
        "quality": guard.quality,
        "period_seconds": watch.period_seconds,
    }


class ReevaluationSettings(ScheduledEvaluationArgs):
    """When and by what this environment's endpoint is evaluated again: arguments without those that others say."""

    endpoint: str | None = None  # type: ignore[assignment]
    """The name of the component ModelEndpoint. Omitted: as the program says."""
    slot: str | None = None  # type: ignore[assignment]
    """The slot that is asked. Omitted: the endpoint's baseline."""
    manifest: str | None = None  # type: ignore[assignment]
    """The manifest of the version in it. Omitted: as the versions' settings have it."""
    bucket_name: pulumi.Input[str] | None = None  # type: ignore[assignment]
    """Where files and reports are kept. Omitted: as the program says."""

    def evaluating(
        self, name: str, endpoint: EndpointSettings, manifests: Mapping[str, str], store: CheckpointStore, **unsaid: Any
    ) -> ScheduledEvaluationArgs:
        """
        Returns the arguments of the scheduled evaluation of a component.

        `manifests` are the versions' by their labels; `unsaid` is what arguments are that the configuration leaves out.
        """
        slot = self.slot or baseline_of(endpoint.baseline, endpoint.traffic)
        if slot not in endpoint.variants:
            slots = ", ".join(endpoint.variants)
            raise InvalidFile(subject_of("reevaluation"), [Problem("slot", f"is {slot!r}; slots are: {slots}")])
        unsaid = {
            "endpoint": name,
            "slot": slot,
            "manifest": manifests[endpoint.variants[slot].version],
            "bucket_name": store.bucket_name,
            "key_arn": store.key_arn,
            **unsaid,
        }
        given = dict(self) | {key: it for key, it in unsaid.items() if getattr(self, key) is None}
        return ScheduledEvaluationArgs(**given)


class StoreSettings(ArgsModel):
    """How the artifacts of this environment are kept."""

    retention: RetentionArgs | None = None
    """How versions age. Omitted: three stay hot, older ones go cold after 30 days, none is deleted."""
    kms_key_arn: str | None = None
    """The key that encrypts all objects. Omitted: one of the store's own, rotated yearly."""
    force_destroy: bool | None = None
    """Deletes all artifacts with the store. Omitted: false; a store that is not empty cannot be deleted."""

    def keeping(
        self, versions: list[StoredVersionArgs], access_log: AccessLogArgs | None = None
    ) -> CheckpointStoreArgs:
        """Returns the arguments of a store of these versions, oldest first."""
        return CheckpointStoreArgs(
            versions=versions,
            retention=self.retention,
            kms_key_arn=self.kms_key_arn,
            force_destroy=self.force_destroy,
            access_log=access_log,
        )


def read_settings(model: type[M], key: str) -> M:
    """
    Returns the project's configuration value `key` as a model.

    Raises InvalidInput, naming the stack's file and every key path in it that is wrong.
    """
    subject = subject_of(key)
    text = pulumi.Config().get(key)
    if text is None:
        project = pulumi.get_project()
        raise InvalidFile(subject, [Problem("", f"is missing; the file needs `{project}:{key}:` under `config:`")])
    return model.parse(subject, _as_map(text, subject))


def subject_of(key: str) -> str:
    """Returns what messages call a value of the stack's configuration: its file and its key."""
    return f"Pulumi.{pulumi.get_stack()}.yaml: config {pulumi.get_project()}:{key}"


def _as_map(text: str, subject: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if not isinstance(value, dict):
        raise InvalidFile(subject, [Problem("", f"is {value!r}; expected a map")])
    return value
