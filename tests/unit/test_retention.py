"""Which versions age, and how."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice import retention
from sluice.bucket_settings import abort_rule, version_rule
from sluice.retention import Retention, StorageClass, StoredVersion, VersionRole
from tests.unit.s3_lifecycle import Rule, StoredObject, as_api, fates, matches

KEPT = Retention(3, 30, StorageClass.GLACIER_IR, None, 30)
MINIMUM_AGE = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
MINIMUM_STAY = {"STANDARD_IA": 30, "ONEZONE_IA": 30, "GLACIER_IR": 90, "GLACIER": 90, "DEEP_ARCHIVE": 180}
"""Days, from S3's price list."""

# Names and folders that are beginnings of one another are what goes wrong.
_names = st.sampled_from(["v1", "v10", "v100", "v2", "m", "m-1", "weights"])
_suffixes = st.text("v10/.a", max_size=6)
_objects = st.builds(
    StoredObject, st.just(""), st.integers(0, 10**12), st.dictionaries(st.sampled_from("ab"), st.just("x"))
)
_retentions = st.builds(
    Retention,
    st.integers(-1, 6),
    st.integers(-1, 100),
    st.sampled_from(StorageClass),
    st.none() | st.integers(-1, 500),
    st.integers(-1, 60),
)


def versions(prefixes: st.SearchStrategy[str]) -> st.SearchStrategy[list[StoredVersion]]:
    version = st.builds(StoredVersion, _names, prefixes, st.none() | st.sampled_from(VersionRole))
    return st.lists(version, max_size=8)


@st.composite
def folders(draw: st.DrawFn) -> list[StoredVersion]:
    """Draws versions that the store accepts: each in a folder of its own."""
    names = draw(st.lists(_names, unique=True, min_size=1))
    deep = draw(st.sampled_from(["", "models/", "v1/"]))
    roles = [draw(st.none() | st.sampled_from(VersionRole)) for _ in names]
    return [StoredVersion(name, f"{deep}{name}/", role) for name, role in zip(names, roles, strict=True)]


def rules_of(stored: list[StoredVersion], kept: Retention) -> list[Rule]:
    declared = [abort_rule(7), *map(version_rule, retention.lifecycle_rules(stored, kept))]
    return [as_api(rule) for rule in declared]


def said(stored: list[StoredVersion], kept: Retention = KEPT) -> list[str]:
    return [str(problem) for problem in retention.problems(stored, kept)]


def numbered(count: int, **fields: Any) -> list[StoredVersion]:
    return [StoredVersion(f"v{number}", f"m/v{number}/", **fields) for number in range(1, count + 1)]


def needed(stored: list[StoredVersion], kept: Retention) -> list[StoredVersion]:
    newest = list(reversed(stored))[: kept.keep_hot]
    return [version for version in stored if version.role is not None or version in newest]


@given(versions(_suffixes) | folders(), _retentions, _suffixes, _objects)
def test_nothing_that_is_needed_ever_matches_an_archiving_or_expiring_rule(
    stored: list[StoredVersion], kept: Retention, suffix: str, some: StoredObject
) -> None:
    """Whatever the store accepts, what serves, stands by, may be gone back to or is new stays hot, old copies too."""
    if retention.problems(stored, kept):
        return
    rules = rules_of(stored, kept)
    for version in needed(stored, kept):
        assert fates(rules, replace(some, key=version.prefix + suffix)) == set()


@given(folders(), _retentions, _suffixes, _objects)
def test_what_is_not_needed_ages_by_the_rule_of_its_own_version(
    stored: list[StoredVersion], kept: Retention, suffix: str, some: StoredObject
) -> None:
    """Each other version goes cold, expires if there is an end, and loses its superseded objects, by one rule."""
    rules = rules_of(stored, kept)
    expected = {"Transitions", "NoncurrentVersionExpiration"} | (
        set() if kept.delete_after_days is None else {"Expiration"}
    )
    for version in stored:
        if version not in needed(stored, replace(kept, keep_hot=max(kept.keep_hot, 0))):
            old = replace(some, key=version.prefix + suffix)
            assert fates(rules, old) == expected
            assert [rule["ID"] for rule in rules[1:] if matches(rule, old)] == [f"version-{version.name}"]


@given(folders(), _retentions, st.text("xyz/", min_size=1), _objects)
def test_what_nobody_declared_is_left_alone(
    stored: list[StoredVersion], kept: Retention, key: str, some: StoredObject
) -> None:
    """An object under no declared prefix never ages."""
    assert fates(rules_of(stored, kept), replace(some, key=key)) == set()


@given(folders(), _retentions)
def test_what_is_accepted_keeps_the_minimum_days_of_storage_classes(
    stored: list[StoredVersion], kept: Retention
) -> None:
    """No rule moves an object sooner than S3 allows, or deletes it before what is charged for is over."""
    if retention.problems(stored, kept):
        return
    for rule in rules_of(stored, kept)[1:]:
        (move,) = rule["Transitions"]
        assert move["Days"] >= MINIMUM_AGE.get(move["StorageClass"], 0)
        if "Expiration" in rule:
            assert rule["Expiration"]["Days"] - move["Days"] >= MINIMUM_STAY.get(move["StorageClass"], 1)
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 1


@given(st.text("v10", min_size=1, max_size=3), _suffixes, st.booleans())
def test_overlapping_prefixes_are_refused(outer: str, suffix: str, swapped: bool) -> None:
    """One version's folder inside another's would put both under one rule; the message names both versions."""
    stored = [StoredVersion("a", f"{outer}/"), StoredVersion("b", f"{outer}/{suffix}/")]
    first, second = reversed(stored) if swapped else stored
    (found,) = said([first, second])
    assert found == (
        f"versions[1].prefix of {second.name} is {second.prefix!r}, which overlaps {first.prefix!r} of {first.name}; "
        "give each version a folder of its own"
    )


def test_prefixes_that_only_look_alike_are_accepted() -> None:
    """`v1/` is not the beginning of `v10/`."""
    assert said(numbered(12)) == []


@pytest.mark.parametrize("prefix", ["m/v1", "", "/", "/m/v1/"])
def test_a_prefix_is_a_folder(prefix: str) -> None:
    """Without its slash `v1` would be the beginning of `v10`; with one in front it matches no key that we make."""
    (found,) = said([StoredVersion("v1", prefix)])
    assert found.startswith(f"versions[0].prefix of v1 is {prefix!r}; a prefix ends with /")


def test_two_versions_of_one_name_are_refused() -> None:
    """A role could not tell which of them it protects."""
    assert said([StoredVersion("v1", "a/"), StoredVersion("v1", "b/")]) == [
        "versions[1].name is 'v1', as of another version; names are unique"
    ]


@pytest.mark.parametrize("name", ["", "v" * 201])
def test_a_name_fits_into_the_id_of_a_rule(name: str) -> None:
    """S3 takes 255 characters."""
    assert said([StoredVersion(name, "a/")]) == [f"versions[0].name is {name!r}; allowed are 1 to 200 characters"]


def test_a_role_outlives_the_window() -> None:
    """An old version that may be gone back to stays hot, and its neighbours age."""
    stored = numbered(6)
    stored[1] = replace(stored[1], role=VersionRole.ROLLBACK_TARGET)
    assert [rule.version for rule in retention.lifecycle_rules(stored, KEPT)] == ["v1", "v3"]


def test_a_bucket_has_room_for_a_thousand_rules() -> None:
    """999 versions may age beside the rule for unfinished uploads; one more is refused, by name."""
    assert said(numbered(999 + 3)) == []
    (found,) = said(numbered(1000 + 3))
    assert found.startswith("versions need 1000 lifecycle rules from v1000 on, and a bucket has room for 999;")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"keep_hot": 0}, "retention.keep_hot is 0; at least the newest version stays hot: 1 or more"),
        (
            {"cold_class": StorageClass.STANDARD_IA, "cold_after_days": 29},
            (
                "retention.cold_after_days is 29; S3 moves an object to STANDARD_IA after 30 days or more, "
                "and v1 would be due"
            ),
        ),
        (
            {"delete_after_days": 119},
            (
                "retention.delete_after_days is 119; v1 would leave GLACIER_IR before the 90 days that S3 charges for "
                "it in any case; allowed: 120 or more"
            ),
        ),
        (
            {"superseded_after_days": 0},
            "retention.superseded_after_days is 0; S3 keeps superseded objects 1 day or more",
        ),
    ],
)
def test_days_that_s3_would_refuse_or_bill_are_named_with_the_version(change: dict[str, Any], expected: str) -> None:
    """The message says the setting, what it is, which version is concerned and what is allowed."""
    assert said(numbered(4), replace(KEPT, **change)) == [expected]
