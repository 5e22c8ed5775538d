"""The model of S3's rules that other tests judge by, checked against S3's documentation."""

import pytest

from tests.unit.s3_lifecycle import StoredObject, fates, matches


@pytest.mark.parametrize(
    ("where", "key", "size", "tags", "expected"),
    [
        ({"Prefix": "v1"}, "v10/a", 1, {}, True),
        ({"Prefix": "v1/"}, "v10/a", 1, {}, False),
        ({"Prefix": ""}, "a", 1, {}, True),
        ({}, "a", 1, {}, True),
        ({"ObjectSizeGreaterThan": 5}, "a", 5, {}, False),
        ({"ObjectSizeLessThan": 5}, "a", 4, {}, True),
        ({"Tag": {"Key": "k", "Value": "v"}}, "a", 1, {"k": "w"}, False),
        ({"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}]}}, "a", 1, {"k": "v"}, True),
        ({"And": {"Prefix": "b", "Tags": [{"Key": "k", "Value": "v"}]}}, "a", 1, {"k": "v"}, False),
    ],
)
def test_a_filter_matches_as_s3_says(
    where: dict[str, object], key: str, size: int, tags: dict[str, str], expected: bool
) -> None:
    """A prefix is a beginning, sizes are exclusive, and all conditions must hold."""
    assert matches({"Status": "Enabled", "Filter": where}, StoredObject(key, size, tags)) is expected


def test_a_disabled_rule_concerns_nothing() -> None:
    """What is switched off does nothing."""
    rule = {"Status": "Disabled", "Filter": {}, "Expiration": {"Days": 1}}
    assert fates([rule], StoredObject("a")) == set()
    assert fates([rule | {"Status": "Enabled"}], StoredObject("a")) == {"Expiration"}
