"""Models of several containers, as SageMaker hosts them: a pipeline, or side by side."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from sluice.manifest.base import Image, ManifestModel, Sha256, Text

FEWEST, MOST = 2, 15
"""How many containers SageMaker takes in one model, where it is not one."""

Hostname = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
"""Lower-case letters, digits and inner hyphens; up to 63."""
Mode = Literal["serial", "direct"]


def _not_sluices(name: str) -> str:
    if name.startswith("SLUICE_"):
        raise ValueError("names that begin with SLUICE_ are Sluice's own; take another one")
    return name


Variable = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=1024), AfterValidator(_not_sluices)
]
"""The name of an environment variable."""


class ContainerArtifact(ManifestModel):
    """What one of several containers loads."""

    uri: Text
    """A file of the project, or `s3://bucket/key`."""
    sha256: Sha256 | None = None
    """What the artifact must be. Omitted: whatever it is when the version is locked."""
    build_command: Text | None = None
    """What makes the file, told to whoever does not have it. Omitted: nothing is told."""


class Container(ManifestModel):
    """One of several containers that are one model."""

    name: Hostname
    """What it is called in logs, in metrics, and by requests that are for it alone. Unique in the model."""
    image: Image
    """The container, by digest."""
    artifact: ContainerArtifact | None = None
    """What it loads. Omitted: nothing; all is in the image."""
    environment: dict[Variable, str] | None = None
    """What it finds in its environment; part of the version, unlike what a deployment adds. Omitted: nothing."""


def container_problem(containers: list[Container]) -> str | None:
    """Returns what is wrong with containers that are to be one model, or None."""
    if not FEWEST <= len(containers) <= MOST:
        return f"containers are {len(containers)}; SageMaker takes {FEWEST} to {MOST}; a single one is model.artifact"
    names = [container.name for container in containers]
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        return f"containers has {', '.join(map(repr, doubles))} more than once; names are unique"
    return None
