"""`sluice compare` and `sluice plan-evaluation`: what two versions differ in, and what a set can see."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from sluice.cli.evaluation import Manifest, needed

Contract = Annotated[
    Path | None,
    typer.Option("--contract", help="What it is judged by. Omitted: the candidate's contract.", exists=True),
]


def compare(
    incumbent: Manifest,
    candidate: Manifest,
    contract: Contract = None,
    write: Annotated[bool, typer.Option("--write", help="Keep it beside the candidate's manifest.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to look at.", dir_okay=False)] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Write Markdown.", dir_okay=False)] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Write a picture.", dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison itself.")] = False,
) -> None:
    """
    Compare two evaluated versions, example by example: better, not worse, worse, or cannot tell.

    Ends with 1 unless the candidate may take the incumbent's place; "cannot tell" is not a pass.
    """
    with needed():
        from sluice.evaluation.display.sentences import is_pass
        from sluice.evaluation.material import shown_of
    from sluice.evaluation.comparison import path_for

    shown, incumbent_version = shown_of(incumbent, candidate, contract)
    if write:
        path_for(candidate, incumbent_version).write_text(shown.comparison.text(), encoding="utf-8")
    if html is not None:
        from sluice.evaluation.display.html import page

        html.write_text(page(shown), encoding="utf-8")
    if markdown is not None:
        from sluice.evaluation.display.markdown import markdown as text_of

        markdown.write_text(text_of(shown), encoding="utf-8")
    if png is not None:
        from sluice.evaluation.display.png import picture

        png.write_bytes(picture(shown))
    if as_json:
        typer.echo(json.dumps(shown.comparison.model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        from sluice.evaluation.display.terminal import renderable

        console = Console()
        console.print(renderable(shown))
        for path in (path_for(candidate, incumbent_version) if write else None, html, markdown, png):
            if path is not None:
                console.print(Text(f"written: {path}"))
    if not is_pass(shown):
        raise typer.Exit(1)


def plan_evaluation(
    incumbent: Manifest,
    candidate: Manifest,
    contract: Contract = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures.")] = False,
) -> None:
    """
    Say how many examples the contract's margins take, by what two evaluated versions showed.

    Ends with 1 when the set is too small for one of them.
    """
    with needed():
        from sluice.evaluation.display.plan import plan_table
        from sluice.evaluation.material import compared
        from sluice.evaluation.planning import plan_rows

    comparison, found = compared(incumbent, candidate, contract)
    rows = plan_rows(comparison, found)
    if as_json:
        typer.echo(json.dumps([vars(row) for row in rows], indent=2))
    else:
        Console().print(plan_table(rows, found.significance, found.power))
    if any(row.examples_needed is not None and row.examples_needed > row.examples for row in rows):
        raise typer.Exit(1)
