"""The report of a deployment that is over."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from sluice.provider.wire import Json
from sluice_sandbox.engine.display.diff_view import change_lines, diff_lines
from sluice_sandbox.engine.display.summary import count_lines, diagnostic_lines, output_lines, policy_lines
from sluice_sandbox.engine.display.tree_view import tree_lines
from sluice_sandbox.engine.result import Result

_TITLES = {"update": ("Previewing update", "Updating"), "refresh": ("Previewing refresh", "Refreshing")}
_TITLES["destroy"] = ("Previewing destroy", "Destroying")


def title(kind: str, stack: str, *, preview: bool) -> Text:
    """Returns the line that begins an operation's report."""
    return Text(f"{_TITLES[kind][0 if preview else 1]} ({stack}):", "bold magenta")


def report(console: Console, result: Result, before: Mapping[str, Json], *, diff: bool) -> None:
    """Prints what happened, or would happen; `before` are the stack's outputs as they were."""
    if diff:
        say(console, _paragraph(diff_lines(result)))
    elif console.is_terminal or result.preview:
        say(console, _paragraph(tree_lines(result.steps, preview=result.preview)))
        if result.preview:
            say(console, _paragraph(change_lines(result)))
    say(console, policy_lines(result))
    say(console, diagnostic_lines(result))
    if not diff and result.kind == "update":
        say(console, output_lines(result.outputs, before))
    say(console, count_lines(result))


def _paragraph(lines: Iterable[Text]) -> list[Text]:
    found = list(lines)
    return [*found, Text()] if found else []


def say(console: Console, lines: Iterable[Text]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)
