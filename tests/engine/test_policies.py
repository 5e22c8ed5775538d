"""Both engines run the policy pack, and it finds the same."""

import json
import re
import sys
from pathlib import Path

import pytest

from sluice.errors import InvalidFile
from sluice_sandbox.engine.display import summary
from sluice_sandbox.engine.policies import Pack
from sluice_sandbox.local import LocalSandbox
from tests.conftest import thing
from tests.engine.conftest import Engines
from tests.policies.packs import CRASH, HEAD, PACKS, REFUSED
from tests.support.cli import CliResult
from tests.support.example import Example

LOCALLY = ("--policy-pack", "policies", "--policy-pack-config", "policies/config/local.json")
_SAID = re.compile(r"- \[(advisory|mandatory)\]  (\S+)  \(.*: (\S+)\)\n +D\.\n +(.*)")


def test_the_example_satisfies_the_pack(pulumi: None, sandboxed: LocalSandbox) -> None:
    """Under either engine, before anything is made and after."""
    pack, cli = sandboxed.project.root / "policies", Example.of(sandboxed)
    for _ in range(2):
        ours = sandboxed.stack("local", [pack], policy_pack_configs=[pack / "config" / "local.json"]).up()
        assert (ours.succeeded, ours.violations) == (True, []), ours.errors()
        theirs = cli.operate("preview", *LOCALLY)
        assert theirs.succeeded, theirs.text
        assert "✅ sluice" in theirs.text


def test_both_object_to_the_same(pulumi: None, sandboxed: LocalSandbox) -> None:
    """The same policies about the same resources, shown in the same order and words; nothing is made."""
    root = sandboxed.project.root
    program = root / "stacks" / "__main__.py"
    careless = "aws.s3.Bucket('more', tags={'sluice:component': 'CheckpointStore'})"
    tagged = "aws.sagemaker.Model('{0}', execution_role_arn=role.role_arn, primary_container={{'image': 'i:latest'}})"
    program.write_text("\n".join([program.read_text(), careless, tagged.format("one"), tagged.format("two"), ""]))
    configs = [root / "policies" / "config" / "local.json"]
    ours = sandboxed.stack("local", [root / "policies"], policy_pack_configs=configs).preview()
    theirs = Example.of(sandboxed).operate("preview", *LOCALLY)
    assert not ours.succeeded
    assert theirs.code != 0
    assert {it.policy for it in ours.violations} == {
        "aborted-uploads",
        "encrypted-checkpoint-buckets",
        "isolated-models",
        "logged-buckets",
        "pinned-images",
        "private-checkpoint-buckets",
        "versioned-buckets",
    }
    shown = "\n".join(line.plain for line in summary.policy_lines(ours))
    assert _below_the_pack(shown) == _below_the_pack(theirs.text)


def _below_the_pack(text: str) -> list[str]:
    """Returns what is said about violations; above it the CLI names the pack's version and folder too."""
    section = text.partition("Policies:\n")[2].partition("\n\n")[0]
    return section.rstrip().splitlines()[1:]


def _previewed(engines: Engines, folder: Path, code: str, *options: str) -> CliResult:
    """Previews the program of `tests/policies/test_engine.py` under a pack and the CLI."""
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text(f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n")
    (folder / "__main__.py").write_text(HEAD + code)
    engines.declare(thing("a", size=1, password={"$secret": "hush-hush"}), thing("b", of={"$ref": "a.out"}))
    return engines.cli.operate("preview", "--policy-pack", str(folder), *options)


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


CONFIG = """
def check(args, report):
    if args.name == "a":
        report(f"limit is {args.get_config()['limit']:g}")
LIMIT = PolicyConfigSchema({"limit": {"type": "number", "default": 7}})
PolicyPack("p", [
    ResourceValidationPolicy("set", "D.", check, M, config_schema=LIMIT),
    ResourceValidationPolicy("level", "D.", check, A, config_schema=LIMIT),
    ResourceValidationPolicy("own", "D.", check, M, config_schema=LIMIT),
])
"""
CONFIGURED = {
    "of single policies": (
        {"set": {"limit": 2}, "level": "mandatory", "own": "disabled"},
        [("mandatory", "set", "limit is 2"), ("mandatory", "level", "limit is 7")],
    ),
    "of all, and of one": (
        {"all": "advisory", "set": {"limit": 2}, "own": {"enforcementLevel": "mandatory", "limit": 3}},
        [("advisory", "set", "limit is 2"), ("advisory", "level", "limit is 7"), ("mandatory", "own", "limit is 3")],
    ),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_configurations_mean_the_same(name: str, engines: Engines, tmp_path: Path) -> None:
    """Levels and settings of a file, under both engines."""
    given, said = CONFIGURED[name]
    config = tmp_path / "config.json"
    config.write_text(json.dumps(given))
    theirs = _previewed(engines, tmp_path / "pack", CONFIG, "--policy-pack-config", str(config))
    assert sorted((level, policy, text) for level, policy, _, text in _SAID.findall(theirs.text)) == sorted(said)
    pack = Pack.load(tmp_path / "pack", config)
    ours = {policy.name: (pack.level(policy).value, pack.settings(policy)["limit"]) for policy in pack.policies}
    assert {name: it for name, it in ours.items() if it[0] != "disabled"} == {
        policy: (level, float(text.rpartition(" ")[2])) for level, policy, text in said
    }


def test_a_setting_of_another_type_is_refused(engines: Engines, tmp_path: Path) -> None:
    """By both engines, before anything runs."""
    config = tmp_path / "config.json"
    config.write_text('{"set": {"limit": "two"}}')
    theirs = _previewed(engines, tmp_path / "pack", CONFIG, "--policy-pack-config", str(config))
    assert not theirs.succeeded
    assert "limit" in theirs.text
    with pytest.raises(InvalidFile, match="limit is 'two'"):
        Pack.load(tmp_path / "pack", config)


def test_our_pack_tells_no_secret(pulumi: None, sandboxed: LocalSandbox) -> None:
    """The CLI prints what a policy says: what was secret in a resource is not in it."""
    program = sandboxed.project.root / "stacks" / "__main__.py"
    secret = "container = {'image': pulumi.Output.secret('hush-hush-image:latest')}"
    model = "aws.sagemaker.Model('secret', execution_role_arn=role.role_arn, primary_container=container)"
    program.write_text(f"{program.read_text()}\n{secret}\n{model}\n")
    theirs = Example.of(sandboxed).operate("preview", *LOCALLY)
    assert "pinned-images" in theirs.text
    assert "primaryContainer.image is '[secret]'" in theirs.text
    assert "hush" not in theirs.text


def test_our_pack_remedies(pulumi: None, sandboxed: LocalSandbox) -> None:
    """What the CLI makes of a careless resource is what the sandbox engine makes of it."""
    root = sandboxed.project.root
    program, config = root / "stacks" / "__main__.py", root / "remedy.json"
    config.write_text('{"all": "disabled", "rotated-keys": "remediate", "encrypted-queues": "remediate"}')
    program.write_text(f"{program.read_text()}\naws.kms.Key('k')\naws.sqs.Queue('q')\n")
    options = ("--policy-pack", "policies", "--policy-pack-config", "remedy.json")
    theirs = Example.of(sandboxed).operate("preview", "--diff", *options)
    assert theirs.succeeded, theirs.text
    assert re.search(r"enableKeyRotation\s*: true", theirs.text)
    assert re.search(r"sqsManagedSseEnabled\s*: true", theirs.text)
    ours = sandboxed.stack("local", [root / "policies"], policy_pack_configs=[config]).preview()
    news = {step.step.urn.rpartition("::")[2]: step.step.new for step in ours.steps}
    assert (news["k"].inputs["enableKeyRotation"], news["q"].inputs["sqsManagedSseEnabled"]) == (True, True)
