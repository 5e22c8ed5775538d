"""Versions of Delta Lake tables, which `deltalake` writes."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from arro3.core import Array, DataType, Table
from deltalake import DeltaTable, write_deltalake

from sluice.errors import InvalidFile
from sluice.manifest.data import DeltaData
from sluice.manifest.pins import Pin
from sluice.sources import Context, delta
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow
from sluice_sandbox.aws.supervisor import Aws
from tests.unit.sources.aws import SECRET, client_of, environment
from tests.unit.sources.servers import answering, down, hanging


def rows(*numbers: int) -> Any:
    kinds = Array([str(number % 2) for number in numbers], type=DataType.string())
    return Table.from_pydict({"id": Array(list(numbers), type=DataType.int64()), "kind": kinds})


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table of three versions, with two, three and four rows."""
    path = tmp_path / "images"
    write_deltalake(path, rows(1, 2), partition_by=["kind"])
    write_deltalake(path, rows(3), mode="append")
    write_deltalake(path, rows(4), mode="append")
    return path


def resolved(context: Context, table: str = "images", **which: Any) -> Pin:
    return delta.resolve(DeltaData(table=table, **which), context)


def test_a_version_is_known_by_its_log(table: Path, context: Context) -> None:
    """Its files, its rows and its schema; nothing of the data is read."""
    for file in table.rglob("*.parquet"):
        file.write_bytes(b"nobody reads this")
    pin = resolved(context, version=1)
    assert pin.immutable == "version 1"
    assert pin.facts == {"version": "1", "files": "3", "rows": "3", "schema": "id long, kind string"}
    assert {file.name.partition("/")[0] for file in pin.files} == {"kind=0", "kind=1"}


def test_the_digest_outlives_what_happens_later(table: Path, context: Context) -> None:
    """Later versions and a checkpoint change nothing of an older version."""
    pin = resolved(context, version=1)
    write_deltalake(table, rows(5, 6), mode="append")
    DeltaTable(table).create_checkpoint()
    pinned = delta.pinned(DeltaData(table="images", version=1), pin)
    assert delta.resolve(pinned, context) == pin


def test_a_copied_table_has_the_same_digest(table: Path, context: Context) -> None:
    """Wherever it is."""
    shutil.copytree(table, table.with_name("copy"))
    assert resolved(context, "copy", version=2).digest == resolved(context, version=2).digest


def test_each_version_has_a_digest_of_its_own(table: Path, context: Context) -> None:
    """None has the rows of another."""
    digests = [resolved(context, version=version).digest for version in range(3)]
    assert len(set(digests)) == 3


def test_a_moment_means_the_version_that_was_current_then(table: Path, context: Context) -> None:
    """It is locked to that version, whatever is written later."""
    time.sleep(0.01)
    now = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    write_deltalake(table, rows(5), mode="append")
    pin = resolved(context, timestamp=now)
    assert pin.immutable == "version 2"
    assert delta.pinned(DeltaData(table="images", timestamp=now), pin) == DeltaData(table="images", version=2)


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ({"version": 3}, "Delta Lake at images has no version 3; there are: 0 to 2"),
        ({"version": -1}, "Delta Lake at images has no version -1"),
        ({"timestamp": "2001-01-01T00:00:00Z"}, "has no version of 2001-01-01T00:00:00Z; there are: versions from 20"),
    ],
)
def test_a_version_that_is_not_there_is_named(table: Path, context: Context, which: dict[str, Any], said: str) -> None:
    """With those that there are."""
    with pytest.raises(NoSuchVersion, match=said):
        resolved(context, **which)


def test_a_version_whose_log_was_cleaned_up_is_missed(table: Path, context: Context) -> None:
    """It cannot be proven any more."""
    (table / "_delta_log" / "00000000000000000000.json").unlink()
    with pytest.raises(NoSuchVersion, match=r"version 1 that can be read; its log may have been cleaned up"):
        resolved(context, version=1)


def test_data_that_was_vacuumed_is_missed(table: Path, context: Context) -> None:
    """The log still names the file, and nobody has it: the message names it."""
    file = next(iter(table.rglob("*.parquet")))
    file.unlink()
    with pytest.raises(NoSuchVersion, match=file.name):
        resolved(context, version=2)


def test_a_folder_without_a_table_is_said_to_be(context: Context, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(NoSuchVersion, match="Delta Lake at images has no table"):
        resolved(context, version=0)


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-02T08:00:00"])
def test_a_moment_without_an_offset_is_none(table: Path, context: Context, moment: str) -> None:
    """The message shows how to write one."""
    with pytest.raises(SourceError, match="write one with its offset"):
        resolved(context, timestamp=moment)


def test_a_path_out_of_the_project_is_refused(context: Context) -> None:
    """Manifests name what is in their project."""
    with pytest.raises(InvalidFile, match="outside"):
        resolved(context, "../images", version=0)


def test_a_table_in_s3_is_read_there(
    table: Path, context: Context, sandbox_aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the digest that it has here."""
    environment(monkeypatch, sandbox_aws.endpoint)
    s3 = client_of(sandbox_aws)("s3")
    s3.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for file in table.rglob("*"):
        if file.is_file():
            s3.put_object(Bucket="lake", Key=f"images/{file.relative_to(table).as_posix()}", Body=file.read_bytes())
    assert resolved(context, "s3://lake/images", version=2).digest == resolved(context, version=2).digest
    with pytest.raises(NoSuchVersion, match="Delta Lake at s3://lake/sounds has no table"):
        resolved(context, "s3://lake/sounds", version=0)


def test_a_store_that_is_down_says_so(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, down())
    with pytest.raises(SourceDown, match="Delta Lake at s3://lake/images does not answer") as error:
        resolved(context, "s3://lake/images", version=0)
    assert SECRET not in str(error.value)


def test_a_store_that_hangs_is_given_up(hasty: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with hanging() as endpoint:
        environment(monkeypatch, endpoint)
        with pytest.raises(SourceSlow, match=r"did not answer within 0\.5 s"):
            resolved(hasty, "s3://lake/images", version=0)


def test_a_refused_credential_is_not_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(403) as endpoint:
        environment(monkeypatch, endpoint)
        with pytest.raises(CredentialRefused, match="AWS_PROFILE") as error:
            resolved(context, "s3://lake/images", version=0)
    assert SECRET not in str(error.value)


def test_without_the_client_it_says_how_to_have_it(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match=r"pip install 'pulumi-sluice\[delta\]'"):
        resolved(context, version=0)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("GET http://127.0.0.1:40315/t/_delta_log in 1ms - error sending request: Connection refused", SourceDown),
        (
            "GET http://127.0.0.1:40115/t/_delta_log: Server returned non-2xx status code: 403 Forbidden",
            CredentialRefused,
        ),
    ],
)
def test_a_port_is_no_status(said: str, kind: type[SourceError]) -> None:
    """What a store says is told by its status, and not by digits that happen to be in its address."""
    assert isinstance(delta._translated(said, "t", "version 1", 1.0), kind)
