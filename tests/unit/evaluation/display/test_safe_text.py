"""Text of others, made harmless."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sluice.evaluation.display.safe_text import cut, one_line, visible


def test_escape_sequences_are_seen_not_obeyed() -> None:
    """An ANSI sequence, a bell and a title of the window are text."""
    assert visible("\x1b[31mred\x07\x1b]0;mine\x9c") == "\\x1b[31mred\\x07\\x1b]0;mine\\x9c"


def test_text_cannot_be_turned_around() -> None:
    """Marks that change the direction of writing are shown, so that nothing reads as what it is not."""
    assert visible("abc\u202edcba\u2066") == "abc\\u202edcba\\u2066"


def test_letters_of_all_languages_stay() -> None:
    """Accents, scripts without spaces, joined letters and emoji are no harm."""
    text = "é 数字 می\u200cخواهم 👩\u200d🔬"
    assert visible(text) == text


def test_lines_stay_lines_only_where_there_is_room_for_them() -> None:
    """Ends of lines are kept in a block and escaped in a cell."""
    assert (visible("a\r\nb\tc"), one_line("a\nb")) == ("a\nb\tc", "a\\nb")


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_nothing_that_steers_is_left(text: str) -> None:
    """Whatever the text, what is left can be encoded and has no control character."""
    shown = one_line(text)
    shown.encode("utf-8")
    assert not {unicodedata.category(it) for it in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {it for it in shown if unicodedata.category(it) == "Cf"} - {"\u200c", "\u200d"}


def test_a_long_text_says_how_much_of_it_is_missing() -> None:
    """A cut text ends with the number of characters that are not shown; a short one is as it was."""
    assert cut("x" * 1500, 10) == f"{'x' * 10}... (1,490 more characters)"
    assert cut("x" * 10, 10) == "x" * 10
