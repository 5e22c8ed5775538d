"""What was secret in a resource is in no message of a policy, under the SDK's own server too."""

import pytest
from pulumi_policy import deserialize
from pulumi_policy import policy as sdk

import secrets_seen

SIGNATURE = {deserialize.SPECIAL_SIG_KEY: deserialize.SPECIAL_SECRET_SIG}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is noted in a test, and who notes it, is gone after it."""
    monkeypatch.setattr(secrets_seen, "_noted", set())
    monkeypatch.setattr(sdk, "deserialize_properties", sdk.deserialize_properties)
    secrets_seen.watch()


def test_a_secret_text_is_masked_wherever_it_was() -> None:
    """Deep in a list, and within a value that is secret as a whole; what the SDK makes of it stays the same."""
    props = {
        "tags": [{"a": {**SIGNATURE, "value": "hush-hush"}}],
        "whole": {**SIGNATURE, "value": {"user": "me-myself", "ports": [1]}},
        "plain": "visible",
    }
    assert sdk.deserialize_properties(props)["tags"][0]["a"] == "hush-hush"
    assert secrets_seen.masked("hush-hush of me-myself is visible") == "[secret] of [secret] is visible"


def test_the_longest_secret_is_masked_first() -> None:
    """So that no end of it is left."""
    sdk.deserialize_properties({key: {**SIGNATURE, "value": key} for key in ("hush", "hush-hush")})
    assert secrets_seen.masked("it is hush-hush") == "it is [secret]"


def test_what_is_in_every_text_is_not_masked() -> None:
    """A secret of one sign would leave nothing to read."""
    sdk.deserialize_properties({"a": {**SIGNATURE, "value": "a"}})
    assert secrets_seen.masked("a bad tag") == "a bad tag"
