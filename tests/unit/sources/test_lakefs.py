"""Commits of lakeFS: the real client, against the part of its API that `lakefs_server` has."""

from collections.abc import Iterator

import pytest

from sluice.manifest.data import LakefsData
from sluice.manifest.pins import Pin
from sluice.sources import Context, lakefs
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow
from tests.unit.sources.lakefs_server import KEY, SECRET, Lake, serving
from tests.unit.sources.servers import answering, down, hanging


@pytest.fixture(autouse=True)
def _credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKECTL_CREDENTIALS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("LAKECTL_SERVER_ENDPOINT_URL", raising=False)


@pytest.fixture
def lake() -> Lake:
    """A repository `images` with one commit on `main`."""
    made = Lake()
    made.commit("images", "c1", "m1", message="first\n\nin detail")
    return made


@pytest.fixture
def server(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(lake) as address:
        monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", address)
        yield address


def resolved(context: Context, ref: str = "main", repo: str = "images", endpoint: str | None = None) -> Pin:
    return lakefs.resolve(LakefsData(repo=repo, ref=ref, endpoint=endpoint), context)


def test_a_branch_is_locked_to_its_commit(server: str, lake: Lake, context: Context) -> None:
    """What is committed later does not move what was locked."""
    pin = resolved(context)
    assert pin.immutable == "images@c1"
    assert pin.facts == {"commit": "c1", "ref": "main", "message": "first", "committer": "ml"}
    lake.commit("images", "c2", "m2")
    assert resolved(context).immutable == "images@c2"
    pinned = lakefs.pinned(LakefsData(repo="images", ref="main"), pin)
    assert lakefs.resolve(pinned, context).digest == pin.digest


def test_the_same_content_has_the_same_digest(server: str, lake: Lake, context: Context) -> None:
    """A commit's message and time are no content, nor is the repository's name."""
    lake.commit("copy", "c9", "m1", message="copied")
    lake.commit("images", "c2", "m2", branch="next")
    assert resolved(context, repo="copy").digest == resolved(context).digest
    assert resolved(context, "next").digest != resolved(context).digest


@pytest.mark.parametrize(("repo", "ref"), [("images", "v9"), ("sounds", "main")])
def test_what_is_not_there_is_named(server: str, context: Context, repo: str, ref: str) -> None:
    """The ref and the repository."""
    with pytest.raises(NoSuchVersion, match=f"has no ref {ref} of a repository {repo}"):
        resolved(context, ref, repo)


def test_a_server_must_be_said(context: Context) -> None:
    """By the manifest or the environment."""
    with pytest.raises(SourceError, match="set endpoint or LAKECTL_SERVER_ENDPOINT_URL"):
        resolved(context)


def test_a_missing_credential_is_told_at_once(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialRefused, match="there is none: set LAKECTL_CREDENTIALS_ACCESS_KEY_ID and"):
        resolved(context, endpoint=down())


def test_a_refused_credential_is_not_told(server: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when the server repeats it."""
    monkeypatch.setenv("LAKECTL_CREDENTIALS_ACCESS_KEY_ID", "nobody")
    with pytest.raises(CredentialRefused, match="set LAKECTL_CREDENTIALS_ACCESS_KEY_ID") as error:
        resolved(context)
    assert SECRET not in str(error.value)


def test_a_server_that_is_down_says_so(context: Context) -> None:
    """Without what is secret in its address."""
    place = down().replace("http://", f"http://user:{SECRET}@")
    with pytest.raises(SourceDown, match="lakeFS at http://127") as error:
        resolved(context, endpoint=place)
    assert SECRET not in str(error.value)


def test_a_server_that_fails_says_so(context: Context) -> None:
    with answering(500) as address, pytest.raises(SourceDown, match="HTTP status 500"):
        resolved(context, endpoint=address)


def test_a_server_that_hangs_is_given_up(hasty: Context) -> None:
    with hanging() as address, pytest.raises(SourceSlow, match=r"did not answer within 0\.5 s"):
        resolved(hasty, endpoint=address)


def test_the_client_may_be_the_first_to_give_up(hasty: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own patience is as long as ours, so that either may end first; the message is the same."""
    monkeypatch.setattr(lakefs, "within", lambda seconds, source, where, ask: ask())
    with hanging() as address, pytest.raises(SourceSlow, match=r"did not answer within 0\.5 s"):
        resolved(hasty, endpoint=address)


def test_without_the_client_it_says_how_to_have_it(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakefs, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match=r"pip install 'pulumi-sluice\[lakefs\]'"):
        resolved(context)
