"""Text that others wrote, in Markdown: nothing in it is markup, and none of it is too long."""

import html
import re
from collections.abc import Sequence

from sluice.evaluation.display.markdown_text import code as _code
from sluice.evaluation.display.markdown_text import prose as _prose
from sluice.evaluation.display.safe_text import cut, one_line

_LONGEST = 600
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_DIGEST = re.compile(r"(?<![0-9a-fA-F])([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-fA-F])")


def prose(text: str, limit: int = _LONGEST) -> str:
    """Returns a sentence that holds names of others: no markup, and no heading, list or quotation begins with it."""
    escaped = _prose(cut(" ".join(shortened(text).split()), limit))
    return _NUMBERED.sub(r"\1\\\2", re.sub(r"^([#+=-])", r"\\\1", escaped))


def markup_free(text: str, limit: int = _LONGEST) -> str:
    """Returns a text for within HTML, where Markdown's escapes mean nothing."""
    return html.escape(one_line(cut(text, limit)))


def code(text: str, limit: int = 200) -> str:
    """Returns a value as a code span, also in a cell of a table."""
    return _code(cut(shortened(text), limit))


def shortened(text: str) -> str:
    """Returns a text with digests by their beginning, which is enough to tell two apart."""
    return _DIGEST.sub(r"\1…", text)


def cell(text: str | None) -> str:
    """Returns a value for a cell of a table; None is told as nothing."""
    return "none" if text is None else code(text) if text else "empty"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table; its cells are Markdown already."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def fenced(lines: Sequence[str], limit: int) -> tuple[str, int]:
    """
    Returns lines of a diff as a block of code of at most `limit` characters, and how many lines were left out.

    The fence is longer than any run of backticks in it, so that the text cannot end it.
    """
    safe = [one_line(line.expandtabs(4)) for line in lines]
    longest = max((len(run) for line in safe for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    room = limit - 2 * len(fence) - len("diff\n\n")
    kept: list[str] = []
    for line in safe:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return f"{fence}diff\n" + "".join(f"{line}\n" for line in kept) + f"{fence}\n", len(safe) - len(kept)
