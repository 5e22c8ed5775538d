"""How long locks take to read, and files to hash."""

import json
import shutil
import subprocess
import time
from pathlib import Path

from sluice.locking import lock
from sluice.manifest import lock as locks
from sluice.manifest.load import load
from sluice.sources import Context
from sluice.sources.hashing import hash_file

DIGEST = "sha256:" + "ab" * 32
MANIFEST = {
    "name": "bench",
    "version": "1",
    "owner": {"team": "ml", "contact": "#ml"},
    "model": {"artifact": {"uri": "weights", "image": f"bench@{DIGEST}"}},
    "data": {"digest": {"name": "data", "sha256": DIGEST}},
    "evaluation": {"set": {"name": "holdout", "version": "1", "digest": DIGEST}},
    "inference": {"max_tokens": 1},
}


def seconds_to_read(folder: Path, count: int) -> float:
    """Returns how long `up` takes to read so many locks, each beside its manifest."""
    (folder / "weights").write_text("weights")
    for number in range(count):
        path = folder / f"{number}.model.yaml"
        path.write_text(json.dumps({**MANIFEST, "version": str(number)}))
        if number == 0:
            locks.write(locks.path_for(path), lock(load(path), Context(folder)))
            made = json.loads(locks.path_for(path).read_text())
        own = {**made, "version": str(number), "manifest_digest": locks.text_digest(path.read_bytes())}
        locks.path_for(path).write_text(json.dumps(own))
    started = time.perf_counter()
    for number in range(count):
        locks.read(folder / f"{number}.model.yaml")
    return time.perf_counter() - started


def megabytes_a_second(folder: Path, megabytes: int = 512) -> tuple[float, float | None]:
    """Returns how fast a file is hashed, by Sluice and by `sha256sum` where there is one; it is in memory for both."""
    path = folder / "large"
    path.write_bytes(bytes(1 << 20) * megabytes)
    started = time.perf_counter()
    hash_file(path, "large", lambda *_: None)
    own = megabytes / (time.perf_counter() - started)
    if shutil.which("sha256sum") is None:
        return own, None
    started = time.perf_counter()
    subprocess.run(["sha256sum", str(path)], check=True, capture_output=True)
    return own, megabytes / (time.perf_counter() - started)
