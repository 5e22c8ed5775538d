"""Fixtures that all tests share."""

import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.support.cloud import Cloud, World

PROGRAM = Path(__file__).parent / "support" / "program"
Declare = Callable[..., SandboxStack]

# A machine that is busy makes no test fail.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
# What runs in the background of a script ignores interrupts, and its children do too: tests interrupt theirs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A small world with nothing in it."""
    return World(tmp_path / "world.json")


@pytest.fixture
def cloud(sandbox: Sandbox, world: World) -> Declare:
    """Returns a stack that declares the given resources in the world; set `config["resources"]` to change them."""

    def declare(*resources: dict[str, Any], **config: Any) -> SandboxStack:
        return sandbox.stack(
            PROGRAM, {"resources": list(resources), **config}, providers={"cloud": lambda: Cloud(world)}
        )

    return declare


def thing(name: str, *, opts: dict[str, Any] | None = None, **props: Any) -> dict[str, Any]:
    """Returns an entry of the program's `resources`."""
    return {"name": name, "props": props, "opts": opts or {}}


@pytest.fixture(autouse=True)
def _no_provider_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment and the day, models that others serve are judged by Sluice's own data, as of one day."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sluice.sources.api.today", lambda: date(2026, 11, 23))
