"""Both engines run the policy pack, and it finds the same."""

import re
import sys
from pathlib import Path

import pytest

from sluice_sandbox.engine.display import summary
from sluice_sandbox.local import LocalSandbox
from tests.conftest import thing
from tests.engine.conftest import Engines
from tests.policies.packs import CRASH, HEAD, PACKS, REFUSED
from tests.support.cli import CliResult
from tests.support.example import Example

_SAID = re.compile(r"- \[(advisory|mandatory)\]  (\S+)  \(.*: (\S+)\)\n +D\.\n +(.*)")


def test_the_example_satisfies_the_pack(pulumi: None, sandboxed: LocalSandbox) -> None:
    """Under either engine, before anything is made and after."""
    pack, cli = sandboxed.project.root / "policies", Example.of(sandboxed)
    for _ in range(2):
        ours = sandboxed.stack("local", [pack]).up()
        assert (ours.succeeded, ours.violations) == (True, []), ours.errors()
        theirs = cli.operate("preview", "--policy-pack", "policies")
        assert theirs.succeeded, theirs.text
        assert "✅ sluice" in theirs.text


def test_both_object_to_the_same(pulumi: None, sandboxed: LocalSandbox) -> None:
    """The same policies about the same resources, shown in the same order and words; nothing is made."""
    root = sandboxed.project.root
    program = root / "stacks" / "__main__.py"
    careless = "aws.s3.Bucket('more', tags={'sluice:component': 'CheckpointStore'})"
    tagged = "aws.sagemaker.Model('{0}', execution_role_arn=role.role_arn, primary_container={{'image': 'i:latest'}})"
    program.write_text("\n".join([program.read_text(), careless, tagged.format("one"), tagged.format("two"), ""]))
    ours = sandboxed.stack("local", [root / "policies"]).preview()
    theirs = Example.of(sandboxed).operate("preview", "--policy-pack", "policies")
    assert not ours.succeeded
    assert theirs.code != 0
    assert len(ours.violations) == 4
    shown = "\n".join(line.plain for line in summary.policy_lines(ours))
    assert _below_the_pack(shown) == _below_the_pack(theirs.text)


def _below_the_pack(text: str) -> list[str]:
    """Returns what is said about violations; above it the CLI names the pack's version and folder too."""
    section = text.partition("Policies:\n")[2].partition("\n\n")[0]
    return section.rstrip().splitlines()[1:]


def _previewed(engines: Engines, folder: Path, code: str) -> CliResult:
    """Previews the program of `tests/policies/test_engine.py` under a pack and the CLI."""
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text(f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n")
    (folder / "__main__.py").write_text(HEAD + code)
    engines.declare(thing("a", size=1, password={"$secret": "hush-hush"}), thing("b", of={"$ref": "a.out"}))
    return engines.cli.operate("preview", "--policy-pack", str(folder))


@pytest.mark.parametrize("name", PACKS)
def test_small_packs_say_the_same(name: str, engines: Engines, tmp_path: Path) -> None:
    """What the sandbox engine is held to is what the CLI does."""
    code, said = PACKS[name]
    result = _previewed(engines, tmp_path / "pack", code)
    assert sorted(_SAID.findall(result.text)) == sorted(said), result.text
    assert result.succeeded is not any(level == "mandatory" for level, *_ in said)


@pytest.mark.parametrize("name", REFUSED)
def test_a_pack_that_neither_starts(name: str, engines: Engines, tmp_path: Path) -> None:
    """What the sandbox engine refuses, the CLI does not run either."""
    result = _previewed(engines, tmp_path / "pack", REFUSED[name][0])
    assert not result.succeeded
    assert "✅" not in result.text


def test_a_crash_fails_the_preview(engines: Engines, tmp_path: Path) -> None:
    """Of a policy that would only have advised, too."""
    result = _previewed(engines, tmp_path / "pack", CRASH)
    assert not result.succeeded
    assert "failed to run policy" in result.text
