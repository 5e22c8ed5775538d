"""One update at a time: a lock that the operating system takes back from a process that dies."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluice_sandbox.engine.checkpoint import timestamp
from sluice_sandbox.errors import NotWritable, StackLocked


@contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """
    Holds a stack's lock.

    Raises StackLocked, naming the holder, when another process has it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotWritable(f"{path}: cannot be opened ({error.strerror}); make the folder writable") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackLocked(f"{path.stem}: another update is running ({_holder(path)}); wait for it to end") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "doing": doing, "since": timestamp()}).encode())
        yield
    finally:
        os.close(descriptor)


def refuse_foreign_locks(folder: Path) -> None:
    """Raises StackLocked when the Pulumi CLI works on the stack whose lock folder this is."""
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if files:
        raise StackLocked(
            f"the Pulumi CLI holds a lock on this stack ({files[0]}); wait for it to end, "
            "or run `pulumi cancel` if it died"
        )


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"{holder['doing']} since {holder['since']}, process {holder['pid']}"
    except (ValueError, KeyError):
        return "just started"
