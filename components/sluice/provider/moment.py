"""What time it is at AWS: soaks and hours of standby are measured by one clock, whoever's machine asks."""

import ipaddress
import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from sluice.provider.custom_type import Values
from sluice.provider.work import Work
from sluice.rollout import clock


def moment(work: Work, region: str, answer: Values | None = None) -> datetime:
    """
    Returns the time, in UTC, as AWS dated an answer; without one it is asked for.

    A sandbox may be told another time by a file. Raises ClockError when that cannot be read.
    """
    sagemaker = work.client("sagemaker", region)
    if clock.VARIABLE in os.environ:
        return clock.now(os.environ, _is_local(sagemaker.meta.endpoint_url))
    dated = _date(answer or {}) or _date(sagemaker.list_endpoints(MaxResults=1))
    return dated or datetime.now(UTC)


def _date(answer: Values) -> datetime | None:
    headers: dict[str, Any] = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
