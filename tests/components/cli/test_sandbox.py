"""`sluice sandbox ...`: what is printed, and how it ends."""

import json

import pytest

from tests.components.cli.conftest import Project

CHANGED = "config:\n  boxes: {small: 2, huge: 9}\n  label: x\n"


def test_up_shows_does_and_is_done(project: Project) -> None:
    """The plan, the progress and the outputs the first time; `no changes` the second."""
    first = project.sandbox("up", "--yes")
    assert first.code == 0
    assert " +  ├─ test:index:Box    large     create" in first.out
    assert " +  test:index:Box small created" in first.out
    assert "    password: [secret]" in first.out.replace("  + password", "    password")
    assert "    + 3 created" in first.out
    second = project.sandbox("up", "--yes")
    assert second.out.endswith("no changes\n")


def test_a_preview_shows_what_changes_within_resources(project: Project) -> None:
    """A tree of what happens, then property by property what changes."""
    project.sandbox("up", "--yes")
    project.configure(CHANGED)
    shown = project.sandbox("preview")
    assert shown.code == 0
    assert " ~  ├─ test:index:Box    small     update  [diff: +label,~size]" in shown.out
    assert '  + label: "x"\n  ~ size : 1 => 2\n' in shown.out
    assert "    3 changes. 1 unchanged" in shown.out


def test_diff_shows_every_property(project: Project) -> None:
    """Like the CLI's `--diff`: each resource with its URN and properties."""
    shown = project.sandbox("preview", "--diff").out
    assert "    + test:index:Box: (create)\n        [urn=urn:pulumi:dev::shop::test:index:Box::large]\n" in shown
    assert "        size: 9\n" in shown


def test_nothing_is_coloured_when_piped(project: Project) -> None:
    """Plain text for logs."""
    assert "\x1b" not in project.sandbox("up", "--yes", "--diff").out


def test_json_is_one_document(project: Project) -> None:
    """For scripts: steps, counts, outputs and configuration, with secrets masked and nothing else printed."""
    project.configure(CHANGED)
    shown = project.sandbox("preview", "--json")
    document = json.loads(shown.out)
    assert document["changeSummary"] == {"create": 3}
    assert document["outputs"] == {"password": "[secret]", "count": 2}
    assert document["config"]["shop:label"] == "x"
    assert [step["op"] for step in document["steps"]] == ["create"] * 3
    assert "hush hush" not in shown.out


def test_expected_no_changes(project: Project) -> None:
    """Exit code 7 says that there were some, as the CLI's does."""
    assert project.sandbox("preview", "--expect-no-changes").code == 7
    project.sandbox("up", "--yes")
    assert project.sandbox("preview", "--expect-no-changes").code == 0
    project.configure(CHANGED)
    changed = project.sandbox("up", "--yes", "--expect-no-changes")
    assert changed.code == 7
    assert "no changes were expected but changes occurred" in changed.err


def test_nobody_is_there_to_confirm(project: Project) -> None:
    """Exit code 2, and nothing is done."""
    asked = project.sandbox("up")
    assert asked.code == 2
    assert "--yes" in asked.err
    assert "0 resources" in project.sandbox("stack").out


def test_an_unknown_stack(project: Project) -> None:
    """Exit code 6, and the ones that there are."""
    unknown = project.sandbox("preview", "--stack", "prod")
    assert unknown.code == 6
    assert "no stack named 'prod'" in unknown.err
    assert "known stacks: dev" in unknown.err


def test_several_stacks_need_a_name(project: Project) -> None:
    """Which one is not guessed."""
    project.configure("config: {}\n", stack="prod")
    unnamed = project.sandbox("preview")
    assert unnamed.code == 6
    assert "known stacks: dev, prod" in unnamed.err
    assert project.sandbox("preview", "-s", "prod").code == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("config:\n  boxes: {small: 1\n", "line 3:"),
        ("config:\n\tboxes: 1\n", "line 2:"),
        ("config:\n  - boxes\n", "line 1: config is a list; expected a map of keys to values"),
        ("- config\n", "line 1: is a list; expected a map"),
        ("config:\n  a:b:c: 1\n", "line 2: a:b:c is not a configuration key"),
        ("config:\n  shop:secret: {secure: v1:abc}\n", "line 2: shop:secret is encrypted and the file has no"),
    ],
)
def test_malformed_configuration(project: Project, text: str, expected: str) -> None:
    """The message names the file, the line and what is wrong there; nothing runs."""
    project.configure(text)
    shown = project.sandbox("preview")
    assert shown.code != 0
    assert "Pulumi.dev.yaml" in shown.err
    assert expected in shown.err
    assert "Traceback" not in shown.err


def test_a_wrong_type_deep_in_the_configuration(project: Project) -> None:
    """All problems at once, each with its line, its path, what was found and what was declared."""
    (project.folder / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\nconfig:\n"
        "  sizes: {type: array, items: {type: array, items: {type: integer}}}\n"
        "  label: {type: string}\n"
    )
    project.configure("config:\n  boxes: {}\n  sizes: [[1], [2, many]]\n  label: {a: 1}\n")
    shown = project.sandbox("preview")
    assert "2 problems" in shown.err
    assert "line 3: sizes[1][1] is the text 'many'; integer is declared" in shown.err
    assert "line 4: label is a map; string is declared" in shown.err


def test_outside_of_a_project(project: Project) -> None:
    """It says what is missing."""
    (project.folder / "Pulumi.yaml").unlink()
    shown = project.sandbox("preview")
    assert shown.code == 1
    assert "no Pulumi.yaml" in shown.err


def test_a_failing_program(project: Project) -> None:
    """Exit code 1, and the program's own lines."""
    (project.folder / "__main__.py").write_text("import pulumi\n\nraise ValueError('no such model')\n")
    shown = project.sandbox("preview")
    assert shown.code == 1
    assert "ValueError: no such model" in shown.out + shown.err
    assert '__main__.py", line 3' in shown.out + shown.err


def test_the_stack_and_its_outputs(project: Project) -> None:
    """Secrets are shown on request only; the export is one that `pulumi stack import` takes."""
    project.sandbox("up", "--yes")
    assert "password: [secret]" in project.sandbox("stack").out
    assert "hush hush" in project.sandbox("stack", "--show-secrets").out
    exported = project.sandbox("stack", "--export").out
    assert len(json.loads(exported)["deployment"]["resources"]) == 3
    assert "hush hush" not in exported


def test_destroy_and_reset(project: Project) -> None:
    """After `destroy` the stack is empty; after `reset` so is the sandbox."""
    project.sandbox("up", "--yes")
    destroyed = project.sandbox("destroy", "--yes")
    assert "    - 3 deleted" in destroyed.out
    assert (project.folder / ".sluice").exists()
    assert project.sandbox("reset", "--yes").out == "the sandbox is empty\n"
    assert not (project.folder / ".sluice").exists()


def test_refresh_of_a_stack_without_drift(project: Project) -> None:
    """Nothing changes, and it says so."""
    project.sandbox("up", "--yes")
    refreshed = project.sandbox("refresh", "--yes")
    assert refreshed.code == 0
    assert refreshed.out.endswith("no changes\n")


@pytest.mark.parametrize(
    ("arguments", "feature"),
    [
        (["up", "--target", "urn:x"], "targets"),
        (["preview", "-t", "urn:x"], "targets"),
        (["destroy", "--exclude-protected"], "targets"),
        (["up", "--refresh"], "refreshing within another operation"),
        (["preview", "--config", "a=b"], "setting configuration from the command line"),
    ],
)
def test_options_of_the_cli_are_refused_by_name(project: Project, arguments: list[str], feature: str) -> None:
    """What the sandbox does not have is not a misspelling: the message says what has it."""
    refused = project.sandbox(*arguments)
    assert refused.code == 1
    assert f"does not support {feature}" in refused.err
    assert "Pulumi CLI" in refused.err


def test_a_misspelt_option(project: Project) -> None:
    """Exit code 2, as for any command."""
    assert project.sandbox("up", "--dif").code == 2


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("config:\n  pulumi:disable-default-providers: ['*']\n", "pulumi:disable-default-providers"),
        ("config:\n  pulumi:autonaming: {mode: verbatim}\n", "pulumi:autonaming"),
        ("environment: [prod]\n", "Pulumi ESC"),
        ("secretsprovider: awskms://key\n", "the secrets provider"),
    ],
)
def test_configuration_for_the_engine_is_refused_by_name(project: Project, text: str, feature: str) -> None:
    """Settings that the CLI would obey are not ignored."""
    project.configure(text)
    refused = project.sandbox("preview")
    assert refused.code == 1
    assert "does not support" in refused.err
    assert feature in refused.err


def test_options_of_the_project_are_refused_by_name(project: Project) -> None:
    """`options: {refresh: always}` in `Pulumi.yaml` is one that would be missed."""
    (project.folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\noptions: {refresh: always}\n")
    refused = project.sandbox("preview")
    assert "does not support the project's options refresh" in refused.err


@pytest.mark.parametrize("command", ["up", "preview", "refresh", "destroy", "stack", "reset", "serve", "stop"])
def test_every_command_explains_itself(project: Project, command: str) -> None:
    """`--help` says what the command and each of its options do."""
    shown = project.sandbox(command, "--help")
    assert shown.code == 0
    assert "--cwd" in shown.out
    assert "The project's folder" in shown.out


PACK = """
from pulumi_policy import *
def check(args, report):
    report(f"limit is {args.get_config()['limit']:g}")
LIMIT = PolicyConfigSchema({"limit": {"type": "number", "default": 7}})
PolicyPack("p", [ResourceValidationPolicy("it", "D.", check, EnforcementLevel.MANDATORY, config_schema=LIMIT)])
"""


def _pack(project: Project, config: str) -> tuple[str, ...]:
    """Writes a pack and its configuration, and returns the options that name them."""
    folder = project.folder / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(PACK)
    (project.folder / "config.json").write_text(config)
    return ("--policy-pack", str(folder), "--policy-pack-config", str(project.folder / "config.json"))


def test_a_policy_pack_is_configured_by_a_file(project: Project) -> None:
    """Its level and settings, as with the CLI."""
    shown = project.sandbox("preview", *_pack(project, '{"it": {"enforcementLevel": "advisory", "limit": 2}}'))
    assert shown.code == 0
    assert "[advisory]  it" in shown.out
    assert "limit is 2" in shown.out


def test_a_configuration_of_an_unknown_policy(project: Project) -> None:
    """It is refused by the file's name; the CLI would take no notice of it."""
    shown = project.sandbox("preview", *_pack(project, '{"its": "advisory"}'))
    assert shown.code != 0
    assert "config.json: 1 problem" in shown.err
    assert "its is no policy of this pack; it has it" in shown.err


def test_a_configuration_for_each_pack(project: Project) -> None:
    """Which is for which is told by their order, so there are as many."""
    options = _pack(project, "{}")
    shown = project.sandbox("preview", *options, "--policy-pack", options[1])
    assert shown.code != 0
    assert "give --policy-pack-config once for each --policy-pack" in shown.err
