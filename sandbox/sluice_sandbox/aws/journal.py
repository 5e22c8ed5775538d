"""
What makes the sandbox's AWS last: every accepted change, in order, with the time and the seed that it had.

Doing the same requests again at the same times from the same seeds gives the same buckets, keys, ids and dates. So the
journal is the content; a server that dies loses nothing.
"""

import base64
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_INLINE = 4096
_READS = re.compile(r"^(Describe|List|Get|BatchGet|Head|Search|Query|Scan|Select|Lookup|Simulate|Test|Validate)")
_COMPUTES = frozenset({"Encrypt", "Decrypt", "ReEncrypt", "Sign", "Verify", "GenerateMac", "VerifyMac"})
_KEPT = re.compile(
    r"^(content-type|content-encoding|content-md5|host|x-amz-(?!security-token).*|authorization)$", re.IGNORECASE
)
_SIGNATURE = re.compile(r"Signature=[0-9a-f]+")


@dataclass(frozen=True)
class Entry:
    """One change, as it was asked for."""

    time: float
    seed: int
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def changes_anything(method: str, headers: Mapping[str, str], body: bytes) -> bool:
    """True for a request that may leave the server different from before."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return False
    action = _action(headers, body)
    return not (_READS.match(action) or action in _COMPUTES or action.startswith("GenerateDataKey"))


class Journal:
    """An append-only file of entries, bodies too long for a line beside it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.jsonl"
        self._bodies = folder / "bodies"
        self.length = 0

    def append(self, entry: Entry) -> None:
        """Stores an entry. Raises OSError when the disk refuses."""
        record: dict[str, Any] = {
            "time": entry.time,
            "seed": entry.seed,
            "method": entry.method,
            "path": entry.path,
            "query": entry.query,
            "headers": {key: _harmless(value) for key, value in entry.headers.items() if _KEPT.match(key)},
            **self._store(entry.body),
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.length += 1

    def read(self) -> Iterator[Entry]:
        """Yields all entries. A last line that a crash cut off was never answered, and is dropped."""
        if not self._path.exists():
            return
        text = self._path.read_text(encoding="utf-8")
        complete, _, torn = text.rpartition("\n")
        if torn:
            self._path.write_text(complete + "\n" if complete else "", encoding="utf-8")
        for line in complete.splitlines():
            record = json.loads(line)
            body = self._load(record)
            self.length += 1
            yield Entry(
                record["time"],
                record["seed"],
                record["method"],
                record["path"],
                record["query"],
                record["headers"],
                body,
            )

    def clear(self) -> None:
        """Forgets everything."""
        self._path.unlink(missing_ok=True)
        shutil.rmtree(self._bodies, ignore_errors=True)
        self.length = 0

    def _store(self, body: bytes) -> dict[str, str]:
        if len(body) <= _INLINE:
            return {"body": base64.b64encode(body).decode()}
        digest = hashlib.sha256(body).hexdigest()
        file = self._bodies / digest
        if not file.exists():
            self._bodies.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(".part")
            partial.write_bytes(body)
            partial.replace(file)
        return {"sha256": digest}

    def _load(self, record: Mapping[str, Any]) -> bytes:
        if "sha256" in record:
            return (self._bodies / str(record["sha256"])).read_bytes()
        return base64.b64decode(str(record["body"]))


def _action(headers: Mapping[str, str], body: bytes) -> str:
    target = headers.get("X-Amz-Target", "")
    if target:
        return target.rpartition(".")[2]
    found = re.search(rb"(?:^|&)Action=(\w+)", body[:2048])
    return found.group(1).decode() if found else ""


def _harmless(header: str) -> str:
    # The scope tells service, region and account; the signature proves knowledge of a key and is nobody's business.
    return _SIGNATURE.sub("Signature=0", header)
