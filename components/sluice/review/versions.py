"""Which versions a change puts beside which, and what is different between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice.manifest.changes import Part, Side, compare
from sluice.review.declared import Declared, Version
from sluice.review.traffic import Traffic


@dataclass(frozen=True)
class VersionChange:
    """Two versions that a reviewer must compare."""

    before: Version
    after: Version
    why: str
    """What puts them side by side."""
    is_candidate: bool
    """Whether the later is to take the earlier's users, for which there must be evidence."""

    @property
    def parts(self) -> list[Part]:
        """What is different."""
        return compare(Side(self.before.locked, self.before.root), Side(self.after.locked, self.after.root))

    @property
    def rewritten(self) -> bool:
        """Whether it is one version by name, and another by content."""
        one, other = self.before.locked, self.after.locked
        return one.label == other.label and one.version_digest != other.version_digest


def version_changes(
    traffic: Sequence[Traffic], now: Declared, base: Declared | None, base_name: str
) -> list[VersionChange]:
    """Returns the pairs that the change concerns, each once: slots that change, candidates that rise, new versions."""
    found: dict[tuple[str, str], VersionChange] = {}
    for it in (*_rewritten(now, base, base_name), *_in_slots(traffic, now, base), *_new(traffic, now, base, base_name)):
        key = (it.before.locked.version_digest, it.after.locked.version_digest)
        if key[0] != key[1] and (key not in found or (it.is_candidate and not found[key].is_candidate)):
            found[key] = it
    return list(found.values())


def _rewritten(now: Declared, base: Declared | None, base_name: str) -> Iterator[VersionChange]:
    for label, version in now.versions.items():
        old = None if base is None else base.versions.get(label)
        if old is not None:
            yield VersionChange(old, version, f"{label} at {base_name} and now", is_candidate=False)


def _in_slots(traffic: Sequence[Traffic], now: Declared, base: Declared | None) -> Iterator[VersionChange]:
    for endpoint in traffic:
        baseline = _version(endpoint.version_of(endpoint.compared_with), now, base)
        for share in endpoint.shares:
            old, new = _version(share.version_before, now, base), _version(share.version, now, base)
            moved = share.rises or share.changes_version or endpoint.against is None
            if new is not None and baseline is not None and moved and share.slot != endpoint.compared_with:
                yield VersionChange(baseline, new, f"{share.slot} beside the baseline", is_candidate=True)
            if old is not None and new is not None and share.changes_version:
                yield VersionChange(old, new, f"{share.slot} changes", is_candidate=share.before > 0)


def _new(traffic: Sequence[Traffic], now: Declared, base: Declared | None, base_name: str) -> Iterator[VersionChange]:
    if base is None:
        return
    served = {share.version for it in traffic for share in it.shares if share.version is not None}
    labels = list(now.versions)
    for index, label in enumerate(labels):
        if label not in base.versions and label not in served and index:
            before = now.versions[labels[index - 1]]
            yield VersionChange(before, now.versions[label], f"new since {base_name}", is_candidate=False)


def _version(label: str | None, now: Declared, base: Declared | None) -> Version | None:
    if label is None:
        return None
    return now.versions.get(label) or (None if base is None else base.versions.get(label))
