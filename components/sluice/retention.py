"""
How long a model version's artifacts are kept, and where.

S3 lifecycle rules are generated from the declared versions, one for each that may leave hot storage. What serves,
stands by or may be gone back to is never in one, and neither is anything that nobody declared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from sluice.errors import Problem

MAX_RULES = 1000
"""How many rules a bucket can have."""
_MAX_NAME = 200
"""S3 takes 255 characters for the id of a rule; the rest is left to what we put around a version's name."""
_OWN_RULES = 1
"""Rules that are there whatever is declared: the one that clears away uploads that nobody finished."""


class StorageClass(Enum):
    """Where an object goes when it is no longer hot."""

    STANDARD_IA = "STANDARD_IA"
    ONEZONE_IA = "ONEZONE_IA"
    INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
    GLACIER_IR = "GLACIER_IR"
    GLACIER = "GLACIER"
    DEEP_ARCHIVE = "DEEP_ARCHIVE"


_MIN_AGE_DAYS = {StorageClass.STANDARD_IA: 30, StorageClass.ONEZONE_IA: 30}
"""How old S3 wants an object to be before it goes there."""
_MIN_STAY_DAYS = {
    StorageClass.STANDARD_IA: 30,
    StorageClass.ONEZONE_IA: 30,
    StorageClass.GLACIER_IR: 90,
    StorageClass.GLACIER: 90,
    StorageClass.DEEP_ARCHIVE: 180,
}
"""How long S3 charges for an object there, however soon it is deleted."""


class VersionRole(Enum):
    """What a model version is needed for."""

    SERVING = "serving"
    STANDBY = "standby"
    ROLLBACK_TARGET = "rollbackTarget"


@dataclass(frozen=True)
class StoredVersion:
    """A model version in the store."""

    name: str
    prefix: str
    """What the keys of its objects, and of no others, begin with."""
    role: VersionRole | None = None


@dataclass(frozen=True)
class Retention:
    """How versions age."""

    keep_hot: int
    """How many of the newest stay hot whatever their role."""
    cold_after_days: int
    cold_class: StorageClass
    delete_after_days: int | None
    """None: never."""
    superseded_after_days: int
    """How long overwritten and deleted objects of a version that left hot storage can be brought back."""


@dataclass(frozen=True)
class LifecycleRule:
    """What happens to the objects of one version, by their age in days."""

    version: str
    prefix: str
    cold_after_days: int
    cold_class: StorageClass
    delete_after_days: int | None
    superseded_after_days: int


def lifecycle_rules(versions: Sequence[StoredVersion], retention: Retention) -> list[LifecycleRule]:
    """Returns a rule for each version that is not protected; `versions` are in the order of their release."""
    protected = protected_names(versions, retention)
    return [
        LifecycleRule(
            version.name,
            version.prefix,
            retention.cold_after_days,
            retention.cold_class,
            retention.delete_after_days,
            retention.superseded_after_days,
        )
        for version in versions
        if version.name not in protected
    ]


def protected_names(versions: Sequence[StoredVersion], retention: Retention) -> set[str]:
    """Returns the versions that stay hot: the newest, and all that have a role."""
    newest = versions[len(versions) - retention.keep_hot :] if retention.keep_hot < len(versions) else versions
    return {version.name for version in newest} | {version.name for version in versions if version.role is not None}


def problems(versions: Sequence[StoredVersion], retention: Retention) -> list[Problem]:
    """Returns everything that S3 would refuse or bill, or that could put a version's objects under another's rule."""
    return [
        *_name_problems(versions),
        *_prefix_problems(versions),
        *_retention_problems(versions, retention),
        *_count_problems(versions, retention),
    ]


def _name_problems(versions: Sequence[StoredVersion]) -> Iterator[Problem]:
    names: set[str] = set()
    for index, version in enumerate(versions):
        path = f"versions[{index}].name"
        if version.name in names:
            yield Problem(path, f"is {version.name!r}, as of another version; names are unique")
        if not 1 <= len(version.name) <= _MAX_NAME:
            yield Problem(path, f"is {version.name!r}; allowed are 1 to {_MAX_NAME} characters")
        names.add(version.name)


def _prefix_problems(versions: Sequence[StoredVersion]) -> Iterator[Problem]:
    for index, version in enumerate(versions):
        path = f"versions[{index}]"
        if not version.prefix.endswith("/") or version.prefix.startswith("/"):
            yield Problem(
                f"{path}.prefix",
                f"of {version.name} is {version.prefix!r}; a prefix ends with / and does not begin with one, "
                "so that it cannot be the beginning of another version's",
            )
        for other in versions[:index]:
            if version.prefix.startswith(other.prefix) or other.prefix.startswith(version.prefix):
                yield Problem(
                    f"{path}.prefix",
                    f"of {version.name} is {version.prefix!r}, which overlaps {other.prefix!r} of {other.name}; "
                    "give each version a folder of its own",
                )


def _retention_problems(versions: Sequence[StoredVersion], retention: Retention) -> Iterator[Problem]:
    if retention.keep_hot < 1:
        yield Problem(
            "retention.keep_hot", f"is {retention.keep_hot}; at least the newest version stays hot: 1 or more"
        )
    superseded = retention.superseded_after_days
    if superseded < 1:
        yield Problem("retention.superseded_after_days", f"is {superseded}; S3 keeps superseded objects 1 day or more")
    first = next((rule.version for rule in lifecycle_rules(versions, retention)), "the next version to age")
    cold, age = retention.cold_class, retention.cold_after_days
    least = _MIN_AGE_DAYS.get(cold, 0)
    if age < least:
        yield Problem(
            "retention.cold_after_days",
            f"is {age}; S3 moves an object to {cold.value} after {least} days or more, and {first} would be due",
        )
    end = retention.delete_after_days
    if end is None:
        return
    stay = _MIN_STAY_DAYS.get(cold, 1)
    if end < age + stay:
        yield Problem(
            "retention.delete_after_days",
            f"is {end}; {first} would leave {cold.value} before the {stay} days that S3 charges for it in any case; "
            f"allowed: {age + stay} or more",
        )


def _count_problems(versions: Sequence[StoredVersion], retention: Retention) -> Iterator[Problem]:
    rules = lifecycle_rules(versions, retention)
    room = MAX_RULES - _OWN_RULES
    if len(rules) > room:
        yield Problem(
            "versions",
            f"need {len(rules)} lifecycle rules from {rules[room].version} on, and a bucket has room for {room}; "
            "take out the oldest versions, whose objects then stay as they are, or use a store for each model",
        )
