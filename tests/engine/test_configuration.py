"""Both engines give a program the same configuration from the same files."""

import json
import sys
from pathlib import Path

import pytest

from sluice_sandbox.local import LocalSandbox
from tests.support.cli import PASSPHRASE, CliStack

pytestmark = pytest.mark.usefixtures("pulumi")

SHOW = """
import json, pulumi
from pulumi.runtime import config
pulumi.export("values", pulumi.Output.unsecret(pulumi.Output.secret(dict(config.CONFIG.get()))))
pulumi.export("secret", sorted(config._SECRET_KEYS.get()))
"""
PROJECT = """
name: test
runtime: {name: python, options: {virtualenv: %s}}
main: program
stackConfigDir: settings
config:
  plain: of the project
  number: {type: integer, default: 5}
  names: {type: array, items: {type: string}, default: [a, b]}
  overridden: {default: no}
  text: {type: string, default: text}
  flag: {type: boolean, default: true}
  object: {type: object, default: {}}
  nested: {type: array, items: {type: array, items: {type: integer}}, default: []}
  aws:region: {value: eu-west-1}
"""
STACK = """
config:
  overridden: 1
  test:text: "007"
  hexadecimal: 0x10
  octal: 0o17
  decimal: 1.0
  exponent: 1e3
  truth: true
  yes: yes
  nothing: null
  date: 2026-01-02
  time: 2026-01-02T03:04:05Z
  multi: |
    two
    lines
  aws:defaultTags: {tags: {owner: ml, count: 3, flag: false, empty: {}, none: null}}
  flag: false
  nested: [[1], []]
  object: {b: 1, a: [2]}
  list: [1, 2.5, true, "x", [y], {z: null}]
  anchors: &anchor {a: 1}
  again: *anchor
  ünïcode: "<&>  "
"""


def _write(folder: Path, stack: str) -> CliStack:
    program = folder.parent / "source"
    program.mkdir()
    (program / "__main__.py").write_text(SHOW)
    cli = CliStack(folder, program)
    (folder / "Pulumi.yaml").write_text(PROJECT % sys.prefix)
    (folder / "settings").mkdir()
    (folder / "settings" / "Pulumi.test.yaml").write_text(stack)
    return cli


def test_both_read_the_same(tmp_path: Path) -> None:
    """Scalars of every kind, objects, defaults of the project and overrides arrive as the same texts."""
    cli = _write(tmp_path / "project", STACK)
    cli.run("up", "--yes", "--skip-preview", "--stack", "test")
    theirs = json.loads(cli.run("stack", "output", "--json", "--show-secrets").stdout)
    ours = LocalSandbox.here(cli.folder).stack("test").up()
    assert ours.succeeded, ours.errors()
    assert ours.outputs["values"] == theirs["values"]
    assert ours.outputs["secret"] == theirs["secret"]


def test_secure_values_of_the_cli_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pulumi config set --secret` encrypted, whole or within an object, the sandbox decrypts."""
    cli = _write(tmp_path / "project", "config: {}\n")
    cli.run("config", "set", "--secret", "password", "hush", "--stack", "test")
    cli.run("config", "set", "--secret", "--path", "database.users[0].password", "hush hush", "--stack", "test")
    cli.run("config", "set", "--path", "database.port", "5432", "--stack", "test")
    cli.run("up", "--yes", "--skip-preview", "--stack", "test")
    theirs = json.loads(cli.run("stack", "output", "--json", "--show-secrets").stdout)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    ours = LocalSandbox.here(cli.folder).stack("test").up()
    assert ours.succeeded, ours.errors()
    assert ours.outputs["values"] == theirs["values"]
    assert ours.outputs["secret"] == theirs["secret"] == ["test:database", "test:password"]


@pytest.mark.parametrize(
    "wrong",
    [
        "number: x",
        "names: {a: 1}",
        "names: [1, {}]",
        "{a: 1",
        "aws:\n  region: x",
        "a:b:c: 1",
        "number: 5.5",
        "number: -5",
        "number: '+5'",
        "number: 5.0",
        "number: true",
        "text: 5",
        "text: [5]",
        "flag: true",
        "flag: 'true'",
        "flag: 1",
        "flag: yes",
        "object: {a: 1}",
        "object: [1]",
        "object: x",
        "names: [1, two]",
        "names: []",
        "nested: [[1], [2, x]]",
        "nested: [1]",
        "aws:config:region: eu-west-1",
        "text: 2026-01-02",
    ],
)
def test_both_refuse_the_same(tmp_path: Path, wrong: str) -> None:
    """Malformed YAML and values of the wrong type stop both before the program runs."""
    body = "config:\n" + "".join(f"  {line}\n" for line in wrong.splitlines())
    cli = _write(tmp_path / "project", body)
    theirs = cli.run("preview", "--stack", "test", check=False)
    try:
        ours = LocalSandbox.here(cli.folder).stack("test").preview().succeeded
    except Exception:
        ours = False
    assert ours is (theirs.returncode == 0), theirs.stdout + theirs.stderr
