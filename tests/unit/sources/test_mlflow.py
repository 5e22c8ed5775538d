"""What a reference to MLflow means, asked of MLflow's own server."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from sluice.manifest.model import MlflowModel
from sluice.manifest.pins import Pin
from sluice.sources import Context, mlflow
from sluice.sources.errors import (
    CredentialRefused,
    NoSuchVersion,
    NotInstalled,
    SourceDown,
    SourceError,
    SourceSlow,
)
from sluice.sources.hashing import content_digest, hash_folder
from tests.unit.sources.mlflow_server import Registry, serving, slowly
from tests.unit.sources.servers import answering, down, hanging

SECRET = "hunter2-do-not-show"
MEGABYTE = 1 << 20


def digest_of(folder: Path) -> str:
    """Returns the digest of all files of a folder together."""
    return content_digest(hash_folder(folder, lambda *_: None))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A server with three versions of `digits`, the second of which is its champion."""
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch, serving(folder) as uri:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        made = Registry(uri, folder)
        for version in ("1", "2", "3"):
            made.register("digits", {"MLmodel": b"flavors: {}", "data/weights.bin": version.encode()})
        made.client.set_registered_model_alias("digits", "champion", "2")
        yield made


def test_a_version_is_its_files(registry: Registry, context: Context) -> None:
    """A version means the files that were logged for it, by their digests and sizes."""
    pin = mlflow.resolve(registry.asked("digits", version="3"), context)
    run = pin.facts["run"]
    expected = hash_folder(registry.stored(run), lambda *_: None)
    assert [file.name for file in pin.files] == ["MLmodel", "data/weights.bin"]
    assert pin.files == expected
    assert pin.digest == content_digest(expected)
    assert (pin.source, pin.reference, pin.immutable) == ("mlflow", "digits/3", "digits/3")
    assert pin.facts == {
        "version": "3",
        "run": run,
        "artifact_uri": f"mlflow-artifacts:/0/{run}/artifacts/model",
    }


def test_an_alias_is_locked_to_its_version(registry: Registry, context: Context) -> None:
    """What was locked by an alias is asked for by its version, and is the same."""
    asked = registry.asked("digits", alias="champion")
    pin = mlflow.resolve(asked, context)
    assert (pin.reference, pin.immutable, pin.facts["alias"]) == ("digits@champion", "digits/2", "champion")
    again = mlflow.pinned(asked, pin)
    assert again == registry.asked("digits", version="2")
    assert mlflow.resolve(again, context).digest == pin.digest


def test_the_environment_names_the_server(
    registry: Registry, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a tracking URI in the manifest, the environment's is asked; its credential is not in what is locked."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.uri.replace("//", f"//alice:{SECRET}@"))
    pin = mlflow.resolve(MlflowModel(model="digits", version="1"), context)
    assert pin.immutable == "digits/1"
    assert SECRET not in pin.model_dump_json()


def test_the_manifest_goes_before_the_environment(
    registry: Registry, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest's server is asked for the model and for its files, whatever the environment says."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", down())
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", down())
    assert mlflow.resolve(registry.asked("digits", version="1"), context).immutable == "digits/1"


def test_changed_files_show(registry: Registry, context: Context) -> None:
    """A file which is changed in the store after locking makes another digest."""
    run = registry.register("tampered", {"MLmodel": b"same", "weights.bin": b"before"})
    before = digest_of(registry.stored(run))
    (registry.stored(run) / "weights.bin").write_bytes(b"after")
    pin = mlflow.resolve(registry.asked("tampered", version="1"), context)
    assert pin.digest == digest_of(registry.stored(run))
    assert pin.digest != before


def test_lost_files_are_missed(registry: Registry, context: Context) -> None:
    """A version whose files were removed from the store cannot be fetched, and it says from where."""
    run = registry.register("emptied", {"weights.bin": b"here"})
    shutil.rmtree(registry.stored(run))
    message = rf"cannot be fetched from mlflow-artifacts:/0/{run}/artifacts/model \(404 Client Error\); are they still"
    with pytest.raises(SourceError, match=message):
        mlflow.resolve(registry.asked("emptied", version="1"), context)


def test_a_version_without_files_is_none(context: Context) -> None:
    """A version which the registry has, but no file of it, is not locked."""
    empty = context.root / "empty"
    empty.mkdir()
    found = {"model_version": {"name": "digits", "version": "1"}, "artifact_uri": str(empty)}
    with (
        answering(200, json.dumps(found).encode()) as uri,
        pytest.raises(NoSuchVersion, match=r"has no file of digits/1 at .*/empty"),
    ):
        mlflow.resolve(MlflowModel(model="digits", version="1", tracking_uri=uri), context)


def test_a_deleted_version_is_missed(registry: Registry, context: Context) -> None:
    """A version that was locked by its alias and then deleted from the registry is reported."""
    registry.register("deleted", {"weights.bin": b"here"})
    locked = Pin(
        source="mlflow",
        reference="deleted@champion",
        immutable="deleted/1",
        digest=f"sha256:{'ab' * 32}",
    )
    registry.client.delete_model_version("deleted", "1")
    with pytest.raises(NoSuchVersion, match="has no version 1 of deleted"):
        mlflow.resolve(mlflow.pinned(registry.asked("deleted", alias="champion"), locked), context)


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ({"model": "digits", "version": "9"}, "has no version 9 of digits; there are: 3, 2, 1"),
        ({"model": "digits", "alias": "contender"}, "has no alias contender of digits; there are: champion"),
        ({"model": "letters", "version": "1"}, "has no registered model letters; there are: .*digits"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    registry: Registry, context: Context, which: dict[str, str], message: str
) -> None:
    """A model, version or alias that does not exist is named, with some that do."""
    with pytest.raises(NoSuchVersion, match=message):
        mlflow.resolve(registry.asked(**which), context)


def test_several_are_asked_at_once(registry: Registry, context: Context) -> None:
    """Threads which ask for different versions at the same time do not get in each other's way."""
    with ThreadPoolExecutor(2) as pool:
        pins = list(pool.map(lambda it: mlflow.resolve(registry.asked("digits", version=it), context), "12"))
    assert [pin.immutable for pin in pins] == ["digits/1", "digits/2"]
    assert pins[0].digest != pins[1].digest


@pytest.fixture(scope="module")
def bulky(registry: Registry) -> str:
    """The name of a model with a file of 4 MB."""
    registry.register("bulky", {"weights.bin": bytes(4 * MEGABYTE)})
    return "bulky"


def test_a_long_download_is_not_cut_off(registry: Registry, bulky: str, tmp_path: Path) -> None:
    """A download may take longer than the timeout for as long as bytes come; it is told of."""
    told: list[int] = []
    patient = Context(root=tmp_path, timeout=1.0, progress=lambda name, done, total: told.append(done))
    with slowly(registry.uri, megabytes=4, pause=0.4) as uri:
        pin = mlflow.resolve(MlflowModel(model=bulky, version="1", tracking_uri=uri), patient)
    assert pin.files[0].size == 4 * MEGABYTE
    assert any(0 < done < 4 * MEGABYTE for done in told)


def test_a_download_that_stops_is_slow(registry: Registry, bulky: str, tmp_path: Path) -> None:
    """A download of which nothing more comes is given up after the timeout."""
    with (
        slowly(registry.uri, megabytes=2, pause=0) as uri,
        pytest.raises(SourceSlow, match="did not answer within 1 s"),
    ):
        mlflow.resolve(MlflowModel(model=bulky, version="1", tracking_uri=uri), Context(root=tmp_path, timeout=1.0))


def _refusing(status: int) -> Callable[[], AbstractContextManager[str]]:
    return lambda: answering(status)


@pytest.mark.parametrize(
    ("server", "error", "message"),
    [
        (lambda: nullcontext(down()), SourceDown, r"does not answer \(Connection refused\)"),
        (hanging, SourceSlow, r"did not answer within 0\.5 s"),
        (_refusing(401), CredentialRefused, "refuses the credential; set MLFLOW_TRACKING_USERNAME and "),
        (_refusing(403), CredentialRefused, "refuses the credential; set MLFLOW_TRACKING_USERNAME and "),
        (_refusing(503), SourceDown, r"does not answer \(HTTP status 503\)"),
        (_refusing(200), SourceError, "HTTP status 200, and nothing that MLflow would say"),
    ],
    ids=["down", "hanging", "401", "403", "503", "not MLflow"],
)
def test_each_failure_says_what_it_is_and_no_secret(
    server: Callable[[], AbstractContextManager[str]],
    error: type[SourceError],
    message: str,
    hasty: Context,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each way of failing has a message of its own; no credential is in it, nor logged."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", SECRET)
    with server() as uri:
        asked = MlflowModel(model="digits", version="1", tracking_uri=uri.replace("//", f"//alice:{SECRET}@"))
        with pytest.raises(error, match=message) as caught:
            mlflow.resolve(asked, hasty)
    assert uri in str(caught.value)
    assert SECRET not in str(caught.value) + caplog.text


@pytest.mark.parametrize("uri", ["", f"alice:{SECRET}@mlflow:5000", "sqlite:///mlflow.db", "http://["])
def test_only_servers_are_asked(uri: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else than the address of a server is refused, and not repeated."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(SourceError, match="set tracking_uri or MLFLOW_TRACKING_URI to an http:// or") as caught:
        mlflow.resolve(MlflowModel(model="digits", version="1"), context)
    assert SECRET not in str(caught.value)


def test_without_the_client_it_says_what_to_install(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where MLflow's client is not installed, the extra is named."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(NotInstalled, match=r"pulumi-sluice\[mlflow\]"):
        mlflow.resolve(MlflowModel(model="digits", version="1"), context)


def test_a_package_of_that_name_beside_the_manifest_is_not_the_client(
    registry: Registry, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file `mlflow.py` of the project is not run."""
    (context.root / "mlflow.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(context.root)
    assert mlflow.resolve(registry.asked("digits", version="1"), context).immutable == "digits/1"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 client; the environment names the same server to others."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield boto3.client("s3")
    server.stop()


def test_files_in_another_store_are_fetched_from_there(registry: Registry, context: Context, s3: Any) -> None:
    """A version whose files are in S3 has the digest of those files; gone from there, it says which store."""
    local = context.root / "local"
    (local / "data").mkdir(parents=True)
    s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name, content in {"MLmodel": b"flavors: {}", "data/weights.bin": b"1"}.items():
        (local / name).write_bytes(content)
        s3.put_object(Bucket="models", Key=f"digits/{name}", Body=content)
    registry.client.create_registered_model("remote")
    registry.client.create_model_version("remote", "s3://models/digits")
    asked = registry.asked("remote", version="1")
    pin = mlflow.resolve(asked, context)
    assert pin.digest == digest_of(local)
    assert pin.facts == {"version": "1", "artifact_uri": "s3://models/digits"}
    for name in ("MLmodel", "data/weights.bin"):
        s3.delete_object(Bucket="models", Key=f"digits/{name}")
    s3.delete_bucket(Bucket="models")
    with pytest.raises(SourceError, match="cannot be fetched from s3://models/digits") as caught:
        mlflow.resolve(asked, context)
    assert SECRET not in str(caught.value)
