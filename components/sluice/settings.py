"""What a stack's configuration says about Sluice: its schema, and how it is read."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi

from sluice.args import ArgsModel
from sluice.checkpoint_store import AccessLogArgs, CheckpointStoreArgs, RetentionArgs, StoredVersionArgs
from sluice.errors import InvalidFile, Problem
from sluice.guard_args import RollbackGuardArgs
from sluice.hosting import ShadowArgs, VariantArgs
from sluice.journal import RolloutJournal
from sluice.live_endpoint import ShadowReportArgs
from sluice.model_endpoint import ModelEndpointArgs
from sluice.model_version import PinnedVersionArgs
from sluice.retention import VersionRole
from sluice.traffic import baseline_of

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
