"""What a person sees of a deployment."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from sluice_sandbox.engine.display.progress import Progress
from sluice_sandbox.engine.display.report import report
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from tests.conftest import Declare, thing
from tests.support.cloud import World


def _shown(result: Result, *, diff: bool = False, before: Mapping[str, Any] | None = None) -> str:
    text = io.StringIO()
    report(Console(file=text, width=160), result, before or {}, diff=diff)
    return text.getvalue()


def test_a_replacement_says_which_property_is_the_reason(cloud: Declare) -> None:
    """One line for the resource, marked `+-`, and below it what forces the replacement."""
    stack = cloud(thing("a", kind="x", size=1), thing("b", of={"$ref": "a.id"}))
    stack.up()
    stack.config["resources"] = [thing("a", kind="y", size=2), thing("b", of={"$ref": "a.id"})]
    shown = _shown(stack.preview())
    assert " +- ├─ cloud:index:Thing  a          replace  [diff: ~kind,~size]" in shown
    assert '  ~ kind: "x" => "y"' in shown
    assert " ~  └─ cloud:index:Thing  b          update   [diff: ~of]" in shown
    assert '  ~ of: "a-1" => [unknown]' in shown
    assert "    +-1 to replace" in shown
    assert "delete-replaced" not in shown, "the halves of a replacement are one thing to a person"


def test_nested_changes_are_shown_within_what_they_belong_to(cloud: Declare) -> None:
    """The way to a change is drawn once; what does not change is left out."""
    deep = {"same": 1, "rules": [{"days": 30, "prefix": "v1/"}, {"days": 60, "prefix": "v2/"}]}
    stack = cloud(thing("a", deep=deep))
    stack.up()
    changed = {"same": 1, "rules": [{"days": 30, "prefix": "v1/"}, {"days": 90, "prefix": "v2/"}, {"days": 1}]}
    stack.config["resources"] = [thing("a", deep=changed)]
    shown = _shown(stack.preview())
    assert "      ~ rules: [" in shown
    assert "          ~ [1]: {" in shown
    assert "              ~ days: 60 => 90" in shown
    assert "          + [2]: {" in shown
    assert "v1/" not in shown


@pytest.mark.parametrize("diff", [False, True])
def test_secrets_are_masked(cloud: Declare, diff: bool) -> None:
    """Before and after, in properties and outputs."""
    stack = cloud(thing("a", password={"$secret": "hush-one"}), exports={"password": {"$secret": "hush-one"}})
    stack.up()
    stack.config |= {
        "resources": [thing("a", password={"$secret": "hush-two"})],
        "exports": {"password": {"$secret": "hush-two"}},
    }
    before = stack.state().resources[0].outputs
    shown = _shown(stack.preview(), diff=diff, before=before)
    assert "~ password: [secret] => [secret]" in shown
    assert "hush" not in shown


def test_a_failure_is_told_with_its_resource(cloud: Declare, world: World) -> None:
    """Below `Diagnostics`, by resource; the counts say how many failed."""
    stack = cloud(thing("a"))
    world.fail("create:a", "there is no room")
    with pytest.raises(UpdateFailed) as failed:
        stack.up()
    shown = _shown(failed.value.result)
    assert "Diagnostics:\n  cloud:index:Thing (a):\n    error: there is no room" in shown
    assert "    1 errored" in shown


def test_outputs_show_what_became_of_them(cloud: Declare) -> None:
    """New, changed, gone and unchanged ones, as Pulumi marks them."""
    stack = cloud(exports={"same": 1, "changed": 1, "gone": 1, "deep": {"x": 1, "y": [1]}})
    before = dict(stack.up().outputs)
    stack.config["exports"] = {"same": 1, "changed": 2, "new": [1], "deep": {"x": 2, "y": [1]}}
    shown = _shown(stack.preview(), before=before)
    assert "  ~ changed: 1 => 2" in shown
    assert "  ~ deep   : {\n      ~ x: 1 => 2\n    }" in shown
    assert "  - gone   : 1" in shown
    assert "  + new    : [" in shown
    assert "    same   : 1" in shown


def test_a_terminal_gets_colours_and_a_table_that_stays(cloud: Declare, world: World) -> None:
    """While it runs each resource has a line that changes in place; what remains are all of them, done."""
    stack = cloud(thing("a"), thing("b", of={"$ref": "a.out"}))
    text = io.StringIO()
    console = Console(file=text, width=160, force_terminal=True, color_system="standard")
    with Progress(console, preview=False) as progress:
        result = stack.up(progress)
    report(console, result, {}, diff=False)
    assert "\x1b[" in text.getvalue()
    assert "created" in text.getvalue()


def test_a_pipe_gets_a_line_for_every_event(cloud: Declare) -> None:
    """In the order in which things happened, without control characters."""
    stack = cloud(thing("a"), thing("b", of={"$ref": "a.out"}))
    text = io.StringIO()
    with Progress(Console(file=text, width=160), preview=False) as progress:
        stack.up(progress)
    lines = text.getvalue().splitlines()
    assert lines.index(" +  cloud:index:Thing a created") < lines.index(" +  cloud:index:Thing b creating")
    assert "\x1b" not in text.getvalue()
