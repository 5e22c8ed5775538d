"""Who gets how much of the traffic, before and after, in words and as a bar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sluice.review.declared import Declared, traffic_of, versions_of
from sluice.review.plan import Plan, Step, shown
from sluice.traffic import baseline_of

_BAR = 20
_ROUNDING = 0.005


@dataclass(frozen=True)
class Share:
    """One slot of an endpoint."""

    slot: str
    version_before: str | None
    """`digits@1`. None: the slot was not there."""
    version: str | None
    """None: the slot would be gone."""
    before: float
    """Percent of the traffic."""
    after: float

    @property
    def rises(self) -> bool:
        return self.after > self.before + _ROUNDING

    @property
    def falls(self) -> bool:
        return self.after < self.before - _ROUNDING

    @property
    def changes_version(self) -> bool:
        return self.version_before is not None and self.version is not None and self.version != self.version_before


@dataclass(frozen=True)
class Traffic:
    """The traffic of one endpoint."""

    endpoint: str
    urn: str
    op: str
    baseline: str
    """The slot that the others would be compared with."""
    compared_with: str
    """The one that they are compared with so far: a slot does not become the baseline by rising."""
    shares: tuple[Share, ...]
    against: str | None
    """What `before` is: `deployed`, or `declared at main`. None: there was nothing."""
    undeployed: Mapping[str, float]
    """What the base declares, percent by slot, where it is not what is deployed; else empty."""

    @property
    def moves(self) -> bool:
        """Whether anybody is served otherwise than before."""
        return any(it.rises or it.falls or it.changes_version for it in self.shares)

    @property
    def rising(self) -> list[Share]:
        """The candidates that would have more than before."""
        return [it for it in self.shares if it.rises and it.slot != self.compared_with]

    def version_of(self, slot: str) -> str | None:
        """Returns the label of the version that would be in a slot."""
        return next((it.version for it in self.shares if it.slot == slot), None)

    @property
    def sentences(self) -> list[str]:
        """What changes, in words."""
        return list(_sentences(self))


def traffic(plan: Plan, base: Declared | None, base_name: str) -> list[Traffic]:
    """Returns the traffic of every endpoint of a plan; before is what is deployed, else what the base declares."""
    return [_of(step, base, base_name) for step in plan.endpoints]


def bar(percent: float) -> str:
    """Returns a bar of 20 characters. A share above 0 is never drawn as none, one below 100 never as all."""
    filled = round(percent / 100 * _BAR)
    if 0 < percent < 100:
        filled = min(max(filled, 1), _BAR - 1)
    filled = min(max(filled, 0), _BAR)
    return "█" * filled + "░" * (_BAR - filled)


def _of(step: Step, base: Declared | None, base_name: str) -> Traffic:
    old, new = ((it or {}).get("inputs") or {} for it in (step.old, step.new))
    live = ((step.old or {}).get("outputs") or {}).get("weights") or old.get("weights")
    after = {} if step.op == "delete" else _percent(new.get("weights"))
    declared = None if base is None else base.endpoint({*after} or {*_percent(live)})
    declared_shares = {} if declared is None else traffic_of(declared)
    before, labels, against = _percent(live), _labels(old.get("versions")), "deployed" if step.old else None
    if step.old is None and declared is not None:
        before, labels, against = declared_shares, versions_of(declared), f"declared at {base_name}"
    labels_after = {} if step.op == "delete" else _labels(new.get("versions"))
    slots = dict.fromkeys((*before, *after, *labels_after))
    differs = against == "deployed" and any(
        abs(declared_shares.get(slot, 0) - before.get(slot, 0)) > _ROUNDING for slot in {*declared_shares, *before}
    )
    baseline = new.get("baseline") or old.get("baseline") or baseline_of(None, before or after)
    compared_with = old.get("baseline") or baseline
    if step.old is None and declared is not None:
        compared_with = baseline_of(declared.get("baseline"), declared_shares)
    return Traffic(
        endpoint=str(new.get("name") or old.get("name") or step.name),
        urn=step.urn,
        op=step.op,
        baseline=str(baseline),
        compared_with=str(compared_with),
        shares=tuple(
            Share(slot, labels.get(slot), labels_after.get(slot), before.get(slot, 0.0), after.get(slot, 0.0))
            for slot in slots
        ),
        against=against,
        undeployed=declared_shares if declared is not None and differs else {},
    )


def _percent(weights: object) -> dict[str, float]:
    given = weights if isinstance(weights, Mapping) else {}
    found = {str(slot): float(it) for slot, it in given.items() if isinstance(it, int | float)}
    total = sum(found.values())
    return {slot: 100 * it / total for slot, it in found.items()} if total > 0 else found


def _labels(versions: object) -> dict[str, str]:
    """Returns the labels of versions as the endpoint declares them: `digits@1 sha256:c237ee8a5159`."""
    given = versions if isinstance(versions, Mapping) else {}
    return {str(slot): str(shown(it)).split(" ")[0] for slot, it in given.items()}


def _sentences(it: Traffic) -> Iterator[str]:
    if it.op == "delete":
        yield f"{it.endpoint} is deleted: nobody is answered any more"
        return
    if it.against is None:
        yield f"{it.endpoint} is new: " + ", ".join(f"{_named(each)} gets {each.after:g} %" for each in it.shares)
        return
    if it.op in ("replace", "delete-replaced"):
        yield f"{it.endpoint} is replaced: it is another endpoint"
    for share in it.shares:
        if share.changes_version:
            carried = f", which carries {share.before:.4g} % of the traffic" if share.before else ""
            yield f"{share.slot}{carried}, changes from {share.version_before} to {share.version}"
        if share.rises:
            yield f"{_named(share)} rises from {share.before:.4g} % to {share.after:.4g} %"
        elif share.falls:
            yield f"{_named(share)} falls from {share.before:.4g} % to {share.after:.4g} %"
    if it.baseline != it.compared_with:
        yield f"{it.baseline} becomes the baseline, in place of {it.compared_with}"
    if not it.moves:
        yield f"the traffic of {it.endpoint} stays as it is"


def _named(share: Share) -> str:
    version = share.version or share.version_before
    return share.slot if version is None else f"{share.slot} ({version})"
