"""What a stack's file and its manifests say now, and said at a commit."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sluice.errors import SluiceError

if TYPE_CHECKING:
    from sluice.manifest.lock import Locked
    from sluice.review.declared import Declared

_SECONDS = 60


def declared_now(root: Path, file: Path) -> "Declared":
    """Returns what is declared in the working tree. Raises SluiceError without the stack's file."""
    if not file.is_file():
        raise SluiceError(f"there is no {_named(file, root)}; name a stack that has one, with --stack")
    return _declared(root, file.read_bytes(), _named(file, root))


@contextmanager
def declared_at(root: Path, file: Path, ref: str) -> "Iterator[Declared]":
    """
    Yields what was declared at a commit, with its files in a folder that lives as long.

    A stack that was not there declares nothing. Raises SluiceError for what Git does not know.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise SluiceError(
            f"--base is {ref!r}, which Git does not know here; fetch it first, in CI with the whole history"
        )
    sha = commit.decode().strip()
    with TemporaryDirectory(prefix="sluice-review-") as folder:
        base = Path(folder).resolve()
        content = _show(root, sha, _named(file, root))

        def fetch(names: Sequence[str]) -> None:
            for name in names:
                _write(base, name, _show(root, sha, name))

        fetch(["Pulumi.yaml"])
        yield _declared(base, content or b"", f"{_named(file, root)} at {ref}", fetch)


def _declared(
    root: Path, content: bytes, name: str, fetch: Callable[[Sequence[str]], None] = lambda _: None
) -> "Declared":
    from sluice.manifest import lock
    from sluice.review.declared import Declared, Version, manifests_of

    config, versions, problems = _config(content, name), {}, []
    for path in manifests_of(config):
        manifest = Path(os.path.normpath(root / path))
        if not manifest.is_relative_to(root):
            problems.append(f"{name}: the manifest {path} is outside of the project")
            continue
        fetch([path, _named(lock.path_for(manifest), root)])
        try:
            locked = lock.read(manifest)
        except SluiceError as error:
            problems.append(f"{name}: {error}".replace(f"{root}{os.sep}", ""))
            continue
        fetch(_texts(locked))
        versions[locked.label] = Version(manifest, root, locked)
    return Declared(config, versions, tuple(problems))


def _texts(locked: "Locked") -> list[str]:
    """Returns the files of a prompt, whose lines are compared."""
    return [file.name for file in locked.data.pin.files] if locked.data.pin.source == "prompt" else []


def _config(content: bytes, name: str) -> dict[str, Any]:
    from sluice.manifest.yaml_text import parse

    config = parse(Path(name), content)[0].get("config") if content.strip() else None
    return dict(config) if isinstance(config, dict) else {}


def _named(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _show(root: Path, commit: str, name: str) -> bytes | None:
    return _git(root, "show", f"{commit}:./{name}")


def _write(folder: Path, name: str, content: bytes | None) -> None:
    target = Path(os.path.normpath(folder / name))
    if content is not None and target.is_relative_to(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _git(root: Path, *arguments: str) -> bytes | None:
    """Returns what Git prints; None where it cannot tell."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SluiceError(f"git {arguments[0]}: {error}") from None
    return done.stdout if done.returncode == 0 else None
