"""Property values as text, in Pulumi's notation."""

import json
import re
from collections.abc import Iterator, Mapping

from sluice.provider.wire import ARCHIVE, RESOURCE, SIGNATURE, Json
from sluice_sandbox.engine import values

SECRET = "[secret]"
UNKNOWN = "[unknown]"
_DIGEST = re.compile(r"(?<![0-9a-fA-F])([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-fA-F])")
"""A SHA-256, as it stands in images, keys and locks."""


def lines(properties: Mapping[str, Json], indent: int) -> Iterator[str]:
    """Yields the lines of a set of properties, keys aligned; keys that begin with `__` are nobody's business."""
    shown = {key: value for key, value in properties.items() if not key.startswith("__")}
    width = max(map(len, shown), default=0)
    for key in sorted(shown):
        yield from entry(key.ljust(width), shown[key], indent)


def entry(label: str, value: Json, indent: int, mark: str = "") -> Iterator[str]:
    """Yields the lines of one labelled value; `mark` (`+`, `-`, `~`) stands in the two columns before the label."""
    margin = " " * (indent - 2) + f"{mark:<2}" if mark else " " * indent
    inner = indent + 4
    tagged = _json_text(value)
    opening = "(json) " if tagged is not None else ""
    value = value if tagged is None else tagged
    if _is_map(value) and value:
        yield f"{margin}{label}: {opening}{{"
        width = max(map(len, value))
        for key in sorted(value):
            yield from entry(key.ljust(width), value[key], inner, mark)
        yield " " * indent + "}"
    elif isinstance(value, list) and value:
        yield f"{margin}{label}: {opening}["
        for index, item in enumerate(value):
            yield from entry(f"[{index}]", item, inner, mark)
        yield " " * indent + "]"
    else:
        yield f"{margin}{label}: {scalar(value)}"


def scalar(value: Json) -> str:
    """Returns a value on one line."""
    if values.is_secret(value):
        return SECRET
    if values.is_unknown(value):
        return UNKNOWN
    if values.is_asset(value):
        return _source(value)
    if values.signature(value) == RESOURCE:
        return f"resource({value['urn']})"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if value is None:
        return "<null>"
    text = json.dumps(value, ensure_ascii=False)
    # Nobody reads the rest of a digest; it makes of one line a blob.
    return _DIGEST.sub(r"\1…", text) if isinstance(value, str) else text


def is_flat(value: Json) -> bool:
    """True for a value that fits on one line by nature."""
    return not ((_is_map(value) or isinstance(value, list)) and value) and _json_text(value) is None


def _is_map(value: Json) -> bool:
    return isinstance(value, dict) and values.signature(value) is None


def _json_text(value: Json) -> Json | None:
    """Returns what a text that is a JSON document holds: policies read better as what they are."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        document = json.loads(value)
    except ValueError:
        return None
    return document or None


def _source(asset: Json) -> str:
    kind = "archive" if asset[SIGNATURE] == ARCHIVE else "asset"
    short = asset.get("hash", "")[:7]
    if "path" in asset:
        return f"{kind}(file:{short}) {{ {asset['path']} }}"
    if "text" in asset:
        return f"{kind}(text:{short})"
    return f"{kind}({short})"
