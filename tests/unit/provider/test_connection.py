"""What the plugin says when AWS does not do what it is asked."""

import socket
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from sluice.errors import SluiceError
from sluice.provider.connection import default_region, explained, own_client
from tests.unit.sources.servers import answering, answering_in_turn

QUICK = Config(retries={"max_attempts": 0}, connect_timeout=1, read_timeout=1)
REFUSAL = b'{"__type": "AccessDeniedException", "Message": "you may not"}'


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without credentials and without a region."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    # Whoever asked AWS before in this process leaves a session with credentials.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    own_client.cache_clear()


def _list_models(endpoint: str) -> None:
    client = boto3.client(
        "sagemaker",
        region_name="eu-west-1",
        endpoint_url=endpoint,
        aws_access_key_id="AKIA",
        aws_secret_access_key="hush",
        config=QUICK,
    )
    with explained():
        client.list_models()


def test_missing_credentials_say_how_to_have_some() -> None:
    """Not a traceback of AWS's client."""
    with pytest.raises(SluiceError, match="no AWS credentials were found; set AWS_PROFILE"), explained():
        own_client("sagemaker", "eu-west-1").list_models()


def test_a_refusal_is_told_in_awss_words() -> None:
    """With the operation in front, and without the secret."""
    with answering(400, REFUSAL, "application/x-amz-json-1.1") as endpoint, pytest.raises(SluiceError) as error:
        _list_models(endpoint)
    assert str(error.value) == "ListModels: AccessDeniedException: you may not"


def test_a_request_that_is_throttled_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until AWS takes it: nobody has to run the update again for that."""
    busy = (400, b'{"__type": "ThrottlingException", "Message": "Rate exceeded"}')
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    with answering_in_turn(busy, busy, (200, b'{"Models": []}'), kind="application/x-amz-json-1.1") as (address, given):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        assert own_client("sagemaker", "eu-west-1").list_models()["Models"] == []
    assert [status for status, _ in given] == [400, 400, 200]


def test_an_aws_that_is_not_there_is_said_to_be() -> None:
    """The message says what to check."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SluiceError, match=f"AWS does not answer .*:{port}.*; check the network"):
        _list_models(f"http://127.0.0.1:{port}")


def test_the_region_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none where nothing names one."""
    assert default_region() is None
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert default_region() == "eu-north-1"
