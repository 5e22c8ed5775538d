"""Work whose parts do not need each other, and whose problems are told together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sluice.errors import Problem, SluiceError


class Unresolved(SluiceError):
    """What went wrong with parts of something."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def side_by_side(parts: dict[str, Callable[[], Any]]) -> list[Any]:
    """
    Does all parts, from a key path to what is done, and returns what they return, in order.

    Raises Unresolved with a problem for each part that failed, also for those of a part that is done like this itself.
    """
    problems: list[Problem] = []
    results: list[Any] = []
    with ThreadPoolExecutor(max(len(parts), 1)) as pool:
        futures = {path: pool.submit(part) for path, part in parts.items()}
        for path, future in futures.items():
            try:
                results.append(future.result())
            except Unresolved as error:
                problems += error.problems
            except SluiceError as error:
                problems.append(Problem(f"{path}:", str(error)))
    if problems:
        raise Unresolved(problems)
    return results
