"""What the plugin makes of the inputs of a component, and how it says what is wrong."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.output import UNKNOWN
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.provider.construction import Components, Settled
from sluice.provider.plugin import PluginServicer, _message
from sluice.provider.resources import ResourceProvider

SCHEMA_KEYS = {"name", "version", "resources", "types"}


@pytest.fixture(scope="module")
def components() -> Components:
    return Components("1.2.3")


@pytest.fixture
def stub() -> Iterator[Any]:
    """The plugin at the other end of a channel."""
    loop = asyncio.new_event_loop()

    async def start() -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server()
        servicer = PluginServicer(ResourceProvider(), version("pulumi-sluice"))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(loop.run_forever)
        server, port = asyncio.run_coroutine_threadsafe(start(), loop).result()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        asyncio.run_coroutine_threadsafe(server.stop(None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        running.result()
    loop.close()


def output(value: Any, *, known: bool = True, secret: bool = False) -> pulumi.Output[Any]:
    """Returns an output as it comes from another resource; call it where an event loop runs."""

    def future(content: Any) -> asyncio.Future[Any]:
        made: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        made.set_result(content)
        return made

    return pulumi.Output(set(), future(value), future(known), future(secret))


def settled(components: Components, component: str, make: Any) -> tuple[dict[str, Any], list[Problem]]:
    """Returns a component's inputs as its constructor gets them, and what is wrong with them."""

    async def settle() -> tuple[dict[str, Any], list[Problem]]:
        settling = Settled(components)
        inputs = components.definition(f"sluice:index:{component}").inputs
        return await settling.members(make(), inputs, ""), settling.problems

    return asyncio.run(settle())


def version_of(**members: Any) -> dict[str, Any]:
    return {"variants": {"blue": {"version": members}}}


def test_what_decides_becomes_plain(components: Components) -> None:
    """A label that is the known output of a version is a text to the constructor, however deep it is."""
    values, problems = settled(components, "ModelEndpoint", lambda: version_of(label=output("digits@1")))
    assert (values, problems) == (version_of(label="digits@1"), [])


def test_a_whole_map_may_be_an_output(components: Components) -> None:
    """Traffic that a program computed as one output is a map to the constructor."""
    values, problems = settled(components, "ModelEndpoint", lambda: {"traffic": output({"blue": 100})})
    assert (values, problems) == ({"traffic": {"blue": 100}}, [])


def test_what_passes_through_stays_an_output(components: Components) -> None:
    """The name of a model that is still to be made is given on as it is, known or not."""
    values, problems = settled(
        components,
        "ModelEndpoint",
        lambda: version_of(modelName=output(None, known=False)) | {"volumeKmsKeyArn": UNKNOWN},
    )
    assert problems == []
    assert isinstance(values["variants"]["blue"]["version"]["modelName"], pulumi.Output)
    assert isinstance(values["volumeKmsKeyArn"], pulumi.Output)


@pytest.mark.parametrize(
    ("make", "path", "reason"),
    [
        (lambda: version_of(label=output(None, known=False)), "variants.blue.version.label", "is not known yet"),
        (lambda: version_of(label=UNKNOWN), "variants.blue.version.label", "is not known yet"),
        (lambda: {"traffic": {"blue": output(9, secret=True)}}, "traffic.blue", "is a secret"),
        (lambda: {"deployment": {"maxSeconds": UNKNOWN}}, "deployment.maxSeconds", "is not known yet"),
    ],
    ids=["output", "bare", "secret", "nested"],
)
def test_what_decides_must_be_known_and_open(components: Components, make: Any, path: str, reason: str) -> None:
    """A value that decides what is made, and that a preview does not know or may not show, is refused by its path."""
    _, (problem,) = settled(components, "ModelEndpoint", make)
    assert problem.path == path
    assert problem.message.startswith(reason)


def test_lists_are_settled_item_by_item(components: Components) -> None:
    """Each version of a store is looked at, and the path says which one is wrong."""
    versions = [{"name": "a@1", "prefix": "a/"}, {"name": UNKNOWN, "prefix": "b/"}]
    values, (problem,) = settled(components, "CheckpointStore", lambda: {"versions": versions})
    assert values["versions"][0] == versions[0]
    assert problem.path == "versions[1].name"


def test_what_is_not_known_is_left_to_the_model(components: Components) -> None:
    """A misspelt input reaches the model, which says what was meant."""
    values, problems = settled(components, "ModelEndpoint", lambda: {"trafic": {"blue": 100}})
    assert (values, problems) == ({"trafic": {"blue": 100}}, [])


@pytest.mark.parametrize("token", ["sluice:index:Endpoint", "aws:index:ModelEndpoint", "sluice:other:ModelEndpoint"])
def test_another_component_is_refused(components: Components, token: str) -> None:
    """A component that the package lacks is refused with the names of those that it has."""
    with pytest.raises(InvalidInput, match="is no component of this package; it has: sluice:index:CheckpointStore, "):
        components.definition(token)


def test_a_refusal_is_its_message() -> None:
    """What Sluice raises on purpose is told as it is, also when the SDK has wrapped it."""
    refused = SluiceError("traffic sums to 50")
    wrapped = Exception("wrapped")
    wrapped.inner = refused  # type: ignore[attr-defined]
    assert _message(refused) == _message(wrapped) == "traffic sums to 50"


def test_a_defect_comes_with_its_traceback() -> None:
    """What nobody foresaw is told with where it happened, for whoever mends it."""
    try:
        raise KeyError("blue")
    except KeyError as error:
        told = _message(error)
    assert "defect of Sluice" in told
    assert "test_construction.py" in told


def test_the_plugin_tells_its_schema(stub: Any) -> None:
    """The engine gets the schema of the installed version."""
    schema = json.loads(stub.GetSchema(proto.GetSchemaRequest(version=0)).schema)
    assert schema.keys() >= SCHEMA_KEYS
    assert schema["version"] == version("pulumi-sluice")


def test_the_plugin_knows_one_version_of_schemas(stub: Any) -> None:
    """An engine that wants another kind of schema is told so."""
    with pytest.raises(grpc.RpcError, match="this Sluice knows version 0"):
        stub.GetSchema(proto.GetSchemaRequest(version=1))


def test_the_plugin_refuses_an_unknown_component(stub: Any) -> None:
    """A component that the package lacks is refused without a traceback."""
    with pytest.raises(grpc.RpcError) as raised:
        stub.Construct(proto.ConstructRequest(type="sluice:index:Endpoint", name="it"))
    assert raised.value.details().startswith("sluice:index:Endpoint: 1 problem\n  is no component of this package")
    assert "Traceback" not in raised.value.details()


def test_the_plugin_still_serves_custom_resources(stub: Any) -> None:
    """A custom resource is checked by the same plugin."""
    urn = "urn:pulumi:test::test::sluice:index:LiveEndpoint::it"
    failures = stub.Check(proto.CheckRequest(urn=urn)).failures
    assert {failure.property for failure in failures} >= {"name", "endpointConfigName", "weights"}
