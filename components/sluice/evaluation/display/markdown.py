"""A comparison for a pull request, in GitHub's Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from sluice.evaluation.display.bounds import Bounded, bounded
from sluice.evaluation.display.markdown_text import code, preformatted, prose
from sluice.evaluation.display.marked import Segment, marked
from sluice.evaluation.display.material import ChangedAnswer, Shown
from sluice.evaluation.display.rows import Part, Row, parts
from sluice.evaluation.display.safe_text import cut
from sluice.evaluation.display.sentences import basis, explanation, is_pass, verdict_sentence
from sluice.evaluation.verdict import Verdict

GITHUB_LIMIT = 65_536
"""How many characters GitHub takes for a comment."""
LEAST_LIMIT = 4_000
"""Less would not hold the verdict and the note of what is left out."""
_LONGEST_ANSWER = 600
_NOTE_ROOM = 400


def markdown(shown: Shown, limit: int = GITHUB_LIMIT) -> str:
    """
    Returns a comparison of at most `limit` characters: the verdict, tables, and answers that changed in `<details>`.

    What does not fit is left out from the end, and a note says what. Raises ValueError for a limit below LEAST_LIMIT.
    """
    if limit < LEAST_LIMIT:
        raise ValueError(f"limit is {limit}; allowed {LEAST_LIMIT} or more; raise it")
    text, left_out = f"{_verdict(shown)}\n", list[str]()
    answers, answers_out = 0, 0
    for name, block in _blocks(shown):
        if len(text) + len(block) + 1 + _NOTE_ROOM <= limit and not (answers_out and not name):
            text += f"\n{block}"
            answers += not name
        elif name:
            left_out.append(name)
        else:
            answers_out += 1
    if answers_out:
        left_out.append(f"{answers_out:,} of {answers + answers_out:,} changed answers")
    return text + (_note(left_out, limit) if left_out else "")


def _note(left_out: Sequence[str], limit: int) -> str:
    named = ", ".join(left_out)
    return (
        f"\nLeft out, for this text is limited to {limit:,} characters: {named}. `sluice compare --html` shows all.\n"
    )


def _verdict(shown: Shown) -> str:
    sign = "✅" if is_pass(shown) else "❌"
    return f"### {sign} {prose(verdict_sentence(shown))}"


def _blocks(shown: Shown) -> Iterator[tuple[str, str]]:
    """Returns what follows the verdict, with the names of its parts; changed answers have none."""
    found = parts(shown)
    for part in found:
        yield part.title.lower(), _part(part)
    yield "how to read it", _legend([row for part in found for row in part.rows])
    if limits := bounded(shown):
        yield "bounds of the contract", _bounds(limits)
    yield "what it rests on", _basis(shown)
    for number, it in enumerate(shown.changed):
        heading = "#### Changed answers, the worst first\n\n" if number == 0 else ""
        yield "", heading + _answer(it)


def _part(part: Part) -> str:
    interval = " or ".join(sorted({row.confidence for row in part.rows}))
    columns = [part.title, "incumbent", "candidate", f"difference ({interval} interval)", "tolerated", "n", "sees from"]
    return _table([*columns, "verdict"], [_row(row) for row in part.rows])


def _row(row: Row) -> list[str]:
    change = f"{row.difference} ({row.interval})"
    figures = [row.incumbent, row.candidate, change, row.tolerated, row.examples, row.smallest_effect]
    return [code(row.name), *map(prose, figures), f"{row.sign} **{row.verdict}**"]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    dashes = [":--", *["--:"] * (len(columns) - 2), ":--"]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (columns, dashes, *rows))


def _legend(rows: Sequence[Row]) -> str:
    unknown = [row for row in rows if row.compared.verdict is Verdict.CANNOT_TELL]
    said = "".join(f"- {code(row.name)} cannot tell: {prose(explanation(row))}\n" for row in unknown)
    return (
        "pp: percentage points; n: examples; sees from: the smallest difference that this set could have seen. "
        f'"Cannot tell" is not a pass where a margin is agreed.\n{said and chr(10)}{said}'
    )


def _bounds(found: Sequence[Bounded]) -> str:
    columns = ["Bounds of the contract", "candidate", "interval", "admitted", "n", "bound"]
    return _table(columns, [_bound(it) for it in found])


def _bound(it: Bounded) -> list[str]:
    figures = [it.value, it.interval, it.allowed, it.examples]
    return [code(it.name), *map(prose, figures), f"{it.sign} **{it.reach.value}**"]


def _basis(shown: Shown) -> str:
    return "".join(f"- {name}: {prose(said)}\n" for name, said in basis(shown))


def _answer(it: ChangedAnswer) -> str:
    before, after = marked(it.incumbent_output, it.candidate_output, _LONGEST_ANSWER)
    asked = [("input", it.input)] + ([] if it.reference is None else [("reference", it.reference)])
    rows = [(name, preformatted([Segment(cut(text, _LONGEST_ANSWER), False)], "del")) for name, text in asked]
    rows += [("incumbent", preformatted(before, "del")), ("candidate", preformatted(after, "ins"))]
    cells = "".join(f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in rows)
    title = preformatted([Segment(f"{cut(it.example, 80)}, {cut(it.metric, 80)}", False)], "del")
    title = title.removeprefix("<pre>").removesuffix("</pre>").replace("&#10;", " ")
    score = f"{it.incumbent_score:.3g} to {it.candidate_score:.3g}"
    return f"<details><summary><code>{title}</code>: {score}</summary><table>{cells}</table></details>\n"
