"""A comparison as one page."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from sluice.evaluation.display.html import page
from sluice.evaluation.display.material import Latencies, Shown
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.display.samples import answer, compared, comparison, passing, shown

VOID = {"meta", "rect", "line", "path", "circle"}


@dataclass
class Page(HTMLParser):
    """What a browser would find."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    text: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def read(it: Shown) -> Page:
    found = Page()
    found.feed(page(it))
    assert found.open == []
    return found


def test_the_page_starts_with_the_verdict() -> None:
    """Title and heading name both versions, and the first paragraph is the verdict."""
    found = read(shown())
    assert found.text["title"][0] == "digits@3 against digits@2"
    assert found.text["h1"] == ["digits@3 against digits@2"]
    text = "".join(found.text["p"]).replace("\u00a0", " ").strip()
    assert text.startswith("digits@3 must not replace digits@2: accuracy is worse, 94.0 % against 99.0 %")


def test_sections_are_in_their_order() -> None:
    """After the verdict come figures, bounds, intervals, latency and changed answers."""
    assert read(shown()).text["h2"] == [
        "Figure by figure",
        "Bounds of the contract",
        "Intervals",
        "How long calls took",
        "Changed answers",
    ]


def test_the_page_loads_nothing() -> None:
    """No tag and no style refers to anything outside the file, and the page forbids itself to load."""
    text, found = page(shown(changed=[answer("https://example.com")])), read(shown())
    refused = {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"}
    assert not [attrs for _, attrs in found.tags if refused & set(attrs)]
    assert not {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe", "object", "embed", "base"}
    style = "".join(found.text["style"])
    assert not re.search(r"url\(|@import|@font-face", style)
    assert "default-src 'none'" in text
    assert "http" not in re.sub(r"<pre>.*?</pre>|http-equiv", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</pre></style></title><b>",
        "{{ 7 * 7 }}",
        "\x1b[31m\x00",
    ],
)
def test_nothing_that_others_wrote_is_markup(attack: str) -> None:
    """Answers, names of examples, slices and versions make no tags and no attributes."""
    slices = {f"{attack}=8 accuracy": compared(Verdict.NOT_WORSE, 0.9, 0.9, (-0.01, 0.01))}
    it = shown(
        comparison=comparison(slices=slices),
        changed=[answer(attack, incumbent_output="", input=attack, reference=attack, example=attack, metric=attack)],
    )
    plain = read(shown(comparison=comparison(slices={"a=8 accuracy": slices[f"{attack}=8 accuracy"]})))
    found = read(it)
    kinds = [{(tag, *sorted(attrs)) for tag, attrs in one.tags} for one in (plain, found)]
    assert kinds[1] <= kinds[0]
    assert "".join(found.text["mark"]) == attack.replace("\x1b", "\\x1b").replace("\x00", "\\x00")


def test_what_differs_is_marked() -> None:
    """Of two answers side by side, only what changed is marked."""
    assert read(shown()).text["mark"] == ["4", "9"]


def test_huge_answers_are_cut() -> None:
    """A megabyte of output does not make a megabyte of page."""
    text = page(shown(changed=[answer("x" * 1_000_000)] * 100))
    assert len(text) < 400_000
    assert "(996,000 more characters)" in text
    assert "The worst 30 of 100." in text


def test_charts_are_told_to_who_does_not_see_them() -> None:
    """Each chart is an image with a title and a description of its own that has the figures."""
    found = read(shown())
    charts = found.of("svg")
    assert len(charts) == 21
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for it in charts:
        assert it["role"] == "img"
        assert set((it["aria-labelledby"] or "").split()) <= set(ids)
    told = found.text["desc"][0].replace("\u00a0", " ")
    assert told.startswith(
        "accuracy is worse: 94.0 % against 99.0 % (-5.0 percentage points, 95 % interval -8.0 to -2.0"
    )


def test_the_page_says_its_language_and_fits_a_phone() -> None:
    """Screen readers and phones know what to do with it."""
    found = read(shown())
    assert found.of("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in found.of("meta")
    assert "prefers-color-scheme: dark" in "".join(found.text["style"])
    assert "@media print" in "".join(found.text["style"])


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_has_enough_contrast(theme: int) -> None:
    """Every colour of text has a contrast of 4.5 to what it is on, as WCAG's level AA asks."""
    style = (files("sluice.evaluation.display") / "templates" / "comparison.css").read_text(encoding="utf-8")
    root = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[theme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", root))
    for front in ("text", "muted", "good", "bad", "unknown", "candidate", "incumbent"):
        for back in ("page", "card"):
            light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)
    light, dark = sorted((luminance(colours["text"]), luminance(colours["mark"])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5, "mark"


def test_without_calls_there_is_no_latency_chart() -> None:
    """A comparison without scores beside it still has a page."""
    headings = read(shown(latencies=Latencies(), changed=[], contract=None)).text["h2"]
    assert headings == ["Figure by figure", "Intervals"]


def test_missing_and_equal_latencies_are_no_harm() -> None:
    """NaN where there was no answer, and calls that all took as long, make a chart."""
    it = shown(latencies=Latencies(np.array([[5.0, np.nan], [5.0, 5.0]]), np.array([5.0])))
    assert "digits@2 (incumbent), 3 calls" in page(it)


def test_the_same_comparison_gives_the_same_page() -> None:
    """Nothing of the moment is in it."""
    assert page(shown(comparison=passing())) == page(shown(comparison=passing()))
