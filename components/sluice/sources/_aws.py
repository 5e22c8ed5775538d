"""Clients of AWS for sources, and what their errors mean."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sluice.sources.errors import CredentialRefused, NoSuchVersion, SourceDown, SourceError, SourceSlow

_LOCK = threading.Lock()
_REFUSED = {
    "403",
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_MISSING = {"404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NotFound", "ResourceNotFound"}
_FIX = "set AWS_PROFILE to one that may read it, or log in again"


def client(service: str, timeout: float, region: str | None = None) -> Any:
    """Returns a client with the environment's credentials that waits `timeout` seconds for an answer."""
    # Making clients is not safe in several threads at once; using them is.
    with _LOCK:
        return _client(service, timeout, region, os.environ.get("AWS_ENDPOINT_URL"), os.environ.get("AWS_PROFILE"))


@lru_cache(maxsize=32)
def _client(service: str, timeout: float, region: str | None, *environment: str | None) -> Any:
    """`environment` is what tells one client from another beyond the arguments."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=timeout,
        read_timeout=timeout,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=64,
    )
    where = region or os.environ.get("AWS_REGION") or boto3.Session().region_name or "us-east-1"
    return boto3.client(service, region_name=where, config=config)  # type: ignore[call-overload]


@contextmanager
def told(source: str, where: str, what: str, timeout: float) -> Iterator[None]:
    """Turns the errors of AWS's client into a source's; `what` is what was asked for. Raises SourceError."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectionError,
        ConnectTimeoutError,
        HTTPClientError,
        NoCredentialsError,
        ReadTimeoutError,
    )

    try:
        yield
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in _REFUSED:
            raise CredentialRefused(source, where, _FIX) from error
        if code in _MISSING or "does not exist" in text:
            raise NoSuchVersion(source, where, what) from error
        raise SourceError(f"{source} at {where} refuses {what} ({code}: {text})") from error
    except NoCredentialsError as error:
        raise CredentialRefused(source, where, "there is none: set AWS_PROFILE, or log in") from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise SourceSlow(source, where, timeout) from error
    except (ConnectionError, HTTPClientError) as error:
        raise SourceDown(source, where, "no connection") from error
    except BotoCoreError as error:
        raise SourceError(f"{source} at {where}: {error}") from error
