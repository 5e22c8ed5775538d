"""The archive of the function."""

import ast
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

from sluice.handlers import package

_REPORT = """
import sys
import boto3
before = {name.partition('.')[0] for name in sys.modules}
sys.path.insert(0, sys.argv[1])
import sluice.handlers.rollback as it
print(it.__file__)
print(*sorted({name.partition('.')[0] for name in sys.modules} - before - set(sys.stdlib_module_names)))
"""


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """The archive as Lambda unpacks it, and nothing else of this package."""
    for name, text in package.sources(package.ROLLBACK).items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path


def test_it_runs_with_what_lambda_has(unpacked: Path) -> None:
    """boto3 and the standard library: neither Pulumi nor pydantic, whatever is installed here."""
    done = subprocess.run([sys.executable, "-I", "-c", _REPORT, unpacked], check=True, capture_output=True, text=True)
    where, modules = done.stdout.splitlines()
    assert Path(where).is_relative_to(unpacked)
    assert modules.split() == ["sluice"]


def test_it_has_what_the_handler_imports_and_no_more() -> None:
    """Each module with the packages above it; the package's own `__init__`, which is for programs, says nothing."""
    found = package.sources(package.ROLLBACK)
    assert ast.get_docstring(ast.parse(found["sluice/__init__.py"]))
    assert len(ast.parse(found["sluice/__init__.py"]).body) == 1
    assert {"sluice/handlers/rollback.py", "sluice/rollout/dynamodb.py", "sluice/metrics.py"} <= found.keys()
    assert all(found.values())
    assert not [name for name in found if "package" in name or "rollback_guard" in name]


def test_the_same_sources_make_the_same_archive() -> None:
    """Names are in order, and nothing says where this package is installed."""
    one, two = package.archive(package.ROLLBACK), package.archive(package.ROLLBACK)
    assert isinstance(one, pulumi.AssetArchive)
    assert list(one.assets) == sorted(one.assets)
    texts = [
        {name: it.text for name, it in made.assets.items() if isinstance(it, pulumi.StringAsset)} for made in (one, two)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) == len(one.assets)


def test_a_program_that_packs_it_loads_no_client_of_aws() -> None:
    """It is read, not imported."""
    report = (
        f"from sluice.handlers import package; package.sources({package.ROLLBACK!r}); import sys; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", report], check=True, capture_output=True, text=True)
    assert "sluice.handlers.package" in done.stdout
    assert not {"boto3", "botocore", "sluice.handlers.rollback"} & set(done.stdout.split())


def test_a_module_that_is_missing_is_named() -> None:
    """And not left out of the archive."""
    with pytest.raises(ModuleNotFoundError, match=r"sluice\.handlers\.nothing"):
        package.sources("sluice.handlers.nothing")
