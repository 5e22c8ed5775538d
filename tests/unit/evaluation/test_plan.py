"""Plans, as people write them."""

from pathlib import Path

import pytest

from sluice.errors import InvalidFile
from sluice.evaluation.plan import Plan, PlanFile, load_plan
from sluice.evaluation.targets import kinds
from tests.unit.evaluation.asking import plan_of
from tests.unit.test_imports import HEAVY, loaded

CLIENTS = {"openai", "anthropic", "httpx", "jmespath", "jinja2", "pyarrow", "pulumi"}

PLAN = """\
set: sets/holdout.jsonl
target:
  artifact: {}
"""


def load(folder: Path, text: str) -> PlanFile:
    (folder / "Pulumi.yaml").touch()
    path = folder / "digits.evaluation.yaml"
    path.write_text(text)
    return load_plan(path)


def said(folder: Path, text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        load(folder, text)
    return [str(problem) for problem in caught.value.problems]


def test_a_plan_says_little(tmp_path: Path) -> None:
    """A set and a target are enough; the rest is as documented."""
    file = load(tmp_path, PLAN)
    plan = file.plan
    assert (plan.runs, plan.concurrency, plan.rate_per_second, plan.timeout_seconds, plan.retries) == (
        1,
        4,
        None,
        60,
        3,
    )
    assert plan.target.kind == "artifact"
    assert file.set_path == tmp_path / "sets" / "holdout.jsonl"
    assert file.adversarial_path is None


def test_every_target_can_be_named() -> None:
    """Targets are found by their files."""
    assert kinds() == ("anthropic", "artifact", "callable", "http", "openai", "sagemaker")


def test_a_price_has_its_day(tmp_path: Path) -> None:
    """Prices change; one without its day says little."""
    assert load(tmp_path, PLAN + "price: {per_request: 0.1, as_of: 2026-10-01}\n").plan.price is not None
    assert said(tmp_path, PLAN + "price: {per_request: 0.1}\n") == ["line 4: price.as_of is missing"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (PLAN + "run: 3\n", "line 4: run is not known here; did you mean 'runs'?"),
        (PLAN + "runs: 0\n", "line 4: runs is 0; allowed: greater than or equal to 1"),
        (PLAN + "runs: '3'\n", "line 4: runs is '3'; allowed: a valid integer"),
        (PLAN + "rate_per_second: .inf\n", "line 1: rate_per_second is infinite; leave it out"),
        (PLAN + "timeout_seconds: -1\n", "line 4: timeout_seconds is -1"),
        (PLAN + "  http: {url: 'http://x'}\n", "line 2: target: exactly one of anthropic, artifact, callable, http"),
        ("set: s\ntarget: {}\n", "line 2: target: exactly one of"),
        ("set: s\ntarget: {gopher: {}}\n", "line 2: target.gopher is not known here; known are: anthropic, artifact"),
        ("set: s\ntarget:\n  openai:\n    temperatur: 1\n", "line 4: target.openai.temperatur is not known here; did"),
        ("set: s\ntarget:\n  http:\n    url: 'http://me:pw@x'\n", "line 4: target.http.url is 'http://me:pw@x'"),
        ("set: s\ntarget:\n  http:\n    url: http://x\n    output: 'a['\n", "line 5: target.http.output: has the expr"),
        ("set: s\ntarget:\n  http:\n    url: http://x\n    body: '{{a[}}'\n", "line 5: target.http.body: has the expr"),
        ("target: {artifact: {}}\n", "line 1: set is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """With the key path and what is allowed."""
    found = said(tmp_path, text)
    assert len(found) == 1 or "exactly one" in found[0]
    assert found[0].startswith(problem), found


def test_a_set_is_in_the_project(tmp_path: Path) -> None:
    """A plan leads to no file outside."""
    file = load(tmp_path, PLAN.replace("sets/holdout.jsonl", "../other.jsonl"))
    with pytest.raises(InvalidFile, match="outside of"):
        _ = file.set_path


def test_the_target_has_a_digest_and_the_pace_does_not() -> None:
    """What was asked counts, not how fast."""
    plan = plan_of({"http": {"url": "http://a"}})
    assert plan.target_digest() == plan_of({"http": {"url": "http://a"}}, concurrency=9, runs=5).target_digest()
    assert plan.target_digest() != plan_of({"http": {"url": "http://b"}}).target_digest()


def test_the_schema_describes_every_key() -> None:
    """Editors show it."""
    schema = Plan.model_json_schema()
    for name, properties in [(it, schema["properties"][it]) for it in schema["properties"]]:
        assert properties.get("description"), name


def test_a_plan_is_read_without_any_client() -> None:
    """Targets are known by their options; what asks is imported when it opens."""
    program = "from sluice.evaluation.plan import Plan; import sluice.evaluation.runner, sluice.evaluation.sets\n"
    plan = "Plan.model_validate({'set': 's', 'target': {'openai': {'model': 'm'}}})"
    assert not (HEAVY | CLIENTS) & loaded(program + plan)
