"""Where the plan of a review is from, and what policies and prices say of it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sluice.errors import InvalidFile, Problem, SluiceError

if TYPE_CHECKING:
    from sluice.review.cost import Cost
    from sluice.review.plan import Plan

_SECONDS = 300
_REGION = "eu-west-1"


def plan_of_file(file: Path, packs: Sequence[Path], configs: Sequence[Path]) -> "Plan":
    """
    Returns the plan that `pulumi preview --json` wrote, with what the policies say of what it would make.

    The CLI leaves policies out of that document. Raises InvalidFile, or SluiceError for a pack that fails.
    """
    from sluice.review.plan import read_plan

    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        told = f"is no JSON: {error}; make one with: pulumi preview --json"
        raise InvalidFile(file.name, [Problem("", told)]) from None
    plan = read_plan(document, file.name)
    # Of a part of the stack nobody can say that a policy holds for the whole.
    if plan.policies is not None or not packs or plan.left_out:
        return plan
    if configs and len(configs) != len(packs):
        raise SluiceError(f"there are {len(configs)} configurations of {len(packs)} policy packs; give one for each")
    found = [_checked(plan, pack, configs[index] if configs else None) for index, pack in enumerate(packs)]
    return replace(plan, policies=tuple(result for results in found for result in results))


def plan_of_sandbox(cwd: Path, stack: str, packs: Sequence[Path], configs: Sequence[Path], aws_port: int) -> "Plan":
    """Returns what the sandbox would do, with all that gates and policies say. Needs no credentials."""
    require_sandbox()
    from sluice.cli.sandbox_session import sandbox_at
    from sluice.review.plan import read_plan
    from sluice_sandbox.engine.display.json_view import digest

    sandbox = sandbox_at(cwd, aws_port)
    found = sandbox.stack(stack, [it.resolve() for it in packs], policy_pack_configs=[it.resolve() for it in configs])
    result = found.preview()
    secrets = found.config.secrets
    config = {key: "[secret]" if key in secrets else value for key, value in found.config.values.items()}
    document = digest(result, config)
    # None were asked is not the same as none objects.
    document["policyViolations"] = document["policyViolations"] if packs else None
    return read_plan(document, stack)


def require_sandbox() -> None:
    """Raises SluiceError where the sandbox is not installed."""
    if find_spec("sluice_sandbox") is None or find_spec("moto") is None:
        raise SluiceError(
            "the sandbox, which would plan, is not installed; install it with: pip install 'pulumi-sluice[sandbox]', "
            "or give what pulumi preview --json prints as --plan"
        )


def cost_of(plan: "Plan", packs: Sequence[Path]) -> "Cost | None":
    """Returns what the stack costs by the first pack that has a price table; None without one."""
    from sluice.review.cost import Cost

    pack = next((it for it in packs if (it / "cost.py").is_file() and _has_rules(it)), None)
    if pack is None or plan.left_out:
        return None
    region = plan.config.get("aws:region", _REGION)
    with TemporaryDirectory(prefix="sluice-review-") as folder:
        files = {name: Path(folder) / f"{name}.json" for name in ("before", "after")}
        for name, file in files.items():
            file.write_text(json.dumps(plan.state(before=name == "before")))
        before = [] if plan.from_nothing else ["--before", str(files["before"])]
        found = _run(pack, "cost", str(files["after"]), *before, "--region", region, "--json")
    return Cost(
        currency=found["currency"],
        as_of=found["asOf"],
        region=region,
        after=found["total"],
        before=found["before"],
        lines=[(it["what"], it["monthly"]) for it in found["lines"]],
        unpriced=found["unpriced"],
    )


def _checked(plan: "Plan", pack: Path, config: Path | None) -> list[Any]:
    from sluice.review.plan import PolicyResult

    if not _has_rules(pack):
        raise SluiceError(f"the policy pack {pack.name} cannot look at a plan: it has no rules; leave it to the CLI")
    with TemporaryDirectory(prefix="sluice-review-") as folder:
        state = Path(folder) / "state.json"
        state.write_text(json.dumps(plan.state(before=False)))
        options = [] if config is None else ["--config", str(config.resolve())]
        found = _run(pack, "check-state", str(state), "--json", *options)
    results = []
    for it in found:
        waived = it.get("waived")
        reason = None if waived is None else f"{waived['reason']}, until {waived['expires']}"
        results.append(PolicyResult(it["policy"], it["level"], it["message"], it["urn"], reason))
    return results


def _has_rules(pack: Path) -> bool:
    return (pack / "rules" / "__main__.py").is_file()


def _run(pack: Path, *arguments: str) -> Any:
    # A process of its own: a pack's modules have names that anybody's may have.
    command = [sys.executable, "-m", "rules", *arguments]
    done = subprocess.run(command, cwd=pack, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise SluiceError(f"the policy pack {pack.name} fails: {done.stderr.strip().splitlines()[-1:] or ['nothing']}")
    return json.loads(done.stdout)
