"""One variant of a SageMaker endpoint, whatever traffic it gets."""

import json
import time
from types import TracebackType
from typing import Any, Self

from sluice.evaluation.failures import AskFailed, CredentialsRefused, Failure, failure_of_status
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.evaluation.targets._threads import in_thread
from sluice.manifest.base import ManifestModel, Text

_THROTTLED = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}
_NOT_YET = {"ModelNotReadyException", "ServiceUnavailable", "InternalFailure", "InternalDependencyException"}
_UNKNOWN = {"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId"}
_SHOWN = 200


class Options(ManifestModel):
    """A production variant, asked by its name."""

    endpoint: Text
    """The endpoint's name."""
    variant: Text
    """The variant's name."""
    region: Text | None = None
    """Omitted: the environment's."""
    content_type: Text = "application/json"
    """Of what is sent: the input as JSON, or as it is when it is a text and this is no JSON. Omitted: JSON."""
    accept: Text = "application/json"
    """What the answer shall be. Omitted: JSON."""


class Target(BaseTarget):
    """The variant, through boto3."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options, self._context = options, context

    async def __aenter__(self) -> Self:
        """Makes the client. Raises CredentialsRefused when there are no credentials or no region."""
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        seconds = self._context.timeout_seconds
        config = Config(
            # The runner retries: it tells what a retry cost.
            retries={"total_max_attempts": 1},
            connect_timeout=seconds,
            read_timeout=seconds,
            max_pool_connections=max(self._context.concurrency, 1),
        )
        try:
            self._client = boto3.client("sagemaker-runtime", region_name=self._options.region, config=config)
        except BotoCoreError as error:
            raise CredentialsRefused(f"SageMaker cannot be asked: {error}") from error
        self.facts |= {"endpoint": self._options.endpoint, "variant": self._options.variant}
        self.facts["region"] = self._client.meta.region_name
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Invokes the variant. Raises AskFailed; CredentialsRefused for credentials that AWS does not know."""
        body = _body(example_input, self._options.content_type)
        return await in_thread("sluice-sagemaker", lambda: self._invoke(body))

    def _invoke(self, body: bytes) -> Reply:
        from botocore.exceptions import BotoCoreError, ClientError

        started = time.perf_counter()
        try:
            response = self._client.invoke_endpoint(
                EndpointName=self._options.endpoint,
                TargetVariant=self._options.variant,
                ContentType=self._options.content_type,
                Accept=self._options.accept,
                Body=body,
            )
            content = response["Body"].read()
        except ClientError as error:
            raise _refusal(error.response) from error
        except BotoCoreError as error:
            raise _broken(error) from error
        latency_ms = (time.perf_counter() - started) * 1000
        served = response.get("InvokedProductionVariant", self._options.variant)
        if served != self._options.variant:
            raise AskFailed(Failure.OUTPUT, f"the variant {served} answered; {self._options.variant} was asked")
        return Reply(_output(content, response.get("ContentType", self._options.accept)), latency_ms=latency_ms)


def _refusal(response: Any) -> Exception:
    error = response.get("Error", {})
    code, message = error.get("Code", ""), f"{error.get('Code')}: {error.get('Message', '')}"[:_SHOWN]
    if code in _UNKNOWN:
        return CredentialsRefused(f"AWS does not take the credentials: {message}; renew them, and go on")
    if code in _THROTTLED:
        return AskFailed(Failure.THROTTLED, message)
    if code in _NOT_YET:
        return AskFailed(Failure.SERVER, message)
    # What the container itself said is beside what SageMaker makes of it.
    status = response.get("OriginalStatusCode") or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return AskFailed(failure_of_status(int(status)), message)


def _broken(error: Exception) -> Exception:
    from botocore.exceptions import (
        ConnectTimeoutError,
        HTTPClientError,
        NoCredentialsError,
        PartialCredentialsError,
        ReadTimeoutError,
        TokenRetrievalError,
    )

    if isinstance(error, NoCredentialsError | PartialCredentialsError | TokenRetrievalError):
        return CredentialsRefused(f"AWS cannot be asked: {error}; set credentials, and go on")
    if isinstance(error, ReadTimeoutError | ConnectTimeoutError):
        return AskFailed(Failure.TIMEOUT, "no answer in time")
    kind = Failure.CONNECTION if isinstance(error, HTTPClientError) else Failure.EXCEPTION
    return AskFailed(kind, f"{type(error).__name__}: {error}"[:_SHOWN])


def _body(example_input: Any, content_type: str) -> bytes:
    if isinstance(example_input, str) and "json" not in content_type:
        return example_input.encode()
    return json.dumps(example_input).encode()


def _output(content: bytes, content_type: str) -> Any:
    try:
        return json.loads(content) if "json" in content_type else content.decode()
    except ValueError:
        raise AskFailed(Failure.OUTPUT, f"the answer is not {content_type}: {content[:_SHOWN]!r}") from None
