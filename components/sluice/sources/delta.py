"""
Tables of Delta Lake: a version, by the digest of what the log says of it.

The log names every data file of a version, with size, rows and partition; files are never changed in place. So the
digest stays the same through checkpoints and later versions, and nothing of the data is read. That the files of a table
on this machine are still there is seen; of one elsewhere it is not.
"""

import json
import os
import re
from contextlib import suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from sluice.manifest.canonical import digest
from sluice.manifest.data import DeltaData
from sluice.manifest.load import inside
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context
from sluice.sources._patience import within
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow

if TYPE_CHECKING:
    from deltalake import DeltaTable

_SOURCE = "Delta Lake"
_FIX = "set the credentials of its store, for S3 AWS_PROFILE or AWS_ACCESS_KEY_ID"
# A status stands alone: a port may begin with its digits.
_REFUSED = re.compile(r"\b40[13]\b|AccessDenied|PermissionDenied|Unauthenticated|InvalidAccessKeyId")
_SLOW = ("timed out", "timeout", "deadline")
_DOWN = ("error sending request", "Connection refused", "dns error", "error trying to connect")


def resolve(reference: DeltaData, context: Context) -> Pin:
    """Returns the version of a table that a number or a moment means, with rows and schema among the facts."""
    if find_spec("deltalake") is None:
        raise NotInstalled(_SOURCE, "delta")
    moment = _moment(reference)
    place = _place(reference.table, context)
    where = _shown(reference.table)
    table = within(context.timeout, _SOURCE, where, lambda: _open(reference, place, where, moment, context.timeout))
    schema = json.loads(table.schema().to_json())
    files = _files(table)
    _check_present(place, where, files, table.version())
    protocol = table.protocol()
    metadata = table.metadata()
    content = {
        "files": files,
        "schema": schema,
        "partitions": metadata.partition_columns,
        "configuration": metadata.configuration,
        "protocol": [protocol.min_reader_version, protocol.min_writer_version],
    }
    rows = [file["rows"] for file in files]
    facts = {"version": str(table.version()), "files": f"{len(files):,}", "schema": _columns(schema)}
    if None not in rows:
        facts["rows"] = f"{sum(rows):,}"
    return Pin(
        source="delta",
        reference=where,
        immutable=f"version {table.version()}",
        digest=digest(content),
        files=[FilePin(name=file["path"], digest=digest(file), size=file["size"]) for file in files],
        facts=facts,
    )


def pinned(reference: DeltaData, pin: Pin) -> DeltaData:
    """Returns the reference to the version that was found, without a moment."""
    return reference.model_copy(update={"version": int(pin.facts["version"]), "timestamp": None})


def _open(reference: DeltaData, place: str, where: str, moment: datetime | None, timeout: float) -> "DeltaTable":
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    wanted = f"version {reference.version}" if moment is None else f"version of {reference.timestamp}"
    try:
        table = DeltaTable(place, storage_options=_options(place, timeout))
        latest = table.version()
        if reference.version is not None and not 0 <= reference.version <= latest:
            raise NoSuchVersion(_SOURCE, where, wanted, f"0 to {latest}")
        # The table gives its latest version for a moment before its first one.
        if moment is not None and moment.timestamp() * 1000 < _first(table):
            raise NoSuchVersion(_SOURCE, where, wanted, f"versions from {_time(_first(table))} on")
        table.load_as_version(moment or reference.version or 0)
    except TableNotFoundError as error:
        raise NoSuchVersion(_SOURCE, where, "table") from error
    except (DeltaError, OSError) as error:
        raise _translated(str(error), where, wanted, timeout) from error
    return table


def _translated(said: str, where: str, wanted: str, timeout: float) -> SourceError:
    """Returns a source's error for a client's, whose own words may hold an address with a credential."""
    if _REFUSED.search(said):
        return CredentialRefused(_SOURCE, where, _FIX)
    if any(word in said for word in _SLOW):
        return SourceSlow(_SOURCE, where, timeout)
    if any(word in said for word in _DOWN):
        return SourceDown(_SOURCE, where, "no connection")
    return NoSuchVersion(_SOURCE, where, f"{wanted} that can be read; its log may have been cleaned up, or is broken")


def _options(place: str, timeout: float) -> dict[str, str]:
    if "://" not in place:
        return {}
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    plain = {"AWS_ALLOW_HTTP": "true"} if endpoint.startswith("http://") else {}
    return {"timeout": f"{timeout:g}s", "connect_timeout": f"{timeout:g}s", "max_retries": "0", **plain}


def _files(table: "DeltaTable") -> list[dict[str, Any]]:
    actions = table.get_add_actions(flatten=True)
    columns = {name: actions.column(name).to_pylist() for name in actions.schema.names}
    partitions = [name for name in columns if name.startswith("partition.")]
    rows = columns.get("num_records", [None] * len(columns["path"]))
    files = [
        {
            "path": path,
            "size": columns["size_bytes"][index],
            "rows": rows[index],
            "partition": {name.removeprefix("partition."): str(columns[name][index]) for name in partitions},
        }
        for index, path in enumerate(columns["path"])
    ]
    return sorted(files, key=lambda file: str(file["path"]))


def _check_present(place: str, where: str, files: list[dict[str, Any]], version: int) -> None:
    """Raises NoSuchVersion when a vacuum took what a version needs, as far as that can be seen from here."""
    if "://" in place:
        return
    gone = [file["path"] for file in files if not (Path(place) / unquote(file["path"])).is_file()]
    if gone:
        raise NoSuchVersion(
            _SOURCE, where, f"version {version} any more: {len(gone)} of its files are gone, {gone[0]} for one"
        )


def _first(table: "DeltaTable") -> float:
    """Returns when the oldest version that the log still has was written, in milliseconds."""
    return float(min(int(entry.get("timestamp", 0)) for entry in table.history()))


def _columns(schema: dict[str, Any]) -> str:
    fields = [(field["name"], field["type"]) for field in schema.get("fields", [])]
    return ", ".join(f"{name} {kind if isinstance(kind, str) else kind['type']}" for name, kind in fields)


def _place(table: str, context: Context) -> str:
    return table if "://" in table else str(inside(context.root, table, "data.delta.table", "manifest"))


def _moment(reference: DeltaData) -> datetime | None:
    if reference.timestamp is None:
        return None
    moment: datetime | None = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(reference.timestamp)
    if moment is None or moment.tzinfo is None:
        raise SourceError(
            f"{_SOURCE}: timestamp is {reference.timestamp!r}; write one with its offset, 2026-11-02T08:00:00+01:00"
        )
    return moment


def _time(milliseconds: float) -> str:
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().isoformat(timespec="seconds")


def _shown(table: str) -> str:
    if "://" not in table:
        return table
    parts = urlsplit(table)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
