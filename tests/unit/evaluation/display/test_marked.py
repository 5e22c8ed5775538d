"""Two texts side by side, with what differs marked."""

import time

from hypothesis import given
from hypothesis import strategies as st

from sluice.evaluation.display.marked import Segment, marked

_texts = st.text("ab .\n1", max_size=60)


def test_only_what_differs_is_marked() -> None:
    """A changed word is marked on both sides; the words around it are not."""
    old, new = marked("The answer is 4.", "The answer is 9.", 100)
    assert old == [Segment("The answer is ", False), Segment("4", True), Segment(".", False)]
    assert new == [Segment("The answer is ", False), Segment("9", True), Segment(".", False)]


@given(_texts, _texts)
def test_nothing_is_lost(old: str, new: str) -> None:
    """The stretches put together are the texts; what is not marked is the same in both."""
    before, after = marked(old, new, 100)
    assert ["".join(it.text for it in side) for side in (before, after)] == [old, new]
    same = ["".join(it.text for it in side if not it.differs) for side in (before, after)]
    assert same[0] == same[1]


def test_equal_texts_have_no_marks() -> None:
    """Answers whose scores differ, but not their texts, are shown without marks."""
    assert marked("same text", "same text", 100) == ([Segment("same text", False)],) * 2


def test_a_cut_text_says_so_outside_of_the_marks() -> None:
    """The rest of a long text is counted, and the count is no difference."""
    _, new = marked("x", "y" * 500, 10)
    assert new == [Segment("y" * 10, True), Segment("... (490 more characters)", False)]


def test_texts_made_to_be_slow_are_not() -> None:
    """Repeated words, which take a plain search for differences long, are marked within seconds."""
    start = time.monotonic()
    marked("a b " * 5000, "b a a " * 5000, 4000)
    assert time.monotonic() - start < 5
