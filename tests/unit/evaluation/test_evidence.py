"""The gate before a deployment: what keeps a version from being proven."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sluice.evaluation.comparison import path_for
from sluice.evaluation.contract import Direction
from sluice.evaluation.evidence import Case, unproven
from sluice.evaluation.report import Calls, Report, read_report
from sluice.evaluation.verdict import Verdict
from sluice.manifest import lock
from tests.support.evidence import (
    SET,
    STARTED,
    compared,
    comparison_for,
    contract_text,
    edited,
    metric,
    report_for,
)
from tests.support.versions import CONTRACT, write_lock, write_manifest, write_version

NOW = STARTED + timedelta(days=10)
OTHER = f"sha256:{'b' * 64}"


def told(root: Path, manifest: Path, incumbent: Path | None = None, now: datetime = NOW) -> list[str]:
    """Returns what the gate says of a version."""
    return [str(it).replace(str(root), "...") for it in unproven(Case(manifest, lock.read(manifest), incumbent), now)]


def reported(root: Path, version: str = "1", *, contract: str = CONTRACT, **changes: Any) -> Path:
    """Writes a version whose report says something else; returns its manifest."""
    manifest = write_version(root, version)
    (root / "contract.yaml").write_text(contract)
    report = report_for(lock.read(manifest), lock.text_digest(contract.encode()), **changes)
    (root / f"reports/{version}.json").write_text(report.text())
    write_lock(root, manifest)
    return manifest


def test_a_version_that_meets_its_contract_is_proven(tmp_path: Path) -> None:
    """There is nothing to say of it."""
    assert told(tmp_path, write_version(tmp_path)) == []


def test_another_subject_needs_another_report(tmp_path: Path) -> None:
    """A changed inference configuration is another subject; so is a changed prompt."""
    write_version(tmp_path)
    report = (tmp_path / "reports/1.json").read_text()
    manifest = write_manifest(tmp_path, inference={"max_tokens": 2})
    (tmp_path / "reports/1.json").write_text(report)
    write_lock(tmp_path, manifest)
    (problem,) = told(tmp_path, manifest)
    assert problem.startswith("evaluation.report is about another subject, digits@1 (sha256:")
    assert "whatever of weights, data, prompt or inference configuration changes is another" in problem
    assert problem.endswith("; run: sluice evaluate .../digits-1.model.yaml")


def test_a_prompt_that_changed_needs_another_report(tmp_path: Path) -> None:
    """The report about the prompt of before is about another subject."""
    (tmp_path / "prompt.txt").write_text("Answer {question}.")
    api = {
        "model": {"api": {"provider": "openai", "id": "gpt-4o-2024-08-06"}},
        "data": {"prompt": {"template": "prompt.txt"}},
    }
    manifest = write_version(tmp_path, **api)
    assert told(tmp_path, manifest) == []
    (tmp_path / "prompt.txt").write_text("Answer {question}, please.")
    write_lock(tmp_path, manifest)
    assert told(tmp_path, manifest)[0].startswith("evaluation.report is about another subject")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"set": {**SET, "digest": OTHER}},
            ["was made on holdout 1; the manifest names holdout 1", "set is holdout 1"],
        ),
        ({"examples": 99}, ["does not meet the contract: examples 99, at least 100"]),
        (
            {"metrics": {"accuracy": metric(0.89, 0.86, 0.92)}},
            ["does not meet the contract: accuracy 0.89 (0.86 to 0.92, n = 500), at least 0.9"],
        ),
        (
            {"metrics": {"accuracy": metric(0.91, 0.88, 0.93)}},
            ["accuracy 0.91 (0.88 to 0.93, n = 500), at least 0.9: its whole interval has to reach it"],
        ),
        ({"metrics": {"accuracy": metric(None, None, None)}}, ["accuracy not known (no interval, n = 500)"]),
        ({"metrics": {}}, ["accuracy is not in the report"]),
    ],
)
def test_a_report_that_does_not_do_says_why(tmp_path: Path, changes: dict[str, Any], says: list[str]) -> None:
    """Another set, too few examples, a figure below its bound, one that is not certain to reach it, and none."""
    found = told(tmp_path, reported(tmp_path, **changes))
    assert len(found) == len(says)
    for problem, part in zip(found, says, strict=True):
        assert problem.startswith("evaluation.report ")
        assert part in problem


def test_bounds_are_met_exactly(tmp_path: Path) -> None:
    """An interval that ends at the bound reaches it."""
    assert told(tmp_path, reported(tmp_path, metrics={"accuracy": metric(0.95, 0.9, 0.97)})) == []


def test_everything_that_a_contract_asks_is_judged(tmp_path: Path) -> None:
    """Runs, error rate, latency, cost, slices and the adversarial set, all at once."""
    contract = contract_text(
        minimum={"examples": 100, "runs": 3},
        error_rate={"bound": 0.01},
        latency={"p95": {"bound_ms": 100.0}},
        cost={"per_request": 0.5},
        slices=[{"slice": "digit=8", "metric": "accuracy", "bound": 0.8}],
        adversarial={"set": SET, "metrics": {"safe": {"scorer": {"exact": {}}, "bound": 0.99}}},
    )
    failing = metric(0.2, 0.15, 0.25, direction=Direction.LOWER)
    calls = Calls(asked=500, failed=100, runs_least=1, runs_most=1)
    found = told(tmp_path, reported(tmp_path, contract=contract, error_rate=failing, calls=calls))
    assert [it.partition(": ")[2] for it in found] == [
        "runs 1, at least 3",
        "error_rate 0.2 (0.15 to 0.25, n = 500), at most 0.01",
        "digit=8 accuracy is not in the report; no example is of digit=8",
        "cost is not known; the plan needs a price",
        "adversarial set was not asked",
    ]


def test_criteria_come_before_experiments(tmp_path: Path) -> None:
    """A contract that was agreed after the evaluation began, and one that is not the report's."""
    late = contract_text(agreed=STARTED + timedelta(hours=1))
    (problem,) = told(tmp_path, reported(tmp_path, contract=late))
    assert "was begun at 2026-11-10 09:00 UTC, before its contract was agreed, at 2026-11-10 10:00 UTC" in problem
    manifest = write_version(tmp_path, "2")
    (tmp_path / "contract.yaml").write_text(contract_text(version="2"))
    write_lock(tmp_path, manifest)
    (problem,) = told(tmp_path, manifest)
    assert "was made for digits 1 (sha256:" in problem
    assert "the contract is digits 2 (sha256:" in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (lambda text: edited(text, examples=5000), "digest is sha256:"),
        (lambda text: edited(text, format=2), "format is 2; this Sluice reads 1; update Sluice"),
        (
            lambda text: edited(text, format="old"),
            "format is 'old'; this Sluice reads 1; make it with: sluice evaluate",
        ),
        (lambda text: edited(text, opinion="fine"), "opinion is not known here"),
        (lambda _: "[]", "format is missing: this is no report of Sluice"),
        (lambda _: "{", "is no JSON"),
    ],
)
def test_a_report_that_is_none_is_refused(tmp_path: Path, text: Any, says: str) -> None:
    """Edited by hand, of another version of the schema, or no report at all."""
    manifest = write_version(tmp_path)
    path = tmp_path / "reports/1.json"
    path.write_text(text(path.read_text()))
    write_lock(tmp_path, manifest)
    assert says in told(tmp_path, manifest)[0]


@pytest.mark.parametrize(("name", "what"), [("reports/1.json", "the report"), ("contract.yaml", "the contract")])
def test_evidence_is_what_was_locked(tmp_path: Path, name: str, what: str) -> None:
    """A file that changed after it was locked, and one that is gone."""
    manifest = write_version(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write("\n")
    (problem,) = told(tmp_path, manifest)
    assert f"{name} is not what was locked; {what} was sha256:" in problem
    (tmp_path / name).unlink()
    assert "cannot be read: No such file" in told(tmp_path, manifest)[0]


def test_only_what_replaces_another_can_be_too_old(tmp_path: Path) -> None:
    """What serves is not refused because time passes."""
    contract = contract_text(report_max_age_days=30, metrics={"accuracy": {"scorer": {"exact": {}}, "bound": 0.9}})
    manifest = reported(tmp_path, "2", contract=contract)
    incumbent = reported(tmp_path, "1", contract=contract)
    later = STARTED + timedelta(days=31)
    assert told(tmp_path, manifest, None, later) == []
    assert told(tmp_path, manifest, incumbent, STARTED + timedelta(days=30)) == []
    (problem,) = told(tmp_path, manifest, incumbent, later)
    assert problem.startswith("evaluation.report is 31 days old; the contract allows 30; run: sluice evaluate")


class Two:
    """An incumbent and a candidate, both proven by themselves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incumbent, self.candidate = write_version(root, "1"), write_version(root, "2")
        self.path = path_for(self.candidate, "1")

    def reports(self) -> tuple[Report, Report]:
        one, other = (read_report(self.root / f"reports/{version}.json") for version in "12")
        return one, other

    def finds(self, verdict: Verdict, **changes: Any) -> None:
        """Writes their comparison, with a verdict of the accuracy."""
        self.path.write_text(comparison_for(*self.reports(), compared(verdict, **changes)).text())

    def told(self) -> list[str]:
        return told(self.root, self.candidate, self.incumbent)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


def test_a_candidate_is_compared_with_what_serves(two: Two) -> None:
    """Without the comparison it is not proven; the command that makes it is told."""
    (problem,) = two.told()
    assert "with digits@1, which serves, is missing: there is no digits-2.against-1.comparison.json" in problem
    assert problem.endswith("run: sluice compare .../digits-1.model.yaml .../digits-2.model.yaml --write")


@pytest.mark.parametrize("verdict", [Verdict.BETTER, Verdict.NOT_WORSE])
def test_a_candidate_that_is_not_worse_is_proven(two: Two, verdict: Verdict) -> None:
    """So is one that is better."""
    two.finds(verdict)
    assert two.told() == []


@pytest.mark.parametrize("verdict", [Verdict.WORSE, Verdict.CANNOT_TELL])
def test_neither_worse_nor_unknown_is_a_pass(two: Two, verdict: Verdict) -> None:
    """With the figures, and how many examples it takes."""
    two.finds(verdict, candidate=0.93, estimate=-0.03, low=-0.05, high=-0.01, examples_needed=1240)
    (problem,) = two.told()
    assert problem == (
        f"evaluation.comparison with digits@1: accuracy is '{verdict}': 0.93 against 0.96, difference -0.05 to -0.01, "
        "margin 0.02; the margin takes 1,240 examples, and there are 500"
    )


def test_a_comparison_is_about_exactly_these_reports(two: Two) -> None:
    """One of another report or another incumbent, and one that was edited, count for nothing."""
    one, other = two.reports()
    stale = other.model_copy(update={"examples": 501}).sealed()
    two.path.write_text(comparison_for(one, stale, compared(Verdict.BETTER)).text())
    assert "is about another report of digits@2" in two.told()[0]
    two.path.write_text(comparison_for(other, other, compared(Verdict.BETTER)).text())
    assert "is about another incumbent, digits@2" in two.told()[0]
    two.finds(Verdict.WORSE)
    two.path.write_text(two.path.read_text().replace('"worse"', '"better"'))
    assert "no report is edited by hand" in two.told()[0]


def test_a_version_is_not_compared_with_itself(two: Two) -> None:
    """The incumbent needs no comparison; neither does a contract without margins."""
    assert told(two.root, two.incumbent, two.incumbent) == []


def test_a_path_through_another_project_is_of_its_own(tmp_path: Path) -> None:
    """A program beside it names the manifest by `../`, and what the lock names is not in the program's folder."""
    manifest = write_version(tmp_path)
    program = tmp_path / "all" / "program"
    program.mkdir(parents=True)
    (program / "Pulumi.yaml").touch()
    for file in (manifest, lock.path_for(manifest)):
        file.rename(program.parent / file.name)
    assert told(tmp_path, program / ".." / manifest.name) == []
