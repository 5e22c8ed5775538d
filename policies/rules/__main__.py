"""`python -m rules`, from the folder `policies`: policies over exported stacks, and their files, without an engine."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from configuration import Configuration, read_configuration
from cost import FILE as PRICES
from cost import Estimate, Prices, difference, estimate, read_prices
from discovery import discover
from problems import InvalidPolicyFile
from rule import Rule
from state_check import Result, check_state, read_export
from waivers import FILE as WAIVERS
from waivers import Waiver, read_waivers


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 when nothing stops a deployment, 1 when something does, 2 for a file that is wrong."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except InvalidPolicyFile as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return code


def _check_state(options: argparse.Namespace) -> int:
    rules = list(discover())
    configuration = Configuration() if options.config is None else read_configuration(options.config, rules)
    found = check_state(read_export(options.state), rules, configuration, _waivers(rules, options.waivers))
    results = sorted(found, key=lambda it: (not it.stops, it.policy, it.urn))
    if options.json:
        sys.stdout.write(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{_line(result)}\n" for result in results)
    return int(any(result.stops for result in results))


def _check_config(options: argparse.Namespace) -> int:
    rules = list(discover())
    for file in options.config:
        read_configuration(file, rules)
    _waivers(rules, options.waivers)
    return 0


def _cost(options: argparse.Namespace) -> int:
    prices = read_prices(options.prices)
    after = estimate(read_export(options.state).made, prices, options.region)
    before = None if options.before is None else estimate(read_export(options.before).made, prices, options.region)
    if options.json:
        sys.stdout.write(json.dumps(_cost_document(prices, after, before), indent=2) + "\n")
        return 0
    lines = [f"{line.monthly:12,.2f}  {line.what}" for line in after.lines]
    lines.append(f"{after.total:12,.2f}  {prices.currency} a month by the prices of {prices.as_of}, {options.region}")
    if after.unpriced:
        lines.append(f"no price is known of {', '.join(after.unpriced)}")
    if before is not None:
        lines.append(f"{difference(before, after):+12,.2f}  by this change")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _cost_document(prices: Prices, after: Estimate, before: Estimate | None) -> dict[str, Any]:
    return {
        "currency": prices.currency,
        "asOf": prices.as_of,
        "total": after.total,
        "before": None if before is None else before.total,
        "lines": [{"urn": it.resource.urn, "what": it.what, "monthly": it.monthly} for it in after.lines],
        "unpriced": list(after.unpriced),
    }


def _waivers(rules: Sequence[Rule], file: Path) -> list[Waiver]:
    return read_waivers([rule.id for rule in rules], datetime.now(UTC).date(), file)


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
    check.add_argument("--json", action="store_true", help="Print a JSON document.")
    check.set_defaults(run=_check_state)
    config = commands.add_parser("check-config", help="Check configurations of the pack, and the waivers.")
    config.add_argument("config", type=Path, nargs="*", help="The files.")
    config.set_defaults(run=_check_config)
    for command in (check, config):
        command.add_argument("--waivers", type=Path, default=WAIVERS, help="Omitted: waivers.json beside the pack.")
    cost = commands.add_parser(
        "cost", help="Tell what a stack costs a month, and by how much a change makes it dearer."
    )
    cost.add_argument("state", type=Path, help="The export.")
    cost.add_argument("--before", type=Path, help="The export from before the change. Omitted: no difference is told.")
    cost.add_argument("--region", default="eu-west-1", help="Whose prices. Omitted: eu-west-1.")
    cost.add_argument("--prices", type=Path, default=PRICES, help="Omitted: prices/sagemaker.json of the pack.")
    cost.add_argument("--json", action="store_true", help="Print a JSON document.")
    cost.set_defaults(run=_cost)
    return parser


if __name__ == "__main__":
    sys.exit(main())
