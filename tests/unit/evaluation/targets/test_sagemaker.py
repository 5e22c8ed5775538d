"""
A variant of a SageMaker endpoint, through boto3 with botocore's stub in place of AWS.

The sandbox serves no models: the stub checks each request against the service's own model, and gives the answer.
"""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, NoCredentialsError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from sluice.errors import SluiceError
from sluice.evaluation.failures import AskFailed, CredentialsRefused
from sluice.evaluation.targets import Context, Reply, target_of
from tests.unit.evaluation.asking import asked, plan_of, subject_in

OPTIONS = {"endpoint": "search", "variant": "green", "region": "eu-west-1"}
JSON = {"ContentType": "application/json", "Accept": "application/json"}
REQUEST = {"EndpointName": "search", "TargetVariant": "green", **JSON}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Any:
    """botocore's stub, in place of what the client would ask."""
    client = boto3.client("sagemaker-runtime", region_name="eu-west-1")
    with Stubber(client) as stubber:
        made = boto3.client

        def of(name: str, region_name: str | None = None, config: Config | None = None) -> Any:
            # The client that would have been made has to be possible.
            made(name, region_name=region_name, config=config)
            return client

        monkeypatch.setattr(boto3, "client", of)
        yield stubber
        stubber.assert_no_pending_responses()


def answer(content: bytes, variant: str = "green", content_type: str = "application/json") -> dict[str, Any]:
    body = StreamingBody(io.BytesIO(content), len(content))
    return {"Body": body, "ContentType": content_type, "InvokedProductionVariant": variant}


def ask(root: Path, *inputs: Any, **options: Any) -> list[Reply]:
    chosen = plan_of({"sagemaker": {**OPTIONS, **options}}).target
    return asyncio.run(asked(target_of(chosen, Context(subject_in(root), 2, 5)), *inputs))


def test_the_variant_is_asked_by_its_name(tmp_path: Path, stub: Stubber) -> None:
    """Whatever traffic it has; the input is sent as JSON and the answer read as JSON."""
    sent = {**REQUEST, "Body": json.dumps({"images": [[0]]}).encode()}
    stub.add_response("invoke_endpoint", answer(b'{"digits": [3]}'), sent)
    (reply,) = ask(tmp_path, {"images": [[0]]})
    assert reply.output == {"digits": [3]}
    assert reply.latency_ms is not None


def test_texts_are_sent_and_read_as_they_are(tmp_path: Path, stub: Stubber) -> None:
    """When neither content type is JSON."""
    sent = {**REQUEST, "ContentType": "text/csv", "Accept": "text/plain", "Body": b"1,2"}
    stub.add_response("invoke_endpoint", answer(b"3", content_type="text/plain"), sent)
    assert ask(tmp_path, "1,2", content_type="text/csv", accept="text/plain")[0].output == "3"


def test_an_answer_of_another_variant_is_an_error(tmp_path: Path, stub: Stubber) -> None:
    """It would be held for the version's."""
    stub.add_response("invoke_endpoint", answer(b"1", variant="blue"))
    with pytest.raises(AskFailed, match="the variant blue answered; green was asked"):
        ask(tmp_path, 1)


def test_an_answer_that_is_not_what_it_says_is_an_error(tmp_path: Path, stub: Stubber) -> None:
    """Of the kind `output`, with its beginning."""
    stub.add_response("invoke_endpoint", answer(b"oops"))
    with pytest.raises(AskFailed, match="the answer is not application/json: b'oops'"):
        ask(tmp_path, 1)


@pytest.mark.parametrize(
    ("code", "status", "original", "kind"),
    [
        ("ThrottlingException", 400, None, "throttled"),
        ("ServiceUnavailable", 503, None, "server"),
        ("ModelNotReadyException", 429, None, "server"),
        ("ModelError", 424, 500, "server"),
        ("ModelError", 424, 400, "request"),
        ("ModelError", 424, 429, "throttled"),
        ("ValidationError", 400, None, "request"),
        ("AccessDeniedException", 403, None, "request"),
    ],
)
def test_an_error_says_how_it_failed(
    tmp_path: Path, stub: Stubber, code: str, status: int, original: int | None, kind: str
) -> None:
    """What the container said counts before what AWS makes of it."""
    more = {} if original is None else {"OriginalStatusCode": original}
    stub.add_client_error("invoke_endpoint", code, "words", status, modeled_fields=more or None)
    with pytest.raises(AskFailed, match=f"{code}: words") as caught:
        ask(tmp_path, 1)
    assert caught.value.kind == kind


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_credentials_that_are_not_taken_end_the_evaluation(tmp_path: Path, stub: Stubber, code: str) -> None:
    """The next session goes on where this one was."""
    stub.add_client_error("invoke_endpoint", code, "words", 403)
    with pytest.raises(CredentialsRefused, match="renew them, and go on"):
        ask(tmp_path, 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ReadTimeoutError(endpoint_url="x"), "timeout"), (ConnectionClosedError(endpoint_url="x"), "connection")],
)
def test_a_connection_that_breaks_is_retryable(
    tmp_path: Path, stub: Stubber, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    """As is an answer that does not come."""
    with pytest.raises(AskFailed) as caught:
        ask_raising(tmp_path, stub, monkeypatch, error)
    assert caught.value.kind == kind
    assert caught.value.retryable


def test_no_credentials_end_the_evaluation(tmp_path: Path, stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no answer of the version."""
    with pytest.raises(CredentialsRefused, match="set credentials"):
        ask_raising(tmp_path, stub, monkeypatch, NoCredentialsError())


def ask_raising(root: Path, stub: Stubber, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def invoke(**request: Any) -> None:
        raise error

    monkeypatch.setattr(stub.client, "invoke_endpoint", invoke)
    ask(root, 1)


def test_without_a_region_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told instead of guessed."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SluiceError, match="SageMaker cannot be asked: You must specify a region"):
        asyncio.run(
            asked(
                target_of(
                    plan_of({"sagemaker": {"endpoint": "e", "variant": "v"}}).target, Context(subject_in(tmp_path))
                )
            )
        )
