"""What is wrong in a file that a person wrote for the policies, all of it at once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class InvalidPolicyFile(ValueError):
    """Problems in a file: each says where, what was found, what is allowed and what to do."""

    def __init__(self, file: Path | str, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{file}: {count}", *(f"  {problem}" for problem in problems)]))


def read_json(file: Path) -> Any:
    """Returns what a JSON file holds. Raises InvalidPolicyFile when it cannot be read or is none."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidPolicyFile(file, [f"cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise InvalidPolicyFile(file, [f"is no JSON: {error}"]) from error
