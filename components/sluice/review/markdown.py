"""The page in GitHub's Markdown: the verdict first, the resources folded and last."""

from collections import Counter
from collections.abc import Sequence

from sluice.review.page import Outcome, Review
from sluice.review.resource_diff import resource_diff
from sluice.review.sections import sections
from sluice.review.text import fenced, markup_free, prose, shortened

LIMIT = 65_536
"""How many characters GitHub takes for a comment."""
LEAST_LIMIT = 4_000
"""Less would not hold the verdict and the notes of what is left out."""
MARKER = "<!-- sluice review -->"
"""The first line, by which a pipeline finds its comment of before to update it."""
_SIGNS = {Outcome.REFUSED: "❌", Outcome.ATTENTION: "⚠️", Outcome.READY: "✅", Outcome.UNCHANGED: "➖"}
_NAMED = 6
"""How many reasons the verdict names before it counts the rest."""
_NOTE_ROOM = 600
_LEAST_DIFF = 400


def markdown(review: Review, limit: int = LIMIT) -> str:
    """
    Returns the page, shorter than `limit` characters.

    What does not fit is left out from the end, the resources first, and a note says what. Raises ValueError for a
    limit below LEAST_LIMIT.
    """
    if limit < LEAST_LIMIT:
        raise ValueError(f"limit is {limit}; allowed {LEAST_LIMIT} or more; raise it")
    text, title, left_out = _verdict(review), "", list[str]()
    for section in sections(review):
        heading = "" if section.title == title else f"\n### {section.title}\n"
        block = f"{heading}\n{section.text}"
        if len(text) + len(block) + _NOTE_ROOM < limit:
            text, title = text + block, section.title
        else:
            left_out.append(section.name)
    text += _resources(review, limit - len(text) - _NOTE_ROOM // 2)
    if left_out:
        text += f"\nLeft out, for a comment holds {limit:,} characters: {_listed(left_out)}. `--json` has all.\n"
    return text


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return prose(", ".join(names[:_NAMED]), 300) + more


def _verdict(review: Review) -> str:
    stack = prose(review.stack, 80)
    lines = [MARKER, f"## {_SIGNS[review.outcome]} {stack} {review.outcome.value}", ""]
    lines += _reasons(review.refusals) if review.refusals else []
    lines += _reasons(review.warnings) if review.warnings else []
    if not (review.refusals or review.warnings):
        lines.append(_calm(review))
    return "\n".join(lines) + "\n"


def _calm(review: Review) -> str:
    if review.outcome is Outcome.UNCHANGED:
        return "No resource, no traffic and no setting changes."
    moves = [sentence for it in review.traffic if it.moves for sentence in it.sentences]
    return f"{prose('; '.join(moves) or 'No traffic moves')}."


def _reasons(reasons: Sequence[str]) -> list[str]:
    lines = [f"- {prose(reason, 500)}" for reason in reasons[:_NAMED]]
    more = len(reasons) - _NAMED
    return [*lines, f"- and {more:,} more, below"] if more > 0 else lines


def _resources(review: Review, room: int) -> str:
    changed = review.plan.changed
    if not changed:
        return "\n### Resources\n\nNone changes.\n"
    counted = ", ".join(f"{count:,} {op}" for op, count in Counter(it.op for it in changed).items())
    head = f"\n### Resources\n\n<details><summary>{markup_free(counted)}</summary>\n\n"
    tail = "\n</details>\n"
    lines = [shortened(line) for line in resource_diff(review.plan)]
    space = room - len(head) - len(tail)
    if space < _LEAST_DIFF:
        return f"\n### Resources\n\n{prose(counted)}; the diff is left out, for the comment is full. `--json` has it.\n"
    block, left = fenced(lines, space)
    note = (
        f"\n{left:,} of {len(lines):,} lines are left out, for a comment is limited; `--json` has all.\n"
        if left
        else ""
    )
    return f"{head}{block}{note}{tail}"
