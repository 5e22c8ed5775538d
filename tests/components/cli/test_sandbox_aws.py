"""`sluice sandbox` with an AWS: starting, serving and stopping it."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice_sandbox.aws import supervisor
from tests.components.cli.conftest import Project

PROGRAM = """
import pulumi_aws as aws

aws.cloudwatch.LogGroup("requests", retention_in_days=7)
"""


@pytest.fixture
def cloudy(project: Project) -> Iterator[Project]:
    """A project with a resource of AWS's; the sandbox's AWS is stopped afterwards."""
    (project.folder / "__main__.py").write_text(PROGRAM)
    project.configure("config:\n  aws:region: eu-west-1\n")
    yield project
    supervisor.stop(project.folder / ".sluice" / "aws")


def test_the_aws_starts_when_needed_and_outlives_the_command(cloudy: Project) -> None:
    """The next command finds it again, with what was made; after a stop, too."""
    assert cloudy.sandbox("up", "--yes").code == 0
    assert supervisor.find(cloudy.folder / ".sluice" / "aws") is not None
    assert cloudy.sandbox("refresh", "--yes", "--expect-no-changes").code == 0
    assert cloudy.sandbox("stop").out == "stopped\n"
    assert cloudy.sandbox("stop").out == "it does not run\n"
    assert cloudy.sandbox("refresh", "--yes", "--expect-no-changes").code == 0


def test_a_port_in_use(cloudy: Project) -> None:
    """The message names the port and what to do; nothing is changed."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = cloudy.sandbox("up", "--yes", "--aws-port", str(port))
    assert taken.code == 1
    assert f"port {port} is in use" in taken.out + taken.err
    assert "--aws-port" in taken.out + taken.err


def test_serve_prints_what_to_export(cloudy: Project) -> None:
    """A shell takes it, folders with spaces included; the user's own Pulumi home is left alone."""
    spaced = cloudy.folder.parent / "a shop"
    cloudy.folder.rename(spaced)
    cloudy.folder = spaced
    served = cloudy.sandbox("serve")
    script = f'{served.out}\nprintf "%s\\n" "$PULUMI_HOME" "$PULUMI_BACKEND_URL"'
    shown = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
    home, backend = shown.stdout.splitlines()
    assert Path(home).is_relative_to(spaced)
    assert backend == f"file://{spaced / '.sluice' / 'state'}"
    (plugin,) = Path(home).glob("plugins/resource-aws-v*/pulumi-resource-aws")
    assert plugin.stat().st_mode & 0o111


def test_reset_forgets_what_was_made(cloudy: Project) -> None:
    """The cloud is empty and no process is left."""
    cloudy.sandbox("up", "--yes")
    assert supervisor.find(cloudy.folder / ".sluice" / "aws")
    cloudy.sandbox("reset", "--yes")
    assert supervisor.find(cloudy.folder / ".sluice" / "aws") is None
    assert "    + 2 to create" in cloudy.sandbox("preview").out
