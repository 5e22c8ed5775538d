"""`sluice timeline`: what had how much of the traffic when, to look at."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from sluice.cli.rollout_options import Endpoint, Folder, Sandbox, StackName
from sluice.errors import SluiceError


def timeline(
    endpoint: Endpoint = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to look at.", dir_okay=False)] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Write a picture.", dir_okay=False)] = None,
    stack: StackName = None,
    sandbox: Sandbox = None,
    cwd: Folder = Path(),
) -> None:
    """Draw an endpoint's traffic by version over time, with its stages, what gates said, and rollbacks."""
    from sluice.cli.deployed import deployed, journal_of
    from sluice.cli.evaluation import needed
    from sluice.cli.status import status_now

    if html is None and png is None:
        raise SluiceError("say what to write: --html FILE, --png FILE, or both")
    one = deployed(cwd, stack, sandbox).one(endpoint)
    history = journal_of(one).read(one.name)
    if not len(history):
        raise SluiceError(f"the journal has nothing of {one.name}")
    with needed():
        from sluice.cli.timeline_picture import page, picture
    now = status_now(one)
    if png is not None:
        png.write_bytes(picture(history, now, "png"))
    if html is not None:
        html.write_text(page(history, now), encoding="utf-8")
    for path in (html, png):
        if path is not None:
            Console().print(Text(f"written: {path}"), soft_wrap=True)
