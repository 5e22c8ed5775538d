"""What every test of models that others serve begins with: the day, no credential, and models to ask for."""

import os
from datetime import date
from pathlib import Path

import pytest

from sluice.manifest.model import ApiModel
from sluice.sources import api

PROVIDERS = ["openai", "anthropic", "bedrock"]
LASTING = {"openai": "gpt-5.5-2026-04-23", "anthropic": "claude-opus-4-8", "bedrock": "amazon.nova-pro-v1:0"}
"""Pinned, with no end that is known."""
UNKNOWN = {"openai": "gpt-9-sol", "anthropic": "claude-opus-9", "bedrock": "amazon.nova-9-v1:0"}
LONGER = {
    "openai": ["gpt-9-sol", "gpt-9-sol-2027-02-01", "gpt-9-sol-2027-05-01"],
    "anthropic": ["claude-opus-9", "claude-opus-9-20270201", "claude-opus-9-20270501"],
    "bedrock": ["amazon.nova-9", "amazon.nova-9-v1:0", "amazon.nova-9-v1:1"],
}
"""An alias, and the names of what it could mean."""
CREDENTIALS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "bedrock": "AWS_REGION"}
CLIENTS = {"openai": "openai", "anthropic": "anthropic", "bedrock": "boto3"}


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Takes every credential and address away that could be set."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "ANTHROPIC_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has it be the day on which the data was read."""
    on(monkeypatch, 2026, 11, 23)


def on(monkeypatch: pytest.MonkeyPatch, year: int, month: int, day: int) -> None:
    """Has it be a day."""
    monkeypatch.setattr(api, "today", lambda: date(year, month, day))


def model(provider: str, identifier: str) -> ApiModel:
    """Returns what a manifest says of a model."""
    return ApiModel.model_validate({"provider": provider, "id": identifier})
