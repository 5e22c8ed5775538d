"""A comparison in a terminal."""

import io
from typing import Any

from rich.console import Console

from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.terminal import renderable
from tests.unit.evaluation.display.samples import answer, passing, shown


def printed(it: Shown, width: int = 170, encoding: str = "utf-8", **options: Any) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    Console(file=file, width=width, **options).print(renderable(it))
    return raw.getvalue().decode(encoding)


def test_the_verdict_is_the_first_line() -> None:
    """Whoever reads one line knows whether the candidate may replace the incumbent."""
    assert printed(shown()).startswith("digits@3 must not replace digits@2: accuracy is worse, 94.0 % against 99.0 %")


def test_parts_follow_in_their_order() -> None:
    """Metrics, slices, latency, cost, bounds and changed answers come one after the other."""
    text = printed(shown())
    places = [text.index(f"\n{it}") for it in ("Metrics", "Slices", "Latency", "Cost", "Bounds of", "Changed answers")]
    assert places == sorted(places)


def test_a_row_has_all_its_figures() -> None:
    """Both figures, difference, interval, margin, n, smallest effect and verdict are in one line."""
    (line,) = [it for it in printed(shown()).splitlines() if it.strip().startswith("accuracy") and "pp" in it]
    assert line.split("▼")[0].split() == [
        *("accuracy", "99.0", "%", "94.0", "%", "-5.0", "pp", "-8.0", "to", "-2.0", "-2", "pp", "500", "2.1", "pp")
    ]
    assert "▼ worse" in line


def test_not_knowing_is_explained_below_the_tables() -> None:
    """Each "cannot tell" has its reason."""
    assert "overlap: cannot tell, too few examples: this set sees differences of 0.06" in printed(shown())


def test_answers_cannot_steer_the_terminal() -> None:
    """A model's escape sequences are printed as text, and rich's own markup too."""
    text = printed(shown(changed=[answer("\x1b[2J[red]x[/red]\x07", input="a\nb")]))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\\x1b[2J[red]x[/red]\\x07" in text.replace("\n", "")


def test_a_huge_answer_is_cut() -> None:
    """A megabyte of output makes one cell that says how much is missing."""
    text = printed(shown(changed=[answer("x" * 1_000_000)]))
    assert len(text) < 30_000
    assert "(999,700 more" in text


def test_colour_is_never_alone() -> None:
    """Without colours, signs and words still tell verdicts apart."""
    plain, coloured = printed(shown(), no_color=True), printed(shown(), color_system="truecolor", force_terminal=True)
    assert {it for it in ("▼ worse", "▲ better", "✓ not worse", "? cannot tell") if it in plain} == {
        "▼ worse",
        "▲ better",
        "✓ not worse",
        "? cannot tell",
    }
    assert "\x1b[1;31m▼ worse" in coloured


def test_a_terminal_without_unicode_gets_ascii() -> None:
    """Where only ASCII can be written, everything is, bars too."""
    text = printed(shown(changed=[answer("é数")]), encoding="ascii")
    assert "- worse" in text
    assert "\\xe9\\u6570" in text


def test_bars_need_room() -> None:
    """A wide terminal shows intervals as bars; a narrow one leaves them out and no line is longer than it."""
    assert "●" in printed(shown())
    narrow = printed(shown(), width=100)
    assert "●" not in narrow
    assert max(map(len, narrow.splitlines())) <= 100


def test_a_narrow_terminal_has_lists_for_tables() -> None:
    """Where a table would have columns of a few letters, each figure is a sentence with the same content."""
    text = " ".join(printed(shown(), width=80).split())
    assert (
        "▼ worse accuracy: 94.0 % against 99.0 %, -5.0 pp (95 % interval -8.0 to -2.0; tolerated -2 pp); n = 500, "
        "sees from 2.1 pp"
    ) in text


def test_a_pass_has_no_list_of_failures() -> None:
    """A candidate that passes is said to, and nothing else."""
    text = printed(shown(comparison=passing(), contract=None, changed=[]))
    assert text.startswith("digits@3 may replace digits@2")
    assert "Changed answers" not in text
