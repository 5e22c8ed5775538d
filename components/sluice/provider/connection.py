"""How the plugin reaches AWS: with the credentials of whoever runs Pulumi."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sluice.errors import SluiceError

Client = Callable[[str, str], Any]
"""Returns a client of a service in a region."""


def default_region() -> str | None:
    """Returns the region that the environment or the profile names, or None."""
    import boto3

    found: str | None = os.environ.get("AWS_REGION") or boto3.Session().region_name
    return found


@lru_cache(maxsize=64)
def own_client(service: str, region: str) -> Any:
    """
    Returns a client with the credentials of the environment: a profile, a role, a pipeline's identity.

    Throttling and passing failures are tried again, with growing pauses.
    """
    import boto3
    from botocore.config import Config

    settings = Config(retries={"mode": "standard", "max_attempts": 10}, connect_timeout=10, read_timeout=60)
    return boto3.client(service, region_name=region, config=settings)  # type: ignore[call-overload]


@contextmanager
def explained() -> Iterator[None]:
    """Turns what AWS's client raises into a message that says what to do. Raises SluiceError."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        EndpointConnectionError,
        HTTPClientError,
        NoCredentialsError,
    )

    try:
        yield
    except ClientError as error:
        problem = error.response["Error"]
        raise SluiceError(f"{error.operation_name}: {problem['Code']}: {problem['Message']}") from error
    except NoCredentialsError as error:
        raise SluiceError("no AWS credentials were found; set AWS_PROFILE, or log in as the pipeline does") from error
    except (EndpointConnectionError, HTTPClientError) as error:
        raise SluiceError(
            f"AWS does not answer ({error}); check the network and AWS_ENDPOINT_URL, then run again"
        ) from error
    except BotoCoreError as error:
        raise SluiceError(f"AWS's client: {error}") from error
