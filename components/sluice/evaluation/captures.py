"""What SageMaker has captured of an endpoint's requests and answers: JSON lines in S3, by variant and hour."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.errors import SluiceError

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Captured:
    """One request, and what a variant answered."""

    identity: str
    """What a copy of the same request has as well: the caller's inference id or, without one, the input itself."""
    at: datetime
    input: str
    output: str | None
    """None: it answered nothing, or that was not captured."""


def captured(
    s3: Any, destination: str, endpoint: str, variant: str, since: datetime, until: datetime
) -> Iterator[Captured]:
    """
    Yields what was captured of a variant between two moments, hour by hour.

    `s3` is boto3's client, `destination` the endpoint's `DestinationS3Uri`. The layout and the format are those of
    SageMaker's data capture: `<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/*.jsonl`. Raises SluiceError for a line
    that is none.
    """
    bucket, _, prefix = destination.removeprefix("s3://").partition("/")
    base = "/".join(part for part in (prefix.strip("/"), endpoint, variant) if part)
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < until:
        for key in _keys(s3, bucket, f"{base}/{hour:%Y/%m/%d/%H}/"):
            body = s3.get_object(Bucket=bucket, Key=key)["Body"]
            for number, line in enumerate(body.iter_lines(), start=1):
                found = _read(line, f"s3://{bucket}/{key}:{number}")
                if since <= found.at < until:
                    yield found
        hour += _HOUR


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from sorted(it["Key"] for it in page.get("Contents", ()) if it["Key"].endswith(".jsonl"))


def _read(line: bytes, where: str) -> Captured:
    try:
        record = json.loads(line)
        data, meta = record["captureData"], record["eventMetadata"]
        asked = _text(data.get("endpointInput"))
        at = datetime.fromisoformat(meta["inferenceTime"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError) as error:
        raise SluiceError(f"{where} is no captured request ({type(error).__name__}: {error})") from None
    return Captured(
        str(meta.get("inferenceId") or asked or meta.get("eventId")), at, asked or "", _text(data.get("endpointOutput"))
    )


def _text(part: Any) -> str | None:
    if not part:
        return None
    data = str(part["data"])
    if part.get("encoding") == "BASE64":
        return base64.b64decode(data).decode("utf-8", errors="backslashreplace")
    return data
