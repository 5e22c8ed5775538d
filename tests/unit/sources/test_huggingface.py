"""What a reference to a repository of models means: Hugging Face's client, and a server of the calls that it makes."""

import gzip
import hashlib
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import pytest

from sluice.manifest.model import HuggingfaceModel
from sluice.manifest.pins import FilePin
from sluice.sources import Context, huggingface
from sluice.sources.errors import (
    CredentialRefused,
    DigestMismatch,
    NoSuchVersion,
    NotInstalled,
    SourceDown,
    SourceError,
    SourceSlow,
)
from sluice.sources.hashing import content_digest
from tests.unit.sources.hub_server import Hub, Repo, serving
from tests.unit.sources.servers import answering, down, hanging

SECRET = "hunter2-do-not-show"
OLD, NEW = "a" * 40, "b" * 40
FILES = {
    "config.json": b"{}",
    "README.md": b"# Digits",
    "model.safetensors": b"large",
    "tokenizer/vocab #1.txt": b"a b c",
    "tokenizer/empty.txt": b"",
}


def pins(files: dict[str, bytes]) -> list[FilePin]:
    """Returns files by their contents."""
    named = sorted(files.items())
    return [FilePin(name=it, digest=f"sha256:{hashlib.sha256(of).hexdigest()}", size=len(of)) for it, of in named]


@pytest.fixture(autouse=True)
def _a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setenv("HF_TOKEN", SECRET)


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A server with `ml/digits`: `main` is a commit after the one which is tagged v1."""
    with serving() as made:
        commits = {OLD: {**FILES, "model.safetensors": b"first"}, NEW: dict(FILES)}
        made.repos["ml/digits"] = Repo(commits, refs={"main": NEW, "feature/x": OLD}, tags={"v1": OLD})
        yield made


def asked(hub: Hub, revision: str = "main", repo: str = "ml/digits") -> HuggingfaceModel:
    """Returns a reference to a model of a server."""
    return HuggingfaceModel(repo=repo, revision=revision, endpoint=hub.uri)


def test_a_revision_is_its_files(hub: Hub, context: Context) -> None:
    """A branch means its commit, by the digests of the contents of all files, on whatever page they are listed."""
    pin = huggingface.resolve(asked(hub), context)
    assert pin.files == pins(FILES)
    assert pin.digest == content_digest(pins(FILES))
    assert (pin.source, pin.reference, pin.immutable) == ("huggingface", "ml/digits@main", NEW)
    assert pin.facts == {"endpoint": hub.uri, "revision": "main", "library": "transformers"}


def test_large_files_are_not_downloaded(hub: Hub, context: Context) -> None:
    """Only the files whose SHA-256 the server does not know are read."""
    huggingface.resolve(asked(hub), context)
    read = [path for path, _ in hub.asked if "/resolve/" in path]
    assert len(read) == len(FILES) - 1
    assert not [path for path in read if "safetensors" in path]


@pytest.mark.parametrize("revision", ["v1", "feature/x", OLD])
def test_branches_tags_and_commits_are_revisions(hub: Hub, context: Context, revision: str) -> None:
    """A tag, a branch with a slash and a commit all mean the commit that they point at, and the same content."""
    pin = huggingface.resolve(asked(hub, revision), context)
    assert pin.immutable == OLD
    assert pin.digest == content_digest(pins({**FILES, "model.safetensors": b"first"}))


def test_a_moved_branch_is_asked_for_by_its_commit(hub: Hub, context: Context) -> None:
    """What was locked by a branch stays what it was when the branch moves on."""
    pin = huggingface.resolve(asked(hub), context)
    hub.repos["ml/digits"].refs["main"] = OLD
    again = huggingface.pinned(asked(hub), pin)
    assert again == asked(hub, NEW)
    assert huggingface.resolve(again, context).digest == pin.digest
    assert huggingface.resolve(asked(hub), context).digest != pin.digest


def test_a_commit_that_is_gone_is_missed(hub: Hub, context: Context) -> None:
    """A commit that was locked and then squashed away is reported."""
    pin = huggingface.resolve(asked(hub, "v1"), context)
    del hub.repos["ml/digits"].commits[OLD]
    with pytest.raises(NoSuchVersion, match=f"has no revision {OLD} of ml/digits; there are: main"):
        huggingface.resolve(huggingface.pinned(asked(hub, "v1"), pin), context)


def test_what_is_served_is_what_git_has(hub: Hub, context: Context) -> None:
    """A file of which something else is served than the commit has is not locked."""
    hub.repos["ml/digits"].served["config.json"] = b"[]"
    with pytest.raises(DigestMismatch, match=r"config\.json of ml/digits@main is git:\w+, expected git:\w+"):
        huggingface.resolve(asked(hub), context)


def test_a_large_file_has_a_sha256(hub: Hub, context: Context) -> None:
    """A large file of which the server says something else than a SHA-256 is not locked."""
    hub.repos["ml/digits"].oids["model.safetensors"] = "d41d8cd98f00b204e9800998ecf8427e"
    with pytest.raises(SourceError, match="the answer is not of Hugging Face's API"):
        huggingface.resolve(asked(hub), context)


def test_compressed_answers_are_their_content(context: Context) -> None:
    """A file that the server compresses on its way has the digest of what it is."""
    with serving(lambda body: gzip.compress(body)) as hub:
        hub.repos["ml/digits"] = Repo({NEW: {"vocab.txt": b"a" * 100}}, refs={"main": NEW})
        assert huggingface.resolve(asked(hub), context).files == pins({"vocab.txt": b"a" * 100})


def test_a_repository_without_files_is_none(hub: Hub, context: Context) -> None:
    """A commit without a file is not locked."""
    hub.repos["ml/empty"] = Repo({NEW: {}}, refs={"main": NEW})
    with pytest.raises(NoSuchVersion, match="has no file in ml/empty@main"):
        huggingface.resolve(asked(hub, repo="ml/empty"), context)


def test_the_environment_names_the_server(hub: Hub, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an endpoint in the manifest, the environment's is asked."""
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.uri}/")
    assert huggingface.resolve(HuggingfaceModel(repo="ml/digits", revision="v1"), context).immutable == OLD


def test_the_token_is_sent_and_not_kept(hub: Hub, context: Context) -> None:
    """Every call has the environment's token; what is locked has not."""
    hub.token = SECRET
    pin = huggingface.resolve(asked(hub), context)
    assert {credential for _, credential in hub.asked} == {f"Bearer {SECRET}"}
    assert SECRET not in pin.model_dump_json()


def test_a_password_in_the_address_is_sent_and_not_kept(hub: Hub, context: Context) -> None:
    """A name and password in the endpoint go with every call, in place of the token; what is locked has not."""
    own = asked(hub).model_copy(update={"endpoint": hub.uri.replace("//", f"//alice:{SECRET}%21@")})
    pin = huggingface.resolve(own, context)
    assert {credential for _, credential in hub.asked} == {f"Basic {b64encode(f'alice:{SECRET}!'.encode()).decode()}"}
    assert SECRET not in pin.model_dump_json()


def test_progress_is_told(hub: Hub, context: Context) -> None:
    """Of each file that is read, the bytes read so far and in all are told."""
    told: list[tuple[str, int, int | None]] = []
    watching = Context(root=context.root, timeout=10, progress=lambda *it: told.append(it))
    huggingface.resolve(asked(hub), watching)
    assert ("ml/digits/README.md", 8, 8) in told


@pytest.mark.parametrize(
    ("repo", "revision", "message"),
    [
        ("ml/digits", "v9", "has no revision v9 of ml/digits; there are: main, feature/x, v1"),
        ("ml/letters", "main", r"has no model ml/letters$"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    hub: Hub, context: Context, repo: str, revision: str, message: str
) -> None:
    """A repository or a revision that does not exist is named, the latter with some that do."""
    with pytest.raises(NoSuchVersion, match=message):
        huggingface.resolve(asked(hub, revision, repo), context)


def test_terms_are_to_be_accepted(hub: Hub, context: Context) -> None:
    """Of files behind terms that were not accepted it says that they have to be."""
    hub.repos["ml/digits"].gated = True
    with pytest.raises(CredentialRefused, match="accept the terms of ml/digits there, and set HF_TOKEN"):
        huggingface.resolve(asked(hub), context)


def test_a_wrong_token_is_refused(hub: Hub, context: Context) -> None:
    """A token that the server does not know is refused, and not shown."""
    hub.token = "another"
    with pytest.raises(CredentialRefused, match="set HF_TOKEN to a token that may read ml/digits") as caught:
        huggingface.resolve(asked(hub), context)
    assert SECRET not in str(caught.value)


def test_several_are_asked_at_once(hub: Hub, context: Context) -> None:
    """Threads which ask for different revisions at the same time do not get in each other's way."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda it: huggingface.resolve(asked(hub, it), context), ["main", "v1"] * 8))
    assert [pin.immutable for pin in found] == [NEW, OLD] * 8


def _refusing(status: int) -> Callable[[], AbstractContextManager[str]]:
    return lambda: answering(status)


@pytest.mark.parametrize(
    ("server", "error", "message"),
    [
        (lambda: nullcontext(down()), SourceDown, r"does not answer \(no connection\)"),
        (hanging, SourceSlow, r"did not answer within 0\.5 s"),
        (_refusing(401), CredentialRefused, "refuses the credential; set HF_TOKEN to a token that may read ml/digits"),
        (_refusing(403), CredentialRefused, "refuses the credential; set HF_TOKEN to a token that may read ml/digits"),
        (_refusing(404), NoSuchVersion, "has no model ml/digits"),
        (_refusing(429), SourceError, r"refuses ml/digits@main \(HTTP status 429\)"),
        (_refusing(503), SourceDown, r"does not answer \(HTTP status 503\)"),
        (_refusing(200), SourceError, "the answer is not of Hugging Face's API"),
        (lambda: answering(200, b"<html>", "text/html"), SourceError, "the answer is not of Hugging Face's API"),
    ],
    ids=["down", "hanging", "401", "403", "404", "429", "503", "not the API", "a page"],
)
def test_each_failure_says_what_it_is_and_no_secret(
    server: Callable[[], AbstractContextManager[str]],
    error: type[SourceError],
    message: str,
    hasty: Context,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each way of failing has a message of its own; no credential is in it, nor logged or printed."""
    caplog.set_level("DEBUG")
    with server() as uri:
        endpoint = uri.replace("//", f"//alice:{SECRET}@")
        with pytest.raises(error, match=message) as caught:
            huggingface.resolve(HuggingfaceModel(repo="ml/digits", revision="main", endpoint=endpoint), hasty)
    assert type(caught.value) is error
    assert uri in str(caught.value)
    assert SECRET not in str(caught.value) + caplog.text + "".join(capfd.readouterr())


def test_a_file_that_hangs_is_slow(hub: Hub, hasty: Context) -> None:
    """A server which answers, but does not give a file, is given up after the timeout."""
    with hub.stuck("config.json"), pytest.raises(SourceSlow, match=r"did not answer within 0\.5 s"):
        huggingface.resolve(asked(hub), hasty)


@pytest.mark.parametrize("uri", [f"alice:{SECRET}@hub:8080", "file:///models", "http://[", "http://hub:99999"])
def test_only_servers_are_asked(uri: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else than the address of a server is refused, and not repeated."""
    monkeypatch.setenv("HF_ENDPOINT", uri)
    with pytest.raises(SourceError, match="set endpoint or HF_ENDPOINT to an http:// or") as caught:
        huggingface.resolve(HuggingfaceModel(repo="ml/digits", revision="main"), context)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("repo", ["a/b/c", "../x", "a b"])
def test_only_repositories_are_asked_for(hub: Hub, context: Context, repo: str) -> None:
    """A name that no repository can have is refused before anything is asked."""
    with pytest.raises(SourceError, match="is no repository; write owner/name"):
        huggingface.resolve(asked(hub, repo=repo), context)
    assert hub.asked == []


def test_offline_it_says_so(hub: Hub, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the client told to be offline, nothing is asked, and it says why."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(SourceError, match="HF_HUB_OFFLINE is set"):
        huggingface.resolve(asked(hub), context)
    assert hub.asked == []


def test_without_the_client_it_says_what_to_install(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client is not installed, the extra is named."""
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(NotInstalled, match=r"pulumi-sluice\[huggingface\]"):
        huggingface.resolve(HuggingfaceModel(repo="ml/digits", revision="main"), context)
