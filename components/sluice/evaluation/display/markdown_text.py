"""Untrusted text in GitHub's Markdown."""

import html
import re

from sluice.evaluation.display.marked import Segment
from sluice.evaluation.display.safe_text import one_line, visible


def code(text: str) -> str:
    """
    Returns a text as a code span that ends where the text does, also in a cell of a table.

    GitHub makes no links, mentions, references or HTML of what is in one.
    """
    inner = one_line(text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", inner)), default=0))
    space = " " if inner.startswith(("`", " ")) or inner.endswith(("`", " ")) or not inner.strip() else ""
    return f"{fence}{space}{inner}{space}{fence}"


def prose(text: str) -> str:
    """Returns a sentence of ours that holds names of others: nothing in it is markup."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|~&$])", r"\\\1", one_line(text))
    unlinked = escaped.replace("://", ":\\//").replace("www.", "www\\.")
    # A backslash keeps nobody from being mentioned; a comment in between does.
    return re.sub(r"(?<!\w)([@#])(?=\w)", r"\1<!-- -->", unlinked)


def preformatted(segments: list[Segment], mark: str) -> str:
    """Returns a text as it is, in one line of HTML, with what differs in `<mark>`; a name such as `del` or `ins`."""
    return f"<pre>{''.join(_piece(it, mark) for it in segments)}</pre>"


def _piece(segment: Segment, mark: str) -> str:
    # A blank line would end the block of HTML, and what follows would be Markdown.
    text = html.escape(visible(segment.text)).replace("\n", "&#10;")
    return f"<{mark}>{text}</{mark}>" if segment.differs else text
