"""What loading Sluice costs: a program pays only for what it uses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sluice
from tests.support.versions import write_version

STACKS = Path(__file__).parents[2] / "stacks"
HEAVY = {
    "scipy",
    "numpy",
    "statsmodels",
    "pyarrow",
    "matplotlib",
    "jinja2",
    "mlflow",
    "dvc",
    "moto",
    "typer",
    "rich",
    "sklearn",
    "boto3",
    "botocore",
    "sluice_sandbox",
}

LOAD_PROGRAM = """
import os, runpy, pulumi

class Anything(pulumi.runtime.Mocks):
    made = []
    def new_resource(self, args):
        self.made.append(args.typ)
        return f"{args.name}-id", {**args.inputs, "name": args.name, "bucket": args.name, "key": "k", "arn": "arn"}
    def call(self, args):
        return {"accountId": "123456789012", "region": "eu-west-1", "partition": "aws"}

pulumi.runtime.set_mocks(Anything(), project="digits", stack="local")
pulumi.runtime.set_all_config(CONFIG)
os.chdir(STACKS)

@pulumi.runtime.test
def load():
    runpy.run_path(os.path.join(STACKS, "__main__.py"), run_name="__main__")

load()
assert "sluice:index:LiveEndpoint" in Anything.made, Anything.made
"""


def loaded(statements: str) -> set[str]:
    """Returns the packages that a fresh process has loaded after some statements."""
    tell = "\nimport sys, json; sys.stdout.write('\\n' + json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", statements + tell], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_sluice_loads_nothing_heavy() -> None:
    """Not even Pulumi: names are looked up when they are used."""
    assert not (HEAVY | {"pulumi", "pulumi_aws", "pydantic"}) & loaded("import sluice")


def test_using_every_public_name_loads_nothing_heavy() -> None:
    """All that the package offers hangs on Pulumi and pydantic alone."""
    packages = loaded("import sluice\nfor name in sluice.__all__: getattr(sluice, name)")
    assert {"pulumi", "pulumi_aws", "pydantic"} <= packages
    assert not HEAVY & packages


def test_loading_the_program_loads_nothing_heavy(tmp_path: Path) -> None:
    """The example's program, run to its end, needs neither the numerical libraries nor the sandbox nor the command."""
    manifest = write_version(tmp_path)
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    shutil.copy(STACKS / "__main__.py", stacks)
    slot = {"version": "digits@1", "instanceType": "ml.m5.large"}
    config = {
        "digits:store": json.dumps({}),
        "digits:journal": json.dumps({}),
        "digits:versions": json.dumps({"manifests": [manifest.name]}),
        "digits:dashboard": json.dumps({"owner": "somebody"}),
        "digits:endpoint": json.dumps({"variants": {"blue": slot}, "traffic": {"blue": 100}}),
    }
    assert not HEAVY & loaded(f"CONFIG, STACKS = {config!r}, {str(stacks)!r}\n{LOAD_PROGRAM}")


def test_every_public_name_is_there() -> None:
    """What `__all__` promises can be had, and a name that is not promised says so."""
    for name in sluice.__all__:
        assert getattr(sluice, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Endpoint'"):
        _ = sluice.Endpoint
