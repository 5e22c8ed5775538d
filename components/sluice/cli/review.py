"""`sluice review`: a deployment on one page, for a pull request."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from sluice.cli.rollout_options import AsJson, Folder, StackName
from sluice.errors import SluiceError

Base = Annotated[
    str | None,
    typer.Option("--base", help="The Git ref that it is compared with, `origin/main`. Omitted: what is deployed."),
]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        help="What `pulumi preview --json --show-sames` printed. Omitted: the sandbox plans, without credentials.",
        exists=True,
        dir_okay=False,
    ),
]
Packs = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack", help="A folder of policies. Omitted: `policies`, if there.", exists=True),
]
PackConfigs = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy-pack-config",
        help="Levels and settings, once for each --policy-pack. Omitted: the pack's `config/<stack>.json`, if there.",
        exists=True,
        dir_okay=False,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write it there. Omitted: print it.", dir_okay=False)
]


def review(
    stack: StackName = None,
    base: Base = None,
    plan: PlanFile = None,
    policy_pack: Packs = None,
    policy_pack_config: PackConfigs = None,
    output: Output = None,
    as_json: AsJson = False,
    aws_port: Annotated[int, typer.Option("--aws-port", help="Port of the sandbox's AWS. Omitted: any free one.")] = 0,
    cwd: Folder = Path(),
) -> None:
    """
    Show a reviewer on one page what a deployment does: traffic, versions, evidence, gates, policies, cost, resources.

    Markdown that a comment on a pull request holds. Ends with 1 when it must not be deployed; the page is there too.
    """
    from sluice.cli.deployed import project_of
    from sluice.cli.review_declared import declared_at, declared_now
    from sluice.cli.review_plan import cost_of, plan_of_file, plan_of_sandbox
    from sluice.review.markdown import markdown
    from sluice.review.page import Outcome
    from sluice.review.page import review as reviewed

    name = _stack(cwd, stack, plan)
    # The CLI accepts a stack as organization/project/stack; its file is named by the last part.
    short = name.rsplit("/", 1)[-1]
    root, folder = project_of(cwd)
    file = folder / f"Pulumi.{short}.yaml"
    packs = policy_pack or [it for it in (root / "policies",) if (it / "PulumiPolicy.yaml").is_file()]
    configs = policy_pack_config or _configs(packs, short)
    now = declared_now(root, file)
    with nullcontext() if base is None else declared_at(root, file, base) as before:
        found = (
            plan_of_sandbox(cwd, name, packs, configs, aws_port) if plan is None else plan_of_file(plan, packs, configs)
        )
        it = reviewed(short, found, now, before, base, cost_of(found, packs))
        text = json.dumps(it.document(), indent=2, ensure_ascii=False) + "\n" if as_json else markdown(it)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
    if it.outcome is Outcome.REFUSED:
        raise typer.Exit(1)


def _stack(cwd: Path, stack: str | None, plan: Path | None) -> str:
    if stack is not None:
        return stack
    if plan is not None:
        raise SluiceError("say which stack the plan is of, with --stack")
    from sluice.cli.review_plan import require_sandbox
    from sluice.cli.sandbox_session import choose, sandbox_at

    require_sandbox()
    return choose(sandbox_at(cwd, 0), None)


def _configs(packs: list[Path], stack: str) -> list[Path]:
    """Returns each pack's own configuration for the stack; none unless all have one."""
    found = [pack / "config" / f"{stack}.json" for pack in packs]
    return found if all(it.is_file() for it in found) else []
