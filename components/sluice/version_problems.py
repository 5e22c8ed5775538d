"""What keeps a locked version from being deployed as it is declared."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sluice.errors import Problem
from sluice.manifest.lock import Locked

if TYPE_CHECKING:
    from sluice.model_version import ModelVersionArgs

SERVING_ONLY = (
    "model_data_url",
    "adapter_urls",
    "execution_role_arn",
    "warm",
    "network",
    "network_isolation",
    "registry_access",
    "environment",
    "content_types",
    "response_types",
)
"""What means nothing for a model that somebody else serves."""


def version_problems(locked: Locked, args: "ModelVersionArgs") -> Iterator[Problem]:
    """Yields everything that keeps a version from being declared, with what to do about it."""
    yield from evidence_problems(locked)
    if locked.weights.pin.source == "api":
        yield from _api_problems(args)
    else:
        yield from _artifact_problems(locked, args)
        if args.warm is not False:
            yield from _serving_problems(locked, args)


def evidence_problems(locked: Locked) -> Iterator[Problem]:
    """Yields what a version lacks that nobody may deploy without: its evaluation, and the contract that it fulfils."""
    if locked.evaluation.report is None:
        yield Problem(
            "evaluation.report",
            f"is missing: {locked.label} has not been evaluated; name its report in the manifest and lock it",
        )
    if locked.contract is None:
        yield Problem(
            "contract",
            f"is missing: nobody said what {locked.label} must achieve; name its contract in the manifest and lock it",
        )


def _api_problems(args: "ModelVersionArgs") -> Iterator[Problem]:
    for key in SERVING_ONLY:
        if getattr(args, key) is not None:
            yield Problem(key, "means nothing here: it is an API model, which SageMaker does not serve; leave it out")


def _artifact_problems(locked: Locked, args: "ModelVersionArgs") -> Iterator[Problem]:
    pin = locked.weights.pin
    if locked.weights.image is None:
        yield Problem("model", f"of {locked.label} has no image; name one by digest in the manifest, and lock it")
    if args.model_data_url is None and pin.source != "s3" and "artifact" not in pin.facts:
        yield Problem(
            "model_data_url",
            f"is missing: the artifact of {locked.label} is from {pin.source} ({pin.reference}); "
            "upload it, for example with CheckpointStore, and say where it is",
        )


def _serving_problems(locked: Locked, args: "ModelVersionArgs") -> Iterator[Problem]:
    if args.execution_role_arn is None:
        yield Problem("execution_role_arn", "is missing; take that of an EndpointRole, or declare it not warm")
    if args.registry_access is not None and args.network is None:
        yield Problem("registry_access", "is through a VPC, and network names none")
    for key in sorted((args.environment or {}).keys() & {"SLUICE_VERSION", "SLUICE_SUBJECT_DIGEST"}):
        yield Problem(f"environment.{key}", "is Sluice's own; leave it out")
    yield from _adapter_problems(locked, args.adapter_urls or {})


def _adapter_problems(locked: Locked, given: dict[str, Any]) -> Iterator[Problem]:
    names = [adapter.name for adapter in locked.adapters]
    for name in sorted(given.keys() - set(names)):
        known = ", ".join(names) or "none"
        yield Problem(f"adapter_urls.{name}", f"is no adapter of {locked.label}; it has: {known}")
    for adapter in locked.adapters:
        if adapter.pin.source != "s3" and adapter.name not in given:
            yield Problem(
                f"adapter_urls.{adapter.name}",
                f"is missing: the adapter is {adapter.pin.reference}; upload it, and say where it is",
            )
