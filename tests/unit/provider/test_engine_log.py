"""What the plugin says to the engine while something takes long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sluice.provider.engine_log import EngineLog


class Engine(engine_pb2_grpc.EngineServicer):
    """An engine that hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def Log(self, request: Any, context: Any) -> Any:
        self.heard.append(request)
        return empty_pb2.Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    server, made = grpc.server(ThreadPoolExecutor(2)), Engine()
    engine_pb2_grpc.add_EngineServicer_to_server(made, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield made, f"127.0.0.1:{port}"
    server.stop(None)


def test_progress_is_told_beside_its_resource(engine: tuple[Engine, str]) -> None:
    """For as long as it lasts, not as a diagnostic that stays."""
    made, address = engine
    EngineLog(address).tell("urn:pulumi:a::b::c::d", "endpoint d is being updated")
    (said,) = made.heard
    assert (said.urn, said.message) == ("urn:pulumi:a::b::c::d", "endpoint d is being updated")
    assert said.ephemeral
    assert said.severity == engine_pb2.INFO


def test_what_was_found_stays(engine: tuple[Engine, str]) -> None:
    """It is a diagnostic of its resource, which a preview for a pull request has."""
    made, address = engine
    EngineLog(address).say("urn:pulumi:a::b::c::d", "green 10 → 25 allowed")
    (said,) = made.heard
    assert (said.message, said.severity, said.ephemeral) == ("green 10 → 25 allowed", engine_pb2.INFO, False)


def test_a_warning_stays(engine: tuple[Engine, str]) -> None:
    """It is a diagnostic of its resource."""
    made, address = engine
    EngineLog(address).warn("urn:pulumi:a::b::c::d", "traffic stays")
    (said,) = made.heard
    assert (said.urn, said.message, said.severity) == (
        "urn:pulumi:a::b::c::d",
        "traffic stays",
        engine_pb2.WARNING,
    )
    assert not said.ephemeral


def test_an_engine_that_is_gone_stops_nothing() -> None:
    """What is under way is not to fail because nobody listens."""
    EngineLog("127.0.0.1:1").tell("urn:pulumi:a::b::c::d", "endpoint d is being updated")
