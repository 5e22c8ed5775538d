"""Amazon Bedrock, asked in the Region and with the credentials that boto3 finds."""

import os
from datetime import UTC, date, datetime
from importlib.util import find_spec
from typing import Any

from sluice.sources.errors import CredentialRefused, SourceDown, SourceError, SourceSlow
from sluice.sources.providers.listing import (
    CREDENTIALS,
    NAMES,
    NO_LIST,
    Listing,
    checked,
    imported,
    place,
    reason,
    within,
)

_NAME = NAMES["bedrock"]
_BEARER = "AWS_BEARER_TOKEN_BEDROCK"


def bedrock_listing(timeout: float) -> Listing | None:
    """Returns the foundation models of a Region, or None without credentials and a Region. Raises SourceError."""
    if find_spec("boto3") is None and not any(map(os.environ.get, ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", _BEARER))):
        return None
    exceptions = imported("botocore.exceptions", "bedrock")
    client = _client(exceptions, timeout)
    if client is None:
        return None
    where = place(client.meta.endpoint_url)
    try:
        models = within(timeout, lambda: _models(client))
    except (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError, TimeoutError):
        raise SourceSlow(_NAME, where, timeout) from None
    except exceptions.ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status in (401, 403):
            raise CredentialRefused(_NAME, where, f"use {CREDENTIALS['bedrock']}") from None
        raise SourceDown(_NAME, where, f"status {status}") from None
    except exceptions.BotoCoreError as error:
        raise SourceDown(_NAME, where, reason(error)) from None
    except Exception:  # its client believes whatever it is told
        raise SourceDown(_NAME, where, NO_LIST) from None
    return checked("bedrock", where, models)


def _client(exceptions: Any, timeout: float) -> Any:
    boto3, config = imported("boto3", "bedrock"), imported("botocore.config", "bedrock")
    try:
        session = boto3.Session()
        if session.region_name is None or not (os.environ.get(_BEARER) or session.get_credentials()):
            return None
        patience = config.Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1})
        return session.client("bedrock", config=patience)
    except (exceptions.BotoCoreError, ValueError) as error:
        raise SourceError(
            f"{_NAME}: its client cannot be made ({type(error).__name__}); check AWS_PROFILE and AWS_REGION"
        ) from None


def _models(client: Any) -> dict[str, date | None]:
    return {model["modelId"]: _end(model) for model in client.list_foundation_models()["modelSummaries"]}


def _end(model: dict[str, Any]) -> date | None:
    said = model.get("modelLifecycle", {}).get("endOfLifeTime")
    return said.astimezone(UTC).date() if isinstance(said, datetime) else None
