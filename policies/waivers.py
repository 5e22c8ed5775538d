"""
Waivers: what a policy objects to and somebody has allowed, for a reason and for a time.

`waivers.json` lists them: `{"policy": "pinned-images", "resource": "legacy-*", "reason": "...", "expires":
"2027-03-31"}`. The resource is a pattern of its name, or of its URN where it has a colon.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from problems import InvalidPolicyFile, read_json
from rule import Resource

FILE = Path(__file__).parent / "waivers.json"
LONGEST_DAYS = 366
"""How long a waiver can be given for; what stays so for longer is no exception."""
_KEYS = ("policy", "resource", "reason", "expires")


@dataclass(frozen=True)
class Waiver:
    """One exception."""

    policy: str
    resource: str
    reason: str
    expires: date
    """The last day on which it counts."""


def read_waivers(policies: Sequence[str], today: date, file: Path = FILE) -> list[Waiver]:
    """
    Returns the waivers of a file; none where there is no file.

    Raises InvalidPolicyFile for a waiver that has expired, has no reason, or is of a policy that there is not.
    """
    if not file.is_file():
        return []
    given = read_json(file)
    if not isinstance(given, list):
        raise InvalidPolicyFile(file, [f"is {type(given).__name__}; expected a list of waivers"])
    if problems := [it for index, entry in enumerate(given) for it in _problems(index, entry, policies, today)]:
        raise InvalidPolicyFile(file, problems)
    return [Waiver(**{**entry, "expires": date.fromisoformat(entry["expires"])}) for entry in given]


def waived(waivers: Sequence[Waiver], policy: str, resource: Resource) -> Waiver | None:
    """Returns the waiver of a policy for a resource, or None."""
    return next((it for it in waivers if it.policy == policy and _matches(it.resource, resource)), None)


def _matches(pattern: str, resource: Resource) -> bool:
    return fnmatchcase(resource.urn if ":" in pattern else resource.name, pattern)


def _problems(index: int, entry: Any, policies: Sequence[str], today: date) -> Iterator[str]:
    at = f"[{index}]"
    if not isinstance(entry, dict) or any(not isinstance(value, str) for value in entry.values()):
        yield f"{at} is {entry!r}; expected an object of texts: {', '.join(_KEYS)}"
        return
    for key in sorted(entry.keys() - set(_KEYS)):
        yield f"{at}.{key} is unknown; allowed: {', '.join(_KEYS)}"
    for key in _KEYS:
        if not entry.get(key, "").strip():
            yield f"{at}.{key} is missing; a waiver says {', '.join(_KEYS)}"
    if entry.get("policy") and entry["policy"] not in policies:
        yield f"{at}.policy is {entry['policy']!r}, which is no policy; see docs/policies.md for their names"
    if entry.get("resource", "").strip("*?") == "" and entry.get("resource"):
        yield f"{at}.resource is {entry['resource']!r}, which is every resource; to turn a policy off, configure it"
    if entry.get("expires"):
        yield from _expiry(f"{at}.expires", entry["expires"], today)


def _expiry(at: str, text: str, today: date) -> Iterator[str]:
    try:
        expires = date.fromisoformat(text)
    except ValueError:
        yield f"{at} is {text!r}; expected a date, for example {today.isoformat()}"
        return
    if expires < today:
        yield f"{at} is {text}, which is past; put right what was waived, or argue for a new date"
    elif (expires - today).days > LONGEST_DAYS:
        yield f"{at} is {text}; allowed up to {LONGEST_DAYS} days from today"
