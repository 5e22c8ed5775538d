"""The command `sluice`: thin commands, one file a group."""

import sys

import typer
from rich.console import Console
from rich.text import Text

from sluice.errors import SluiceError


def app() -> typer.Typer:
    """Returns the command line, with the groups that are installed."""
    from sluice.cli import (
        advance,
        comparison,
        diff,
        evaluation,
        manifests,
        review,
        rollback,
        sandbox,
        shadow,
        status,
        timeline,
    )

    root = typer.Typer(
        help="Model deployments as infrastructure diffs.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.callback()(_root)
    root.command()(manifests.lock)
    root.command()(manifests.verify)
    root.command()(diff.diff)
    root.command()(review.review)
    root.command()(evaluation.evaluate)
    root.command()(comparison.compare)
    root.command()(comparison.plan_evaluation)
    root.command()(status.status)
    root.command()(status.history)
    root.command()(timeline.timeline)
    root.command()(advance.advance)
    root.command()(advance.promote)
    root.command()(rollback.rollback)
    root.command()(rollback.reconcile)
    root.command()(manifests.schema)
    root.add_typer(shadow.commands, name="shadow")
    root.add_typer(sandbox.commands, name="sandbox")
    return root


def main() -> None:
    """Runs the command line. What Sluice raises on purpose becomes a message and an exit code, the Pulumi CLI's."""
    try:
        app()()
    except SluiceError as error:
        Console(stderr=True).print(Text(f"error: {error}", "red"), soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _root() -> None:
    """Model deployments as infrastructure diffs."""
