"""The commits between two states of a Git repository, as far as they are at hand."""

import subprocess
from pathlib import Path

_MOST = 20


def between(folder: Path, old: str, new: str) -> list[str]:
    """Returns a line for each commit that leads from one to the other, newest first; none where Git cannot tell."""
    command = ["git", "log", "--oneline", "--no-decorate", f"--max-count={_MOST + 1}", f"{old}..{new}", "--"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    lines = done.stdout.splitlines()
    return [*lines[:_MOST], "... and more"] if len(lines) > _MOST else lines
