"""
A stack's state on disk.

Pulumi's version 3 checkpoint, where the CLI's own file backend keeps it, so that `PULUMI_BACKEND_URL=file://<folder>`
shows the CLI the same stacks. A write replaces the file at once and leaves its predecessor beside it as `.bak`.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sluice_sandbox.engine import integrity
from sluice_sandbox.engine.secret_store import SecretStore
from sluice_sandbox.engine.state import Operation, Resource
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import NotWritable, StateDamaged

ENGINE_VERSION = f"v{version('pulumi')}"


@dataclass
class Deployment:
    """What a stack consists of, in an order in which everything comes after what it needs."""

    resources: list[Resource] = field(default_factory=list)
    pending: list[Operation] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """A deployment as read, and what to tell the user about the reading."""

    deployment: Deployment
    warning: str = ""
    existed: bool = True


class Checkpoint:
    """The file that holds one stack's state."""

    def __init__(self, path: Path, stack: str, secrets: SecretStore) -> None:
        """`stack` as the file backend spells it, `organization/<project>/<name>`."""
        self.path = path
        self.backup = path.with_suffix(".json.bak")
        self._stack = stack
        self._secrets = secrets
        self._fragments: dict[int, _Fragment] = {}
        self._backed_up = False

    def load(self) -> Loaded:
        """
        Returns the state; an empty one where there is no file.

        A damaged file is replaced by its backup, with a warning. Raises StateDamaged when both are damaged.
        """
        if not self.path.exists() and not self.backup.exists():
            return Loaded(Deployment(), existed=False)
        try:
            return Loaded(self._read(self.path))
        except (OSError, ValueError, KeyError, TypeError, StateDamaged) as damage:
            return self._restore(damage)

    def save(self, deployment: Deployment, *, durable: bool = True) -> None:
        """
        Writes the state so that a crash at any moment leaves the old file or the new one.

        `durable` also survives a power failure; without it, only the death of this process. Raises NotWritable.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._back_up()
            replace_file(self.path, self._render(deployment).encode(), durable=durable)
        except OSError as error:
            raise NotWritable(
                f"{self.path}: the state cannot be written ({error.strerror}); the last one that could be is unharmed; "
                "make room or fix the permissions, then run the same command again"
            ) from error

    def _back_up(self) -> None:
        # Once a run: what is beside the state is the state before that run.
        if not self._backed_up and self.path.exists():
            self.backup.unlink(missing_ok=True)
            os.link(self.path, self.backup)
        self._backed_up = True

    def export(self, deployment: Deployment) -> dict[str, Any]:
        """Returns what `pulumi stack import` takes under `deployment`."""
        latest: dict[str, Any] = json.loads(self._render(deployment))["checkpoint"]["latest"]
        return latest

    def _render(self, deployment: Deployment) -> str:
        resources = ",\n".join(map(self._fragment, deployment.resources))
        pending = ",\n".join(
            f'{{"resource": {self._fragment(item.resource)}, "type": {json.dumps(item.type)}}}'
            for item in deployment.pending
        )
        # Last, because only sealing tells whether there is a secret at all.
        secrets = {"type": "passphrase", "state": {"salt": self._secrets.salt}} if self._secrets.used else None
        return (
            f'{{"version": 3, "checkpoint": {{"stack": {json.dumps(self._stack)}, "latest": {{\n'
            f'"manifest": {json.dumps(_manifest())},\n'
            + (f'"secrets_providers": {json.dumps(secrets)},\n' if secrets else "")
            + f'"resources": [\n{resources}\n],\n'
            + (f'"pending_operations": [\n{pending}\n],\n' if pending else "")
            + f'"metadata": {json.dumps(deployment.metadata)}\n}}}}}}\n'
        )

    def _fragment(self, resource: Resource) -> str:
        """Returns a resource's record. An update writes the state often, and each time most of it is as before."""
        known = self._fragments.get(id(resource))
        if known is None or not known.describes(resource):
            text = json.dumps(resource.to_json(self._secrets.seal))
            known = self._fragments[id(resource)] = _Fragment(
                resource, resource.inputs, resource.outputs, _marks(resource), text
            )
        return known.text

    def _read(self, path: Path) -> Deployment:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.get("version") != 3:
            raise StateDamaged(f"version is {document.get('version')!r}; the sandbox reads 3")
        latest = document["checkpoint"].get("latest") or {}
        self._secrets.adopt(latest.get("secrets_providers"), str(path))
        unseal = self._secrets.unseal
        resources = [Resource.from_json(record, unseal) for record in latest.get("resources") or []]
        pending = [
            Operation(Resource.from_json(operation["resource"], unseal), operation["type"])
            for operation in latest.get("pending_operations") or []
        ]
        integrity.verify(resources)
        return Deployment(resources, pending, latest.get("metadata") or {})

    def _restore(self, damage: Exception) -> Loaded:
        try:
            deployment = self._read(self.backup)
        except (OSError, ValueError, KeyError, TypeError, StateDamaged):
            raise StateDamaged(
                f"{self.path}: the state cannot be read ({damage}), and neither can its backup {self.backup.name}; "
                "put a good copy in its place, or start over with `sluice sandbox reset`"
            ) from damage
        return Loaded(
            deployment, f"{self.path} cannot be read ({damage}); its backup {self.backup.name} is used instead"
        )


@dataclass(frozen=True)
class _Fragment:
    """The record of a resource, and what it was made from."""

    resource: Resource
    inputs: Inputs
    outputs: Inputs
    marks: tuple[Any, ...]
    text: str

    def describes(self, resource: Resource) -> bool:
        # Properties are replaced, never changed in place, so that identity tells.
        return self.inputs is resource.inputs and self.outputs is resource.outputs and self.marks == _marks(resource)


def _marks(resource: Resource) -> tuple[Any, ...]:
    return resource.id, resource.delete, resource.pending_replacement, resource.modified


def replace_file(path: Path, content: bytes, *, durable: bool) -> None:
    """Puts content in a file's place at once: readers see the old one or the new one, and so does a crash."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def timestamp() -> str:
    """Returns now as Pulumi writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _manifest() -> dict[str, Any]:
    return {
        "time": timestamp(),
        "magic": hashlib.sha256(ENGINE_VERSION.encode()).hexdigest(),
        "version": ENGINE_VERSION,
    }
