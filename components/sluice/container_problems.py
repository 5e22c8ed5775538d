"""What keeps a version of several containers from being deployed as it is declared."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sluice.errors import Problem
from sluice.manifest.lock import Locked, Weights
from sluice.version_containers import container_url
from sluice.version_problems import version_problems

if TYPE_CHECKING:
    from sluice.model_version import ModelVersionArgs


def all_version_problems(locked: Locked, args: "ModelVersionArgs") -> Iterator[Problem]:
    """Yields everything that keeps a version from being declared, of one container or of several."""
    containers = locked.weights.containers
    yield from version_problems(_as_one(locked) if containers else locked, args)
    names = [it.name for it in containers]
    for name in sorted((args.container_urls or {}).keys() - set(names)):
        known = ", ".join(names) or "none with a name"
        yield Problem(f"container_urls.{name}", f"is no container of {locked.label}; it has: {known}")
    if containers:
        yield from _container_problems(locked, args)


def _container_problems(locked: Locked, args: "ModelVersionArgs") -> Iterator[Problem]:
    if args.model_data_url is not None:
        yield Problem(
            "model_data_url", f"is for a single container, and {locked.label} has several; use container_urls"
        )
    if locked.adapters:
        yield Problem(
            "adapters",
            f"of {locked.label} are for a single container, and it has several; give one of them a container that "
            "has its adapters in its artifact",
        )
    for container in locked.weights.containers:
        pin = container.pin
        if pin is not None and container_url(container, args.container_urls or {}) is None:
            yield Problem(
                f"container_urls.{container.name}",
                f"is missing: the artifact of {container.name} is {pin.reference}; upload it, and say where it is",
            )
        if pin is None and container.name in (args.container_urls or {}):
            yield Problem(f"container_urls.{container.name}", "is for an artifact, and this container has none")
        for key in sorted((args.environment or {}).keys() & container.environment.keys()):
            yield Problem(
                f"environment.{key}",
                f"is what the manifest sets for {container.name}, as part of the version; leave it out here",
            )


def _as_one(locked: Locked) -> Locked:
    """Returns a version as if its first container were all: what holds of one container holds of each."""
    # Artifacts are asked for one by one, and not here.
    pin = locked.weights.pin.model_copy(update={"facts": {"artifact": "each its own"}})
    weights = Weights(pin=pin, image=locked.weights.containers[0].image)
    return locked.model_copy(update={"weights": weights})
