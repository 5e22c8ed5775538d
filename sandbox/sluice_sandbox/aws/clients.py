"""The clients through which resources reach AWS, made when first needed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from botocore.model import ServiceModel

from sluice_sandbox.aws.session import ACCOUNT, config, loader, session
from sluice_sandbox.errors import AwsUnavailable, SandboxError

_POLL_SECONDS = 0.1


@dataclass
class Clients:
    """Clients of one region of the sandbox's AWS."""

    region: str
    endpoint: str
    account: str = ACCOUNT
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                made = session(self.region).client(service, endpoint_url=self.endpoint, config=config())  # type: ignore[call-overload]
                self._clients[service] = made
            return self._clients[service]

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """
        Returns the answer to a request.

        Raises ClientError when AWS refuses, and AwsUnavailable when nobody answers.
        """
        client = self.client(service)
        method = client.meta.method_to_api_mapping
        name = next(python for python, api in method.items() if api == operation)
        try:
            answer: dict[str, Any] = getattr(client, name)(**arguments)
        except (EndpointConnectionError, HTTPClientError) as error:
            raise AwsUnavailable(
                f"the sandbox's AWS at {self.endpoint} does not answer ({error}); run the same command again: "
                "it starts again with all that it held"
            ) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def find(self, service: str, operation: str, missing: tuple[str, ...], **arguments: Any) -> dict[str, Any] | None:
        """Returns the answer, or None when AWS says that there is no such thing; `missing` are its words for that."""
        try:
            return self.call(service, operation, **arguments)
        except ClientError as error:
            if is_missing(error, missing):
                return None
            raise


def is_missing(error: ClientError, missing: tuple[str, ...]) -> bool:
    """True when an error means that there is no such thing. SageMaker says so in words alone."""
    code, text = error.response["Error"]["Code"], error.response["Error"]["Message"]
    said = text.startswith("Could not find") or text.endswith("does not exist.")
    return code in missing or (code == "ValidationException" and said)


def wait(ready: Callable[[], bool], timeout: float, what: str) -> None:
    """Waits until `ready` says so. Raises SandboxError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise SandboxError(f"{what} took longer than {timeout:.0f} s")
        time.sleep(_POLL_SECONDS)


@lru_cache(maxsize=32)
def service_model(service: str) -> ServiceModel:
    """Returns AWS's description of a service."""
    return ServiceModel(loader().load_service_model(service, "service-2"), service_name=service)
