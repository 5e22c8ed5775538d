"""What judges said: a file of JSON lines that only grows, so that no judge is asked the same twice."""

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pydantic import ValidationError

from sluice.errors import InvalidFile, Problem, SluiceError
from sluice.manifest.base import ManifestModel, Sha256


class Said(ManifestModel):
    """One answer of a judge."""

    key: Sha256
    """The digest of all that was asked: judge, settings and messages."""
    reply: str | None
    """None: the judge's provider did not take the question."""
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass
class JudgeCache:
    """
    The file, open to grow: in `with`. Without a path, it keeps for as long as it is open.

    Several metrics share a file, one after the other. A last line that was torn is cut off.
    """

    path: Path | None

    def __enter__(self) -> Self:
        """Opens the file, or makes it. Raises InvalidFile, SluiceError while somebody else has it, OSError."""
        self._said: dict[str, Said] = {}
        self._file: BinaryIO | None = None
        if self.path is None:
            return self
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b")
        try:
            self._lock(self._file)
            self._load(self._file, self.path)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def get(self, key: str) -> Said | None:
        """Returns what was said. None: nobody asked yet."""
        return self._said.get(key)

    def add(self, said: Said) -> None:
        """Keeps what was said; it is in the file when this returns. Raises OSError."""
        self._said[said.key] = said
        if self._file is not None:
            self._file.write(json.dumps(said.model_dump(), ensure_ascii=True).encode("ascii") + b"\n")
            self._file.flush()

    def _lock(self, file: BinaryIO) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SluiceError(f"{self.path} is written by another evaluation right now; wait for it to end") from None

    def _load(self, file: BinaryIO, path: Path) -> None:
        file.seek(0)
        content = file.read()
        whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[:whole].splitlines(), 1):
            try:
                said = Said.model_validate_json(line)
            except ValidationError:
                fix = "is not what a judge said; put the file away, and the judge is asked again"
                raise InvalidFile(str(path), [Problem(f"line {number}:", fix)]) from None
            self._said[said.key] = said
        if whole < len(content):
            file.truncate(whole)
