"""The server of the sandbox's AWS: what it remembers, and what happens when it dies."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.errors import AwsUnavailable, NotWritable, UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.sandbox.aws.cases.case import IMAGE, TRUST


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home of a server of the test's own."""
    yield tmp_path / "aws"
    supervisor.stop(tmp_path / "aws")


def _client(server: Aws, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def _content(server: Aws) -> dict[str, Any]:
    """Returns what the server holds, ids and dates included."""
    s3, sagemaker, kms = (_client(server, service) for service in ("s3", "sagemaker", "kms"))
    objects = s3.list_object_versions(Bucket="data")["Versions"]
    (key,) = kms.list_keys()["Keys"]
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    return {
        "objects": [(item["Key"], item["VersionId"], item["ETag"], item["LastModified"]) for item in objects],
        "body": s3.get_object(Bucket="data", Key="weights")["Body"].read(),
        "model": {k: v for k, v in sagemaker.describe_model(ModelName="m").items() if k != "ResponseMetadata"},
        "packages": sagemaker.list_model_packages(ModelPackageGroupName="g")["ModelPackageSummaryList"],
        "key": (described["Arn"], described["CreationDate"]),
        "role": _client(server, "iam").get_role(RoleName="r")["Role"],
    }


def _fill(server: Aws) -> None:
    s3 = _client(server, "s3")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"small", b"large" * 20_000):
        s3.put_object(Bucket="data", Key="weights", Body=body)
    _client(server, "kms").create_key(Description="models")
    role = _client(server, "iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    sagemaker = _client(server, "sagemaker")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE})
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    package = sagemaker.create_model_package(ModelPackageGroupName="g", SourceUri="openai/a")["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")


def _kill(server: Aws) -> None:
    os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while supervisor.find(server.home) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_comes_back_at_its_address(home: Path) -> None:
    """Who was told where it is finds it there again; where something else listens by then, it takes another port."""
    first = supervisor.start(home).endpoint
    supervisor.stop(home)
    again = supervisor.start(home)
    assert again.endpoint == first
    supervisor.stop(home)
    with socket.create_server(("127.0.0.1", again.port)):
        assert supervisor.start(home).endpoint != first


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_content_survives_its_server(home: Path, kill: bool) -> None:
    """Ids, versions, dates and bytes are the same after a stop, and after a kill -9."""
    server = supervisor.start(home)
    _fill(server)
    before = _content(server)
    if kill:
        _kill(server)
    else:
        supervisor.stop(home)
    again = supervisor.start(home)
    assert again.pid != server.pid
    assert _content(again) == before


def test_time_goes_on_where_it_was(home: Path) -> None:
    """What was made before is not made later by a restart."""
    server = supervisor.start(home)
    _fill(server)
    made = _content(server)["model"]["CreationTime"]
    supervisor.stop(home)
    time.sleep(1.1)
    assert _content(supervisor.start(home))["model"]["CreationTime"] == made


def test_a_change_that_was_cut_off_was_never_answered(home: Path) -> None:
    """A last line that a crash left half written is dropped; everything before it is there."""
    server = supervisor.start(home)
    _fill(server)
    before = _content(server)
    _kill(server)
    with (home / "journal.jsonl").open("a") as journal:
        journal.write('{"time": 1, "seed": 99, "meth')
    assert _content(supervisor.start(home)) == before


def test_no_signature_is_kept(home: Path) -> None:
    """What a journal remembers of a request is not what proves knowledge of a key."""
    server = supervisor.start(home)
    _fill(server)
    for line in (home / "journal.jsonl").read_text().splitlines():
        for value in json.loads(line)["headers"].values():
            assert "Signature=" not in value or "Signature=0" in value


def test_a_server_is_found_again(home: Path) -> None:
    """Whoever starts it a second time gets the one that runs; several at once get the same."""
    found: list[Aws] = []
    threads = [threading.Thread(target=lambda: found.append(supervisor.start(home))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({server.pid for server in found}) == 1
    assert supervisor.find(home) == found[0]


def test_a_stopped_server_is_gone(home: Path) -> None:
    """And stopping it again is no error."""
    server = supervisor.start(home)
    assert supervisor.stop(home)
    assert supervisor.find(home) is None
    assert not supervisor.stop(home)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def test_an_idle_server_stops_by_itself(home: Path) -> None:
    """Nobody has to remember it."""
    supervisor.start(home, idle=0.5)
    deadline = time.monotonic() + 20
    while (home / "server.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_port_in_use(home: Path) -> None:
    """The message names the port and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AwsUnavailable, match=rf"port {port} is in use .* --aws-port"):
            supervisor.start(home, port)


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """The message names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match="make the folder writable"):
        supervisor.start(tmp_path / "file" / "aws")


def test_only_who_knows_the_token_may_tell_it_things(home: Path) -> None:
    """Another program on this machine cannot stop or empty it."""
    server = supervisor.start(home)
    stranger = Aws(server.home, server.pid, server.port, "guess")
    with pytest.raises(AwsUnavailable, match="another sandbox's server"):
        stranger.reset()


def test_a_reset_empties_it(home: Path) -> None:
    """For good: a restart brings nothing back."""
    server = supervisor.start(home)
    _fill(server)
    server.reset()
    assert _client(server, "s3").list_buckets()["Buckets"] == []
    supervisor.stop(home)
    assert _client(supervisor.start(home), "s3").list_buckets()["Buckets"] == []


def _groups(sandbox: Sandbox, server: Aws, count: int) -> SandboxStack:
    def program() -> None:
        last: pulumi.Resource | None = None
        for number in range(count):
            options = pulumi.ResourceOptions(depends_on=[last] if last else [])
            last = aws.cloudwatch.LogGroup(f"group{number}", retention_in_days=7, opts=options)

    return sandbox.stack(program, providers={"aws": lambda: AwsProvider(lambda: server.endpoint)})


def test_a_server_that_dies_midway(sandbox: Sandbox, home: Path) -> None:
    """The update ends with an error that says so, the state is valid, and the next one goes on from there."""
    server = supervisor.start(home)
    stack = _groups(sandbox, server, 30)

    class Killer:
        def begun(self, record: Any) -> None:
            if record.name == "group10":
                os.kill(server.pid, signal.SIGKILL)

        def __getattr__(self, name: str) -> Any:
            return lambda *_: None

    with pytest.raises(UpdateFailed, match=r"the sandbox's AWS at .* does not answer .* run the same command again"):
        stack.up(Killer())
    names = {resource.name for resource in stack.state().resources}
    assert "group9" in names
    assert "group12" not in names
    again = supervisor.start(home)
    resumed = _groups(sandbox, again, 30)
    resumed.place = stack.place
    result = resumed.up()
    assert result.changes["same"] >= 10
    assert not resumed.up().changed
