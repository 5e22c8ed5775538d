"""The model versions that a stack declares: read from their locks, with what each is needed for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pulumi

from sluice import version_files
from sluice.args import ArgsModel
from sluice.checkpoint_store import CheckpointStore, StoredVersionArgs
from sluice.errors import InvalidFile, InvalidInput, Problem
from sluice.evaluation.shadow_report import path_for, read_shadow_report
from sluice.live_endpoint import ShadowReportArgs
from sluice.manifest import lock
from sluice.manifest.canonical import short
from sluice.manifest.load import find_root, inside
from sluice.manifest.lock import Locked
from sluice.model_package import ApprovalStatus
from sluice.model_version import Evidence, NetworkArgs, RegistryAccessArgs, is_served
from sluice.retention import VersionRole
from sluice.settings import EndpointSettings, subject_of
from sluice.traffic import baseline_of
from sluice.version_problems import evidence_problems

_UNNAMEABLE = re.compile(r"[^A-Za-z0-9]+")


class VersionsSettings(ArgsModel):
    """Which versions there are in this environment."""

    manifests: list[str]
    """Their manifests, oldest first, by their paths in the project."""
    keep_warm: int | None = None
    """How many of the newest are ready to serve besides those in a slot: what can be gone back to. Omitted: 2."""
    approved: dict[str, str] | None = None
    """From a version, `digits@2`, to why it is approved. A version that is not here is pending."""
    evidence: Evidence | None = None
    """What becomes of a version in use that its evaluation does not prove. Omitted: it is refused."""
    network: NetworkArgs | None = None
    """The VPC of their containers. Omitted: none."""
    network_isolation: bool | None = None
    """Whether their containers are cut off from every network. Omitted: true."""
    registry_access: RegistryAccessArgs | None = None
    """How to reach a private registry in the VPC. Omitted: images are in ECR."""


@dataclass(frozen=True)
class DeclaredVersion:
    """A version, and what it is needed for here."""

    manifest: Path
    locked: Locked
    role: VersionRole | None
    """None: for nothing; its artifact ages, and SageMaker has no model of it."""
    approval: str | None
    """Why it is approved. None: it is pending."""
    release: int
    """Its place in the order of releases, from 1."""
    incumbent: str | None = None
    """The manifest of the endpoint's baseline, which it is to replace. None: it is the baseline, or older."""

    @property
    def label(self) -> str:
        """`digits@2`."""
        return self.locked.label

    @property
    def name(self) -> str:
        """What its resources are called, `digits-2`."""
        return _UNNAMEABLE.sub("-", self.label).strip("-")

    @property
    def warm(self) -> bool:
        """Whether SageMaker has a model of it."""
        return self.role is not None and is_served(self.locked)

    @property
    def images(self) -> list[str]:
        """Its containers, by digest. Only a warm version surely has one."""
        return list(self.locked.weights.images)

    @property
    def approval_status(self) -> ApprovalStatus:
        """What the Model Registry is told of it."""
        return ApprovalStatus.PENDING if self.approval is None else ApprovalStatus.APPROVED

    @property
    def is_file(self) -> bool:
        """Whether something that it loads is a file of the project, which a CheckpointStore uploads."""
        return version_files.is_file(self.locked)

    def shadowed(self) -> ShadowReportArgs | None:
        """
        Returns what it did in the shadow, by the report beside its manifest; None without one.

        Raises InvalidFile for a report that was edited, or is of another version.
        """
        path = path_for(self.manifest)
        if not path.is_file():
            return None
        report = read_shadow_report(path)
        if report.shadow.digest != self.locked.version_digest:
            found, own = short(report.shadow.digest), short(self.locked.version_digest)
            reason = f"is {found} ({report.shadow.label}), and the version is {own}; let this one be in the shadow"
            raise InvalidFile(str(path), [Problem("shadow.digest", reason)])
        return ShadowReportArgs(
            version=report.shadow.digest,
            since=report.since.isoformat(),
            until=report.until.isoformat(),
            requests=report.requests,
            outcome=report.outcome.value,
            text=report.summary,
        )

    def stored(self) -> StoredVersionArgs:
        """Returns it as a CheckpointStore takes it."""
        return version_files.stored(self.locked, self.manifest, self.role)

    def model_data_url(self, store: CheckpointStore) -> pulumi.Input[str] | None:
        """Returns where its uploaded artifact is; None where it has several containers, or its lock says where."""
        return version_files.model_data_url(self.locked, store)

    def container_urls(self, store: CheckpointStore) -> dict[str, pulumi.Input[str]] | None:
        """Returns where the uploaded artifacts of its several containers are; None where none was uploaded."""
        return version_files.container_urls(self.locked, store)

    def artifact_urls(self, store: CheckpointStore) -> list[pulumi.Input[str]]:
        """Returns where everything is that its containers load: what its role has to read."""
        return version_files.artifact_urls(self.locked, store)


def read_versions(
    settings: VersionsSettings, endpoint: EndpointSettings, *, key: str = "versions", endpoint_key: str = "endpoint"
) -> list[DeclaredVersion]:
    """
    Returns the versions of a stack, oldest first, from their locks alone: no network, nothing that takes long.

    Raises InvalidInput with everything that is wrong: locks that are missing, older than their manifests or edited; two
    manifests with one version; a slot with a version that is not there, or that nothing proves.
    """
    read = list(_read(settings.manifests))
    problems = [problem for it in read if isinstance(it, list) for problem in it]
    found = [it for it in read if not isinstance(it, list)]
    problems += _doubles(found)
    if problems:
        raise InvalidFile(subject_of(key), problems)
    known = {locked.label: locked for _, locked in found}
    if problems := list(_approval_problems(settings, known)):
        raise InvalidFile(subject_of(key), problems)
    if problems := list(_slot_problems(endpoint, known)):
        raise InvalidFile(subject_of(endpoint_key), problems)
    roles = {**_rollback_targets(settings, found), **endpoint.roles()}
    approved = settings.approved or {}
    baseline = endpoint.variants[baseline_of(endpoint.baseline, endpoint.traffic)].version
    serving = next(index for index, (_, locked) in enumerate(found, 1) if locked.label == baseline)
    incumbent = str(found[serving - 1][0])
    return [
        DeclaredVersion(
            path,
            locked,
            roles.get(locked.label),
            approved.get(locked.label),
            release,
            incumbent if release > serving else None,
        )
        for release, (path, locked) in enumerate(found, 1)
    ]


def _read(manifests: Sequence[str]) -> Iterator[tuple[Path, Locked] | list[Problem]]:
    root = find_root(Path.cwd() / "program")
    for index, name in enumerate(manifests):
        path = f"manifests[{index}]"
        try:
            file = inside(root, name, path, "the stack's file")
            if not file.is_file():
                yield [Problem(path, f"is {name!r}, and there is no such file in {root}")]
                continue
            yield file, lock.read(file)
        except InvalidInput as error:
            yield [Problem(f"{path}: {_within(root, error.subject)}", str(problem)) for problem in error.problems]


def _doubles(found: Sequence[tuple[Path, Locked]]) -> Iterator[Problem]:
    owners: dict[str, Path] = {}
    for path, locked in found:
        first = owners.setdefault(locked.label, path)
        if first is not path:
            yield Problem("manifests", f"{path.name} is {locked.label}, as {first.name} is; give it another version")


def _approval_problems(settings: VersionsSettings, known: dict[str, Locked]) -> Iterator[Problem]:
    if settings.keep_warm is not None and settings.keep_warm < 0:
        yield Problem("keep_warm", f"is {settings.keep_warm}; allowed 0 or more")
    for label in settings.approved or {}:
        if label not in known:
            yield Problem(f"approved.{label}", _unknown(label, known))


def _slot_problems(endpoint: EndpointSettings, known: dict[str, Locked]) -> Iterator[Problem]:
    for at, label in endpoint.labels().items():
        locked = known.get(label)
        if locked is None:
            yield Problem(at, f"is {label!r}, {_unknown(label, known)}")
        elif not is_served(locked):
            yield Problem(at, f"is {label!r}, an API model, which no endpoint of SageMaker serves")
        else:
            for problem in evidence_problems(locked):
                yield Problem(at, f"is {label!r}, whose {problem}")


def _unknown(label: str, known: dict[str, Locked]) -> str:
    close = get_close_matches(label, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ";"
    return f"which no manifest declares{hint} versions there are: {', '.join(known) or 'none'}"


def _rollback_targets(settings: VersionsSettings, found: Sequence[tuple[Path, Locked]]) -> dict[str, VersionRole]:
    count = 2 if settings.keep_warm is None else settings.keep_warm
    newest = found[max(len(found) - count, 0) :]
    return {locked.label: VersionRole.ROLLBACK_TARGET for _, locked in newest if not list(evidence_problems(locked))}


def _within(root: Path, subject: str) -> str:
    try:
        return str(Path(subject).relative_to(root))
    except ValueError:
        return subject
