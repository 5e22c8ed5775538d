"""
What a reference to Weights & Biases means: its own client, and a server that replays the other side of the exchange.

The exchange is written after the queries of the client (wandb 0.31) and what it reads of the answers, because no
server of Weights & Biases can be installed here. The real service was not asked.
"""

import socket
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import pytest

from sluice.manifest.canonical import digest_of_files
from sluice.manifest.model import WandbModel
from sluice.manifest.pins import FilePin
from sluice.sources import Context, wandb
from sluice.sources.errors import (
    CredentialRefused,
    DigestMismatch,
    NoSuchVersion,
    NotInstalled,
    NotPinned,
    SourceDown,
    SourceError,
    SourceSlow,
)
from tests.unit.sources.servers import answering, down, hanging
from tests.unit.sources.wandb_exchange import KEY, Exchange, Version, digest_of, entry, md5, replaying

MODEL = "ml/digits/model"


def asked(version: str, name: str = MODEL) -> WandbModel:
    """Returns a reference to a version or alias."""
    return WandbModel(artifact=f"{name}:{version}")


@pytest.fixture(autouse=True)
def _a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", KEY)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """A server with two versions of a model, the second of which is `prod`."""
    with replaying() as made:
        first = {"config.json": entry(b"{}"), "data/weights.bin": entry(b"1")}
        second = {**first, "data/weights.bin": entry(b"2")}
        made.collections[MODEL] = [Version(first), Version(second, ["latest", "prod"])]
        monkeypatch.setenv("WANDB_BASE_URL", made.uri)
        yield made


def test_a_version_is_its_manifest(exchange: Exchange, context: Context) -> None:
    """A version means the files of its manifest, by their checksums and sizes; what is locked has no credential."""
    pin = wandb.resolve(asked("v1"), context)
    weights = f"md5:{b64decode(md5(b'2')).hex()}"
    assert pin.files == [
        FilePin(name="config.json", digest="md5:99914b932bd37a50b983c5e7c90ae93b", size=2),
        FilePin(name="data/weights.bin", digest=weights, size=1),
    ]
    assert pin.digest == digest_of_files({file.name: file.digest for file in pin.files})
    assert (pin.source, pin.reference, pin.immutable) == ("wandb", f"{MODEL}:v1", f"{MODEL}:v1")
    assert pin.facts == {
        "version": "v1",
        "artifact_digest": digest_of(exchange.collections[MODEL][1].entries),
        "type": "model",
        "created_at": "2026-01-02T03:04:05Z",
    }
    assert KEY not in pin.model_dump_json()


def test_an_alias_is_locked_to_its_version(exchange: Exchange, context: Context) -> None:
    """What was locked by an alias is asked for by its version, and is the same when the alias has moved on."""
    pin = wandb.resolve(asked("prod"), context)
    assert (pin.reference, pin.immutable) == (f"{MODEL}:prod", f"{MODEL}:v1")
    versions = exchange.collections[MODEL]
    versions[0].aliases, versions[1].aliases = ["prod"], []
    again = wandb.pinned(asked("prod"), pin)
    assert again == asked("v1")
    assert wandb.resolve(again, context).digest == pin.digest


def test_files_elsewhere_have_the_checksum_of_there(exchange: Exchange, context: Context) -> None:
    """A file that is kept elsewhere has the checksum of that place; one with a newer checksum has that one's kind."""
    elsewhere = {"ref": "s3://models/weights.bin", "digest": "0123-2", "size": 1}
    newer = {**entry(b"1"), "extra": {"alg": "XXH128"}}
    exchange.collections["ml/digits/mixed"] = [Version({"a.bin": elsewhere, "b.bin": newer})]
    files = wandb.resolve(asked("v0", "ml/digits/mixed"), context).files
    assert [file.digest for file in files] == ["reference:0123-2", f"xxh128:{b64decode(md5(b'1')).hex()}"]


def test_files_without_a_checksum_are_not_pinned(exchange: Exchange, context: Context) -> None:
    """A file elsewhere of which the manifest has nothing but the address can change, and is refused."""
    uri = "s3://models/weights.bin"
    exchange.collections["ml/digits/loose"] = [Version({"weights.bin": {"ref": uri, "digest": uri}})]
    with pytest.raises(NotPinned, match=r"weights\.bin of ml/digits/loose:v0 is kept elsewhere, without a checksum"):
        wandb.resolve(asked("v0", "ml/digits/loose"), context)


def test_a_link_says_where_it_comes_from(exchange: Exchange, context: Context) -> None:
    """A version that is linked from another project is the link's version, and names its source; one file will do."""
    exchange.collections["ml/registry/model"] = [Version({"a": entry(b"1")}, source=MODEL)]
    pin = wandb.resolve(asked("v0", "ml/registry/model"), context)
    assert pin.immutable == "ml/registry/model:v0"
    assert pin.facts["linked_from"] == f"{MODEL}:v0"
    assert pin.digest == digest_of_files({"a": f"md5:{b64decode(md5(b'1')).hex()}"})


def test_a_manifest_that_was_changed_shows(exchange: Exchange, context: Context) -> None:
    """A manifest that has not the checksum which the service has of it is refused."""
    exchange.collections[MODEL][0].digest = "0" * 32
    with pytest.raises(DigestMismatch, match=f"the manifest of {MODEL}:v0 is [0-9a-f]+, expected 0+;"):
        wandb.resolve(asked("v0"), context)


def test_a_deleted_version_is_missed(exchange: Exchange, context: Context) -> None:
    """A version that was deleted after it was locked is reported."""
    exchange.collections[MODEL][0].state = "DELETED"
    with pytest.raises(NoSuchVersion, match=f"has no artifact {MODEL}:v0; there are: v1, latest, prod"):
        wandb.resolve(asked("v0"), context)


def test_answers_that_cannot_be_read_are_not_a_missing_version(exchange: Exchange, context: Context) -> None:
    """An answer with something that the client does not know is no proof that there is no such version."""
    exchange.collections[MODEL][0].state = "SOMETHING NEW"
    with pytest.raises(SourceError, match="not what its API would say: ValidationError") as caught:
        wandb.resolve(asked("v0"), context)
    assert type(caught.value) is SourceError


def test_a_version_without_files_is_none(exchange: Exchange, context: Context) -> None:
    """A version with an empty manifest is not locked."""
    exchange.collections["ml/digits/empty"] = [Version({})]
    with pytest.raises(NoSuchVersion, match="has no file in ml/digits/empty:v0"):
        wandb.resolve(asked("v0", "ml/digits/empty"), context)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (f"{MODEL}:v9", f"has no artifact {MODEL}:v9; there are: v1, latest, prod"),
        ("ml/digits/other:prod", "has no artifact ml/digits/other:prod$"),
        ("ml/letters/model:v0", "has no artifact ml/letters/model:v0$"),
    ],
    ids=["version", "artifact", "project"],
)
def test_what_is_not_there_is_told_with_what_is(exchange: Exchange, context: Context, name: str, message: str) -> None:
    """A version, an artifact or a project that does not exist is named, the first with some that do."""
    with pytest.raises(NoSuchVersion, match=message):
        wandb.resolve(WandbModel(artifact=name), context)


@pytest.mark.parametrize("name", ["model:v3", "digits/model:v3", MODEL, f"{MODEL}:", f"{MODEL}:v3/x"])
def test_only_versions_are_asked_for(exchange: Exchange, context: Context, name: str) -> None:
    """A name without its entity, project, or version would mean what the environment says, and is refused."""
    with pytest.raises(SourceError, match="names no version; write entity/project/name:v3"):
        wandb.resolve(WandbModel(artifact=name), context)
    assert exchange.asked == []


def test_nothing_is_left_nor_printed_nor_reported(
    exchange: Exchange, context: Context, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The client writes nothing to the project or to the home folder, prints nothing, and calls nobody else."""
    (context.root / "wandb.py").write_text("raise SystemExit(7)")
    (context.root / "home").mkdir()
    monkeypatch.chdir(context.root)
    monkeypatch.setenv("HOME", str(context.root / "home"))
    with socket.create_server(("127.0.0.1", 0)) as others:
        others.setblocking(False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{others.getsockname()[1]}")
        wandb.resolve(asked("v0"), context)
        with pytest.raises(BlockingIOError):
            others.accept()
    assert sorted(path.name for path in context.root.rglob("*")) == ["home", "wandb.py"]
    assert "".join(capfd.readouterr()) == ""


def test_several_are_asked_at_once(exchange: Exchange, context: Context) -> None:
    """Threads which ask for different versions at the same time do not get in each other's way."""
    with ThreadPoolExecutor(2) as pool:
        pins = list(pool.map(lambda it: wandb.resolve(asked(it), context), ["v0", "prod"]))
    assert [pin.immutable for pin in pins] == [f"{MODEL}:v0", f"{MODEL}:v1"]


def test_a_key_without_an_account_is_refused(exchange: Exchange, context: Context) -> None:
    """A key for which the service knows nobody is refused, and not shown."""
    exchange.known = False
    with pytest.raises(CredentialRefused, match=f"set WANDB_API_KEY to the key of one who may read {MODEL}:v0") as it:
        wandb.resolve(asked("v0"), context)
    assert KEY not in str(it.value)


@pytest.mark.parametrize("key", ["", "too-short-to-show"])
def test_without_a_key_it_does_not_ask_for_one(
    exchange: Exchange, context: Context, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Without a key, or with what is none, it says what to set, and waits for nobody to type one."""
    monkeypatch.setenv("HOME", str(context.root))
    monkeypatch.setenv("WANDB_API_KEY", key)
    with pytest.raises(CredentialRefused, match="there is none that could be one: set WANDB_API_KEY") as caught:
        wandb.resolve(asked("v0"), context)
    assert not key or key not in str(caught.value)
    assert exchange.asked == []


def test_a_question_without_an_answer_is_slow(exchange: Exchange, hasty: Context) -> None:
    """A service which takes the key and then says no more is given up after the timeout."""
    exchange.hangs_at = "ArtifactMembershipByName"
    with pytest.raises(SourceSlow, match=r"did not answer within 0\.5 s"):
        wandb.resolve(asked("v0"), hasty)


@pytest.mark.timeout(30)
def test_a_service_that_is_down_is_not_waited_for(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the timeout, a service that refuses the connection is told of after a second attempt."""
    monkeypatch.setenv("WANDB_BASE_URL", down())
    with pytest.raises(SourceDown, match="no connection"):
        wandb.resolve(asked("v0"), Context(root=context.root, timeout=600))


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (403, SourceError, "HTTP status 403 of where its manifest is kept"),
        (503, SourceSlow, "did not answer within 1 s"),
    ],
)
def test_a_manifest_that_cannot_be_fetched_is_told(
    exchange: Exchange, context: Context, status: int, error: type[SourceError], message: str
) -> None:
    """A manifest that its store refuses is told of; one that its store cannot give is not waited for any longer."""
    exchange.manifest_status = status
    with pytest.raises(error, match=message) as caught:
        wandb.resolve(asked("v0"), Context(root=context.root, timeout=1.0))
    assert type(caught.value) is error


def _refusing(status: int) -> Callable[[], AbstractContextManager[str]]:
    return lambda: answering(status)


@pytest.mark.parametrize(
    ("server", "error", "message"),
    [
        (lambda: nullcontext(down()), SourceDown, r"does not answer \(no connection\)"),
        (hanging, SourceSlow, r"did not answer within 0\.5 s"),
        (_refusing(401), CredentialRefused, "refuses the credential; set WANDB_API_KEY to the key of one who may read"),
        (_refusing(403), CredentialRefused, "refuses the credential; set WANDB_API_KEY to the key of one who may read"),
        (_refusing(404), SourceError, r"cannot be resolved \(HTTP status 404\)"),
        (_refusing(503), SourceDown, r"does not answer \(HTTP status 503\)"),
        (lambda: answering(200, b"<html>", "text/html"), SourceError, "not what its API would say"),
    ],
    ids=["down", "hanging", "401", "403", "404", "503", "a page"],
)
def test_each_failure_says_what_it_is_and_no_secret(
    server: Callable[[], AbstractContextManager[str]],
    error: type[SourceError],
    message: str,
    hasty: Context,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each way of failing has a message of its own; no credential is in it, nor logged or printed."""
    with server() as uri:
        monkeypatch.setenv("WANDB_BASE_URL", uri.replace("//", f"//alice:{KEY}@"))
        with pytest.raises(error, match=message) as caught:
            wandb.resolve(asked("v0"), hasty)
    assert type(caught.value) is error
    assert uri in str(caught.value)
    assert KEY not in str(caught.value) + caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("uri", [f"alice:{KEY}@wandb:8080", "file:///wandb", "http://[", "http://wandb:99999"])
def test_only_servers_are_asked(uri: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else than the address of a server is refused, and not repeated."""
    monkeypatch.setenv("WANDB_BASE_URL", uri)
    with pytest.raises(SourceError, match="set WANDB_BASE_URL to an http:// or https:// address") as caught:
        wandb.resolve(asked("v0"), context)
    assert KEY not in str(caught.value)


def test_without_the_client_it_says_what_to_install(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client is not installed, the extra is named."""
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(NotInstalled, match=r"pulumi-sluice\[wandb\]"):
        wandb.resolve(asked("v0"), context)
