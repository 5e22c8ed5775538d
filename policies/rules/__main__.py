"""`python -m rules check-state STATE`, from the folder `policies`: the policies over a stack as it was exported."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from configuration import Configuration, read_configuration
from discovery import discover
from problems import InvalidPolicyFile
from state_check import Result, check_state, read_export
from waivers import FILE, read_waivers


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 when nothing stops a deployment, 1 when something does, 2 for a file that is wrong."""
    options = _parser().parse_args(arguments)
    try:
        results = _results(options)
    except InvalidPolicyFile as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if options.json:
        sys.stdout.write(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{_line(result)}\n" for result in results)
    return int(any(result.stops for result in results))


def _results(options: argparse.Namespace) -> list[Result]:
    rules = list(discover())
    configuration = Configuration() if options.config is None else read_configuration(options.config, rules)
    waivers = read_waivers([rule.id for rule in rules], datetime.now(UTC).date(), options.waivers)
    found = check_state(read_export(options.state), rules, configuration, waivers)
    return sorted(found, key=lambda it: (not it.stops, it.policy, it.urn))


def _line(result: Result) -> str:
    if result.waiver is None:
        return f"[{result.level.value}]  {result.policy}  {result.message}"
    until = result.waiver.expires.isoformat()
    return f"[waived until {until}]  {result.policy}  {result.message} (waived: {result.waiver.reason})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rules", description="Policies, without any engine.")
    commands = parser.add_subparsers(required=True)
    check = commands.add_parser("check-state", help="Check a stack as `pulumi stack export` writes it.")
    check.add_argument("state", type=Path, help="The export.")
    check.add_argument("--config", type=Path, help="As `--policy-pack-config` of the CLI. Omitted: policies' defaults.")
    check.add_argument("--waivers", type=Path, default=FILE, help="Omitted: waivers.json beside the pack.")
    check.add_argument("--json", action="store_true", help="Print a JSON document.")
    return parser


if __name__ == "__main__":
    sys.exit(main())
