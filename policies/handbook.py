"""`python policies/handbook.py` writes docs/policies.md: all policies, and what of others' they cover."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from checklist import ALL, ASKED, WAIVED
from discovery import discover
from rule import Concern, ResourceRule, Rule, StackRule

FILE = Path(__file__).parent.parent / "docs" / "policies.md"
_HEAD = """\
# Policies

<!-- Written by `python policies/handbook.py`; edit the policies instead. -->

The pack is in `policies/`, one policy a file in `policies/rules/`. It needs none of our components: hand-written
`aws:*` resources are looked at too.

```
pulumi preview --policy-pack policies --policy-pack-config policies/config/prod.json
sluice sandbox preview --policy-pack policies --policy-pack-config policies/config/local.json
cd policies && python -m rules check-state ../state.json --config config/prod.json
```

The last one reads what `pulumi stack export` or `sluice sandbox stack --export` writes, and needs no engine. It exits
with 1 when something stops a deployment, with 2 when a file is wrong.

- **Levels** are set by environment, in `policies/config/<environment>.json`: `advisory`, `mandatory`, `remediate` or
  `disabled`, for a policy or for `all`, beside the policy's settings. The CLI takes no notice of a policy that there is
  not; `python -m rules check-config FILE` and the sandbox refuse it.
- **Production**: policies that are marked so look at stacks whose names say `prod`; their setting `stacks` says which.
- **Waivers** are in `policies/waivers.json`, each with `policy`, `resource` (a pattern of its name, or of its URN),
  `reason` and `expires`. One that has expired, or has no reason, stops every deployment.
- **What is not known yet** in a preview neither satisfies nor violates a policy; the update looks again.
- **Remediation**: with the level `remediate`, policies marked so put right what is safe to put right.
- **Cost** is estimated from `policies/prices/sagemaker.json`, which says its date;
  `python -m rules cost STATE --before STATE` tells the difference that a change makes.

What traffic a rise comes from is in no resource, so that no rung is skipped is decided by the endpoint's own gates; the
policies of the concern rollout see to it that there are gates, a gradual ladder, soak and freezes.
"""


def text() -> str:
    """Returns the whole document."""
    rules = list(discover())
    return "\n".join([_HEAD, *_sections(rules), *_asked(), *_mapping(rules), *_waived()])


def _sections(rules: Sequence[Rule]) -> Iterator[str]:
    for concern in Concern:
        yield f"## {concern.value.capitalize()}\n"
        yield "| policy | what must be so, and why | what to do | settings |"
        yield "| --- | --- | --- | --- |"
        for rule in (it for it in rules if it.concern is concern):
            told = f"{rule.description} {rule.reason}"
            yield f"| {_name(rule)} | {_cell(told)} | {_cell(rule.fix)} | {_settings(rule)} |"
        yield ""


def _name(rule: Rule) -> str:
    marks = [
        *([] if rule.level.value == "mandatory" else [rule.level.value]),
        *(["production"] if rule.production else []),
        *(["remediates"] if isinstance(rule, ResourceRule) and rule.remedy is not None else []),
        *(["stack"] if isinstance(rule, StackRule) else []),
    ]
    return f"`{rule.id}`" + (f"<br>{', '.join(marks)}" if marks else "")


def _settings(rule: Rule) -> str:
    told = [f"`{key}`: {_cell(json.dumps(it['default']))}" for key, it in rule.settings.items()]
    return "<br>".join(told)


def _asked() -> Iterator[str]:
    yield "## What we ask besides security\n"
    yield "| what | policies |"
    yield "| --- | --- |"
    yield from (f"| {what} | {', '.join(f'`{policy}`' for policy in policies)} |" for what, policies in ASKED.items())
    yield ""


def _mapping(rules: Iterable[Rule]) -> Iterator[str]:
    covering: dict[str, list[str]] = {}
    for rule in rules:
        for identifier in rule.covers:
            covering.setdefault(identifier, []).append(rule.id)
    yield "## What others ask\n"
    yield "| Checkov, Security Hub | ours |"
    yield "| --- | --- |"
    for identifier in ALL:
        ours = ", ".join(f"`{policy}`" for policy in covering.get(identifier, []))
        yield f"| {identifier} | {ours or 'waived, see below'} |"
    yield ""


def _waived() -> Iterator[str]:
    yield "## What we do not ask\n"
    yield from (f"- **{identifier}**: {reason}" for identifier, reason in WAIVED.items())
    yield ""


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
