"""Options that the commands about deployed endpoints share."""

from pathlib import Path
from typing import Annotated

import typer

Endpoint = Annotated[
    str | None, typer.Argument(help="Its name, or its component's. Omitted: the only one of the stack.")
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack", "-s", envvar="PULUMI_STACK", help="The stack. Omitted: `local`, or the only one that there is."
    ),
]
Folder = Annotated[
    Path, typer.Option("--cwd", "-C", help="The project's folder, or one in it.", file_okay=False, exists=True)
]
Sandbox = Annotated[
    bool | None,
    typer.Option(
        "--sandbox/--no-sandbox",
        help="Whether it is the sandbox's stack, or what `pulumi stack export` says. Omitted: the sandbox's if there.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", "-j", help="Print a JSON document.")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="The configuration's key, `digits:endpoint`. Omitted: the one with these slots."),
]
Slot = Annotated[str | None, typer.Option("--slot", help="Which slot. Omitted: the only candidate.")]
