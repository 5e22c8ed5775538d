"""Options of the Pulumi CLI that the sandbox does not have: refused by name, so that nobody takes them for obeyed."""

from typing import Any

import typer.core

# What each of them asks for, as Pulumi's documentation calls it.
_FEATURES = {
    "--target": "targets",
    "-t": "targets",
    "--target-dependents": "targets",
    "--target-replace": "targets",
    "--replace": "targets",
    "--exclude": "targets",
    "--exclude-dependents": "targets",
    "--exclude-protected": "targets",
    "--import-file": "imports",
    "--refresh": "refreshing within another operation",
    "-r": "refreshing within another operation",
    "--continue-on-error": "continuing after an error",
    "--config": "setting configuration from the command line",
    "-c": "setting configuration from the command line",
    "--config-file": "other configuration files",
    "--secrets-provider": "other secrets providers",
    "--run-program": "running the program in `refresh` and `destroy`",
    "--remove": "removing stacks",
    "--attach-debugger": "debuggers",
}


class Command(typer.core.TyperCommand):
    """A command that tells an option of the Pulumi CLI's from a misspelt one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {name for parameter in self.params for name in parameter.opts}
        for argument in args:
            option = argument.partition("=")[0]
            if option in _FEATURES and option not in own:
                from sluice_sandbox.errors import NotInSandbox

                raise NotInSandbox(_FEATURES[option], f"the option {option}")
        return super().parse_args(ctx, args)
