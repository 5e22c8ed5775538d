"""A provider over gRPC, on a real channel."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2

from sluice.provider import wire
from sluice.provider.protocol import DiffRequest, ResourceInitFailed, UpdateRequest
from tests.support.serving import served
from tests.unit.provider.values import URN, properties, spelled

Values = dict[str, PropertyValue]


class Recorder(sdk.Provider):
    """Remembers what it was asked, and answers, or raises, what the test has put there."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer: Any = None

    async def _tell(self, request: Any) -> Any:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        answer: sdk.CheckResponse = await self._tell(request)
        return answer

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        answer: sdk.ConfigureResponse = await self._tell(request)
        return answer

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        answer: sdk.DiffResponse = await self._tell(request)
        return answer

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        answer: sdk.CreateResponse = await self._tell(request)
        return answer

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        answer: sdk.ReadResponse = await self._tell(request)
        return answer

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        answer: sdk.UpdateResponse = await self._tell(request)
        return answer

    async def delete(self, request: sdk.DeleteRequest) -> None:
        await self._tell(request)

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        answer: sdk.InvokeResponse = await self._tell(request)
        return answer


class Served:
    """The recorder at the other end of a channel."""

    def __init__(self, stub: Any) -> None:
        self.stub, self.provider = stub, Recorder()

    def answers(self, answer: Any) -> None:
        self.provider.asked, self.provider.answer = [], answer

    @property
    def asked(self) -> Any:
        (request,) = self.provider.asked
        return request


@pytest.fixture(scope="module")
def connection() -> Iterator[Served]:
    wired = Served(None)
    with served(wired.provider) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        wired.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        yield wired


def values(**plain: Any) -> Values:
    return wire.to_properties(plain)


def struct(**plain: Any) -> Any:
    return wire.to_struct(plain)


def refused(call: Any, request: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as error:
        call(request)
    return error.value


def test_a_provider_that_runs_already_can_be_attached_to(connection: Served) -> None:
    """The engine says where it is and gets an answer; the SDK's own servicer has none."""
    connection.stub.Attach(proto.PluginAttach(address="127.0.0.1:1"))


def test_a_provider_is_configured_with_its_settings(connection: Served) -> None:
    """Settings arrive with their secrets, and what the provider accepts is told."""
    connection.answers(sdk.ConfigureResponse(accept_secrets=True, supports_preview=True))
    hidden = {wire.SIGNATURE: wire.SECRET, "value": "x"}
    request = proto.ConfigureRequest(args=struct(region="eu-west-1", key=hidden), acceptSecrets=True)
    answer = connection.stub.Configure(request)
    assert (answer.acceptSecrets, answer.supportsPreview) == (True, True)
    assert connection.asked.args == values(region="eu-west-1", key=hidden)


def test_a_check_tells_its_failures_by_property(connection: Served) -> None:
    """The engine can say which input of which resource is wrong."""
    connection.answers(sdk.CheckResponse(inputs=values(size=1.0), failures=[sdk.CheckFailure("size", "is odd")]))
    answer = connection.stub.Check(proto.CheckRequest(urn=URN, news=struct(size=1), randomSeed=b"seed"))
    assert wire.from_struct(answer.inputs) == {"size": 1}
    assert [(failure.property, failure.reason) for failure in answer.failures] == [("size", "is odd")]
    assert connection.asked.random_seed == b"seed"


def test_a_diff_knows_the_old_inputs(connection: Served) -> None:
    """State and inputs of the last deployment both arrive, each as what it is."""
    connection.answers(sdk.DiffResponse(changes=False))
    connection.stub.Diff(
        proto.DiffRequest(
            id="a-1",
            urn=URN,
            olds=struct(size=1, out="x"),
            news=struct(size=2),
            old_inputs=struct(size=1),
            ignoreChanges=["size"],
        )
    )
    asked = connection.asked
    assert isinstance(asked, DiffRequest)
    assert (asked.urn, asked.resource_id, asked.ignore_changes) == (URN, "a-1", ["size"])
    assert asked.old_state == values(size=1.0, out="x")
    assert (asked.old_inputs, asked.new_inputs) == (values(size=1.0), values(size=2.0))


@pytest.mark.parametrize("kind", sdk.PropertyDiffKind)
def test_a_diff_is_told_property_by_property(connection: Served, kind: sdk.PropertyDiffKind) -> None:
    """Each property's kind of change arrives, and so do replacement and its order."""
    connection.answers(
        sdk.DiffResponse(
            changes=True,
            replaces=["a"],
            diffs=["a"],
            stables=["arn"],
            delete_before_replace=True,
            detailed_diff={"a[0].b": sdk.PropertyDiff(kind, input_diff=True)},
        )
    )
    answer = connection.stub.Diff(proto.DiffRequest(id="a-1", urn=URN))
    assert answer.changes == proto.DiffResponse.DIFF_SOME
    assert (list(answer.replaces), list(answer.diffs), list(answer.stables)) == (["a"], ["a"], ["arn"])
    assert answer.deleteBeforeReplace
    assert answer.hasDetailedDiff
    assert answer.detailedDiff["a[0].b"].inputDiff
    assert proto.PropertyDiff.Kind.Name(answer.detailedDiff["a[0].b"].kind) == kind.name


@pytest.mark.parametrize(("changes", "verdict"), [(None, "DIFF_UNKNOWN"), (False, "DIFF_NONE"), (True, "DIFF_SOME")])
def test_no_change_is_not_the_same_as_no_verdict(connection: Served, changes: bool | None, verdict: str) -> None:
    """A provider that does not know lets the engine decide."""
    connection.answers(sdk.DiffResponse(changes=changes))
    answer = connection.stub.Diff(proto.DiffRequest(id="a-1", urn=URN))
    assert proto.DiffResponse.DiffChanges.Name(answer.changes) == verdict
    assert not answer.hasDetailedDiff


@settings(max_examples=50)
@given(inputs=properties, outputs=properties)
def test_a_resource_is_created_with_nothing_lost(connection: Served, inputs: Values, outputs: Values) -> None:
    """Any inputs reach the provider, and any outputs, unknown ones of a preview included, the engine."""
    connection.answers(sdk.CreateResponse("a-1", outputs))
    request = proto.CreateRequest(urn=URN, properties=wire.sent(inputs), timeout=5, preview=True)
    answer = connection.stub.Create(request)
    assert answer.id == "a-1"
    assert spelled(wire.received(answer.properties)) == spelled(outputs)
    assert spelled(connection.asked.properties) == spelled(inputs)
    assert (connection.asked.timeout, connection.asked.preview) == (5, True)


def test_an_update_knows_the_old_inputs(connection: Served) -> None:
    """What was there, what was asked for before, and what is asked for now arrive apart."""
    connection.answers(sdk.UpdateResponse(values(size=2.0)))
    answer = connection.stub.Update(
        proto.UpdateRequest(
            id="a-1", urn=URN, olds=struct(out="x"), news=struct(size=2), old_inputs=struct(size=1), preview=False
        )
    )
    asked = connection.asked
    assert isinstance(asked, UpdateRequest)
    assert (asked.olds, asked.news, asked.old_inputs) == (values(out="x"), values(size=2.0), values(size=1.0))
    assert wire.from_struct(answer.properties) == {"size": 2}


def test_a_resource_that_is_gone_reads_as_nothing(connection: Served) -> None:
    """Without an id the engine takes it for deleted."""
    connection.answers(sdk.ReadResponse())
    answer = connection.stub.Read(proto.ReadRequest(id="a-1", urn=URN))
    assert (answer.id, answer.HasField("inputs")) == ("", False)


def test_a_resource_is_read_with_state_and_inputs(connection: Served) -> None:
    """Both go there and come back."""
    connection.answers(sdk.ReadResponse("a-1", values(size=1.0, out="x"), values(size=1.0)))
    answer = connection.stub.Read(
        proto.ReadRequest(id="a-1", urn=URN, properties=struct(size=3), inputs=struct(size=2))
    )
    assert (connection.asked.properties, connection.asked.inputs) == (values(size=3.0), values(size=2.0))
    assert wire.from_struct(answer.properties) == {"size": 1, "out": "x"}
    assert wire.from_struct(answer.inputs) == {"size": 1}


def test_a_resource_is_deleted_with_its_state_at_hand(connection: Served) -> None:
    """The provider is told which, and what was known of it."""
    connection.answers(None)
    connection.stub.Delete(proto.DeleteRequest(id="a-1", urn=URN, properties=struct(size=1), timeout=7))
    asked = connection.asked
    assert (asked.resource_id, asked.properties, asked.timeout) == ("a-1", values(size=1.0), 7)


def test_a_function_answers_or_says_what_is_wrong_with_its_arguments(connection: Served) -> None:
    """Failures are told by argument."""
    connection.answers(sdk.InvokeResponse(values(a="b"), [sdk.CheckFailure("key", "is bad")]))
    answer = connection.stub.Invoke(proto.InvokeRequest(tok="cloud:index:get", args=struct(key=1)))
    assert wire.from_struct(getattr(answer, "return")) == {"a": "b"}
    assert [(failure.property, failure.reason) for failure in answer.failures] == [("key", "is bad")]
    assert (connection.asked.tok, connection.asked.args) == ("cloud:index:get", values(key=1.0))


@pytest.mark.parametrize("method", ["Create", "Update"])
def test_a_resource_that_did_not_become_ready_is_not_lost(connection: Served, method: str) -> None:
    """The error carries its id, its properties and the reasons, as the engine looks for them."""
    connection.answers(ResourceInitFailed("a-1", values(size=1.0), ["too warm", "too wet"]))
    error: Any = refused(getattr(connection.stub, method), getattr(proto, f"{method}Request")(urn=URN))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "too warm; too wet")
    rich = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    (packed,) = rich.details
    detail = proto.ErrorResourceInitFailed()
    assert packed.Unpack(detail)
    assert (detail.id, wire.from_struct(detail.properties)) == ("a-1", {"size": 1})
    assert list(detail.reasons) == ["too warm", "too wet"]


@pytest.mark.parametrize(
    ("raised", "message"), [(RuntimeError("the cloud says no"), "the cloud says no"), (KeyError(), "KeyError")]
)
def test_an_error_is_its_message_alone(connection: Served, raised: Exception, message: str) -> None:
    """No traceback reaches the user; an error without words is at least named."""
    connection.answers(raised)
    error: Any = refused(connection.stub.Delete, proto.DeleteRequest(id="a-1", urn=URN))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, message)


def test_what_a_provider_cannot_do_is_unimplemented(connection: Served) -> None:
    """The engine tells that apart from a failure."""
    connection.answers(NotImplementedError("no reading here"))
    error: Any = refused(connection.stub.Read, proto.ReadRequest(id="a-1", urn=URN))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNIMPLEMENTED, "no reading here")


def test_values_of_a_newer_engine_are_refused_in_words(connection: Served) -> None:
    """A request that cannot be understood is an error of its own, and the provider never sees it."""
    connection.answers(None)
    request = proto.CreateRequest(urn=URN, properties=struct(a={wire.SIGNATURE: "new"}))
    error: Any = refused(connection.stub.Create, request)
    assert "unknown signature 'new'" in error.details()
    assert connection.provider.asked == []
