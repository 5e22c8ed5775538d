"""A comparison for a pull request, in GitHub's Markdown."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sluice.evaluation.display.markdown import LEAST_LIMIT, markdown
from sluice.evaluation.display.markdown_text import code, prose
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.display.samples import answer, compared, comparison, passing, shown

ATTACKS = [
    "<script>alert(1)</script>",
    "a | b",
    "`code` ``` fence",
    "\n\n# heading\n\n| a | b |\n",
    "</pre></td></table></details>\n\n<img src=x onerror=alert(1)>",
    "@team #1 https://example.com www.example.com",
    "\x1b[31m\u202e\ud800",
    "[a](javascript:alert(1)) ![b](https://example.com/x.png)",
]


def rendered(text: str) -> str:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)


def test_the_verdict_is_the_heading() -> None:
    """The first line tells whether the candidate may replace the incumbent."""
    assert markdown(shown()).startswith("### ❌ digits@3 must not replace digits@2: accuracy is worse, 94.0 %")
    assert markdown(shown(comparison=passing(), contract=None)).startswith("### ✅ digits@3 may replace digits@2")


def test_each_part_is_a_table_with_as_many_cells_in_each_row() -> None:
    """GitHub draws metrics, slices, adversarial set, latency, cost and bounds as tables."""
    page = rendered(markdown(shown()))
    tables = re.findall(r"<table>\n<thead>.*?</table>", page, re.DOTALL)
    assert [re.findall(r"<th[^>]*>(.*?)</th>", it)[0] for it in tables] == [
        "Metrics",
        "Slices",
        "Adversarial set",
        "Latency",
        "Cost",
        "Bounds of the contract",
    ]
    assert re.findall(r"<td[^>]*>(.*?)</td>", tables[0])[:8] == [
        "<code>accuracy</code>",
        "99.0 %",
        "94.0 %",
        "-5.0 pp (-8.0 to -2.0)",
        "-2 pp",
        "500",
        "2.1 pp",
        "▼ <strong>worse</strong>",
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_stays_in_its_box(attack: str) -> None:
    """Whatever a model says is shown as it said it, in a box that it cannot leave."""
    text = markdown(
        shown(changed=[answer(attack, input=attack, reference=attack, example=attack, incumbent_output=attack)])
    )
    text.encode("utf-8")
    plain, attacked = (rendered(it) for it in (markdown(shown(changed=[answer()])), text))
    tags = [[it for it in re.findall(r"</?(\w+)", page) if it not in ("ins", "del")] for page in (plain, attacked)]
    assert tags[0] == tags[1]
    assert attack.replace("\r", "") in html.unescape(attacked) or not attack.isprintable()


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_name_stays_in_its_cell(attack: str) -> None:
    """A slice may be called anything; the table stays a table and the name a name."""
    named = comparison(slices={f"{attack}=8 accuracy": compared(Verdict.NOT_WORSE, 0.9, 0.9, (-0.01, 0.01))})
    page = rendered(markdown(shown(comparison=named, changed=[], contract=None)))
    part = next(it for it in re.findall(r"<table>.*?</table>", page, re.DOTALL) if "Slices" in it)
    assert len(re.findall("<td", part)) == 8
    assert set(re.findall(r"<(\w+)", part)) <= {"table", "thead", "tbody", "tr", "th", "td", "code", "strong"}


@given(st.text("`| \\a<&", max_size=12))
def test_code_says_what_it_was_given(text: str) -> None:
    """A code span in a table's cell reads as its text, with backticks, pipes and backslashes."""
    page = rendered(f"| a |\n| --- |\n| {code(text)} |\n")
    cells = re.findall(r"<td><code>(.*?)</code></td>", page, re.DOTALL)
    assert len(cells) == 1
    assert html.unescape(cells[0]).strip() == text.strip()


def test_a_sentence_mentions_and_links_nobody() -> None:
    """A name in a sentence is no mention, no reference, no link and no markup."""
    text = prose("@org/team fixes #12 at https://example.com or www.example.com with <b> *x* $y$ in digits@3")
    assert text == (
        "@<!-- -->org/team fixes #<!-- -->12 at https:\\//example.com or www\\.example.com with "
        "\\<b\\> \\*x\\* \\$y\\$ in digits@3"
    )


def test_answers_are_folded_and_differences_marked() -> None:
    """Each changed answer is behind its name, with what went marked as deleted and what came as inserted."""
    text = markdown(shown())
    assert "<details><summary><code>e17, accuracy</code>: 1 to 0</summary>" in text
    assert "<pre>The answer is <del>4</del>.</pre>" in text
    assert "<pre>The answer is <ins>9</ins>.</pre>" in text


@settings(max_examples=25, deadline=None)
@given(st.integers(LEAST_LIMIT, 30_000), st.integers(0, 60), st.integers(0, 40))
def test_the_text_is_never_longer_than_its_limit(limit: int, answers: int, slices: int) -> None:
    """However much there is, the text fits, has its verdict, and says what was left out if anything was."""
    row = compared(Verdict.NOT_WORSE, 0.9, 0.9, (-0.01, 0.01))
    many = comparison(slices={f"{'dimension' * 8}={number} accuracy": row for number in range(slices)})
    it = shown(comparison=many, changed=[answer("<&\n" * 300)] * answers)
    text = markdown(it, limit)
    assert len(text) <= limit
    assert text.startswith("### ❌ digits@3 must not replace")
    assert ("Left out" in text) == (len(markdown(it, 1_000_000)) > len(text))


def test_the_note_counts_what_is_left_out() -> None:
    """The reader learns how many changed answers there are besides those that fit."""
    text = markdown(shown(changed=[answer("word " * 100)] * 40), 12_000)
    kept = text.count("<details>")
    assert 0 < kept < 40
    assert f"limited to 12,000 characters: {40 - kept} of 40 changed answers" in text


def test_a_limit_that_holds_nothing_is_refused() -> None:
    """Less than the verdict and the note take is no limit."""
    with pytest.raises(ValueError, match=r"limit is 10; allowed 4000 or more; raise it"):
        markdown(shown(), 10)
