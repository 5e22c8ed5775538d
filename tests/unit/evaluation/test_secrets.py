"""Values of the environment: put in where they are named, and never written down."""

import pytest

from sluice.errors import InvalidInput
from sluice.evaluation.secrets import filled, hidden, without


def test_names_are_filled_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within other text too, and what was put in is told."""
    monkeypatch.setenv("TOKEN", "t0ken")
    assert filled({"a": "Bearer ${TOKEN}", "b": "$TOKEN"}, "h") == ({"a": "Bearer t0ken", "b": "$TOKEN"}, ("t0ken",))


def test_every_name_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """All together, with the keys that need them; an empty value is none."""
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(InvalidInput) as caught:
        filled({"a": "${NOWHERE}", "b": "${EMPTY}"}, "http.headers")
    assert [it.path for it in caught.value.problems] == ["http.headers.a", "http.headers.b"]


def test_the_longer_secret_is_hidden_first() -> None:
    """Else a rest of it would stay."""
    assert hidden("key secret-and-more", ["secret", "secret-and-more", ""]) == "key [secret]"


def test_a_short_value_does_not_spoil_answers() -> None:
    """A value of a few letters is found in ordinary words; in errors it is hidden all the same."""
    assert without(["abcdefgh", "ab"], ["ab"]) == ["abcdefgh", "ab"]
    assert without({"k": ["abcdefgh"], "n": 1}, ["abcdefgh"]) == {"k": ["[secret]"], "n": 1}
