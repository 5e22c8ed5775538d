"""From a manifest to its report, and from two reports to their comparison."""

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sluice.cli.evaluation_task import locked_of, relock, task_of
from sluice.errors import InvalidFile, InvalidInput, SluiceError
from sluice.evaluation.comparison import Comparison
from sluice.evaluation.evaluating import evaluate
from sluice.evaluation.material import compared, shown_of
from sluice.evaluation.report import Report, read_report
from sluice.evaluation.scores_parquet import read_scores
from sluice.evaluation.verdict import Verdict
from sluice.manifest import lock
from sluice.manifest.load import load
from tests.support.evaluations import Project

LETTERS = {f"q{number:03}": "ab"[number % 2] for number in range(200)}


def evaluated(manifest: Path, *, fresh: bool = False) -> Report:
    """Evaluates a version, locks its report and returns it."""
    file = load(manifest)
    locked = locked_of(file)
    report, _ = evaluate(task_of(file, locked, plan=None, out=None, answers=None, fresh=fresh), lambda *_: None)
    relock(file, locked)
    return report


def wrong(*where: int) -> dict[str, Any]:
    """Returns right answers, but for those of the questions with these numbers."""
    return {key: "x" if at in where else it for at, (key, it) in enumerate(LETTERS.items())}


def test_a_version_without_a_lock_is_evaluated_and_locked(tmp_path: Path) -> None:
    """The report is about exactly what was locked, and the lock has its figures."""
    project = Project(tmp_path, LETTERS)
    project.says(wrong(0, 1, 2, 3))
    manifest = project.version("1")
    report = evaluated(manifest)
    locked = lock.read(manifest)
    assert report.subject_digest == locked.subject_digest
    assert locked.evaluation.report is not None
    assert locked.evaluation.report.metrics["accuracy"] == 0.98
    assert read_report(tmp_path / "1.report.json") == report


def test_a_report_says_each_figure_with_its_interval(tmp_path: Path) -> None:
    """In all and by slice: 4 of 200 wrong, of which 2 are of the slice b."""
    project = Project(tmp_path, LETTERS)
    project.says(wrong(0, 1, 2, 3))
    report = evaluated(project.version("1"))
    found = report.metrics["accuracy"]
    assert (found.value, found.examples, found.method) == (0.98, 200, "Wilson")
    # Wilson's interval of 196 of 200, by his formula.
    z, share, size = 1.959964, 0.98, 200
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    reach = z * math.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)) / (1 + z**2 / size)
    assert (found.low, found.high) == (pytest.approx(middle - reach), pytest.approx(middle + reach))
    assert (report.slices["is=b"].examples, report.slices["is=b"].metrics["accuracy"].value) == (100, 0.98)
    assert report.error_rate.value == 0
    assert report.latency_ms["p50"].value is not None
    assert report.cost is None


def test_the_same_answers_give_the_same_report(tmp_path: Path) -> None:
    """Made again from what was answered, it is the same text; nothing is asked."""
    project = Project(tmp_path, LETTERS)
    project.says(wrong(5))
    manifest = project.version("1")
    evaluated(manifest)
    before = (tmp_path / "1.report.json").read_bytes()
    project.says(wrong(*range(100)))
    evaluated(manifest)
    assert (tmp_path / "1.report.json").read_bytes() == before
    evaluated(manifest, fresh=True)
    assert (tmp_path / "1.report.json").read_bytes() != before


def test_the_scores_are_beside_the_report(tmp_path: Path) -> None:
    """One row an answer, with the digest that the report has of them."""
    project = Project(tmp_path, LETTERS)
    project.plan["runs"] = 2
    project.says(wrong(7))
    report = evaluated(project.version("1"))
    scores = read_scores(tmp_path / report.scores.path, report.scores.digest)
    assert scores.metrics["accuracy"].shape == (200, 2)
    assert (scores.metrics["accuracy"][7] == 0).all()
    assert report.calls.runs_least == report.calls.runs_most == 2


def test_a_target_that_fails_half_of_the_time_is_told_so(tmp_path: Path) -> None:
    """Failures count as wrong, as a rate with its interval, and by their kind; none is dropped."""
    project = Project(tmp_path, LETTERS)
    project.says({key: "!" if at % 2 else it for at, (key, it) in enumerate(LETTERS.items())})
    report = evaluated(project.version("1"))
    assert report.error_rate.value == report.metrics["accuracy"].value == 0.5
    assert (report.calls.asked, report.calls.failed, sum(report.calls.errors.values())) == (200, 100, 100)
    assert report.latency_ms["p50"].answers == 100


def test_an_adversarial_set_is_counted_apart(tmp_path: Path) -> None:
    """Its metrics are in a part of their own, with scores of their own."""
    project = Project(tmp_path, LETTERS)
    nasty = project.write_set({"n1": "a", "n2": "a"}, "nasty.jsonl", version="7")
    named = {"name": "letters", "version": "7", "digest": nasty.digest}
    metrics = {"safe": {"scorer": {"exact": {}}, "purpose": "safety"}}
    project.contract["adversarial"] = {"set": named, "metrics": metrics}
    project.says({**wrong(), "n1": "a", "n2": "b"})
    manifest = project.version("1")
    with pytest.raises(InvalidFile, match="adversarial is missing; the contract names letters"):
        evaluated(manifest)
    project.plan["adversarial"] = "nasty.jsonl"
    report = evaluated(project.version("1"))
    assert report.adversarial is not None
    assert report.adversarial.metrics["safe"].value == 0.5
    assert "safe" not in report.metrics
    assert (tmp_path / report.adversarial.scores.path).exists()


def test_answers_from_before_the_contract_are_no_evidence(tmp_path: Path) -> None:
    """Criteria come before experiments: a contract that is newer wants everything asked again."""
    project = Project(tmp_path, LETTERS, agreed="2099-01-01")
    project.says(wrong())
    manifest = project.version("1")
    project.contract["agreed"] = date(2026, 1, 1)
    manifest = project.version("1")
    evaluated(manifest)
    project.contract["agreed"] = date(2099, 1, 1)
    project.version("1")
    with pytest.raises(SluiceError, match="criteria come before experiments; ask again with --fresh"):
        evaluated(manifest)


def test_what_does_not_fit_together_is_told_at_once(tmp_path: Path) -> None:
    """A set that changed, too few examples and too few runs, before anything is asked."""
    project = Project(tmp_path, LETTERS, minimum={"examples": 500, "runs": 3})
    manifest = project.version("1")
    project.write_set({"q": "a"})
    with pytest.raises(InvalidFile) as raised:
        evaluated(manifest)
    told = [str(problem) for problem in raised.value.problems]
    assert [line.partition(" ")[0] for line in told] == ["set", "set", "runs", "set"]
    assert "the contract names letters@1 with" in told[0]
    assert told[2:] == [
        "runs is 1; the contract asks for 3 or more",
        "set has 1 examples; the contract asks for 500 or more",
    ]
    assert not (tmp_path / ".sluice").exists()


def test_a_manifest_says_what_is_missing(tmp_path: Path) -> None:
    """Plan, contract and report, together."""
    project = Project(tmp_path, LETTERS)
    named = {"name": "letters", "version": "1", "digest": project.set.digest}
    manifest = project.version("1")
    text = manifest.read_text()
    manifest.write_text(text.replace("contract: letters.yaml\n", "").replace("  plan: plan.yaml\n", ""))
    assert named["digest"] in manifest.read_text()
    with pytest.raises(InvalidFile, match=r"evaluation\.plan is missing") as raised:
        evaluated(manifest)
    assert any(str(it).startswith("contract is missing") for it in raised.value.problems)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Project, Path, Path]:
    """Two versions that are not evaluated yet."""
    project = Project(tmp_path, LETTERS)
    return project, project.version("1"), project.version("2")


def compare(project: Project, one: tuple[Path, Any], other: tuple[Path, Any]) -> Comparison:
    """Evaluates both with their answers, and compares them."""
    for manifest, said in (one, other):
        project.says(said)
        evaluated(manifest)
    return compared(one[0], other[0], None)[0]


def test_a_version_that_loses_more_than_its_margin_is_worse(pair: tuple[Project, Path, Path]) -> None:
    """30 of 200 answers fewer, at a margin of 10: worse, and the lost examples are named."""
    project, one, two = pair
    found = compare(project, (one, wrong()), (two, wrong(*range(30))))
    accuracy = found.metrics["accuracy"]
    assert (accuracy.verdict, accuracy.incumbent, accuracy.candidate) == (Verdict.WORSE, 1.0, 0.85)
    assert accuracy.high is not None
    assert accuracy.high < -0.05
    assert not found.passes
    assert {it.example for it in found.worst} == {f"q{number:03}" for number in range(30)}


def test_twenty_examples_cannot_tell(tmp_path: Path) -> None:
    """The same rate of loss on 20 examples is no verdict, and no pass; how many it takes is told."""
    project = Project(tmp_path, dict(list(LETTERS.items())[:20]))
    found = compare(project, (project.version("1"), wrong()), (project.version("2"), wrong(0, 1, 2)))
    accuracy = found.metrics["accuracy"]
    assert accuracy.verdict is Verdict.CANNOT_TELL
    assert not accuracy.passes
    assert accuracy.examples_needed is not None
    assert accuracy.examples_needed > 200


def test_an_equal_version_is_not_worse(pair: tuple[Project, Path, Path]) -> None:
    """The same answers on 200 examples show that less than the margin is lost; latency has no margin, and no say."""
    project, one, two = pair
    found = compare(project, (one, wrong(3)), (two, wrong(3)))
    assert found.metrics["accuracy"].verdict is Verdict.NOT_WORSE
    assert found.passes
    assert found.worst == []


def test_better_and_worse_are_mirrored(pair: tuple[Project, Path, Path]) -> None:
    """Who is the incumbent turns the sign, and nothing else."""
    project, one, two = pair
    there = compare(project, (one, wrong(*range(20))), (two, wrong())).metrics["accuracy"]
    back = compared(two, one, None)[0].metrics["accuracy"]
    assert (there.verdict, back.verdict) == (Verdict.BETTER, Verdict.WORSE)
    assert (there.estimate, there.low, there.high) == pytest.approx((-back.estimate, -back.high, -back.low))  # type: ignore[operator]


def test_slices_with_a_margin_hold_on_their_own(tmp_path: Path) -> None:
    """A loss that is all in one slice shows there; a slice without a margin is not compared."""
    slices = [{"slice": "is=a", "metric": "accuracy", "margin": 0.1}, {"slice": "is=b", "metric": "accuracy"}]
    project = Project(tmp_path, LETTERS, slices=slices)
    found = compare(project, (project.version("1"), wrong()), (project.version("2"), wrong(*range(0, 80, 2))))
    assert set(found.slices) == {"is=a accuracy"}
    assert found.slices["is=a accuracy"].verdict is Verdict.WORSE
    assert found.slices["is=a accuracy"].examples == 100


def test_different_sets_are_not_compared(tmp_path: Path) -> None:
    """It says which sets, and how many examples they have in common."""
    project = Project(tmp_path, LETTERS)
    one = project.version("1")
    project.says(wrong())
    evaluated(one)
    project.set = project.write_set({**LETTERS, "new": "a"}, version="2")
    two = project.version("2")
    project.says({**wrong(), "new": "a"})
    evaluated(two)
    with pytest.raises(InvalidInput, match="with 200 examples in common by id; evaluate both on one set"):
        compared(one, two, None)


def test_what_is_shown_has_both_answers(pair: tuple[Project, Path, Path]) -> None:
    """The question, the reference and what each version said, for the examples that lost."""
    project, one, two = pair
    compare(project, (one, wrong()), (two, wrong(4)))
    shown, version = shown_of(one, two, None)
    (changed,) = shown.changed
    assert version == "1"
    assert (changed.input, changed.reference) == ("q004", "a")
    assert (changed.incumbent_output, changed.candidate_output) == ("a", "x")
    assert shown.latencies.candidate.shape == (200, 1)


def test_an_edited_report_is_not_compared(pair: tuple[Project, Path, Path]) -> None:
    """Neither are scores of another evaluation."""
    project, one, two = pair
    compare(project, (one, wrong()), (two, wrong(4)))
    report = project.root / "2.report.json"
    text = report.read_text()
    report.write_text(text.replace('"value": 0.995', '"value": 1.0', 1))
    with pytest.raises(InvalidFile, match=r"digest is sha256:.*no report is edited by hand"):
        compared(one, two, None)
    report.write_text(text)
    (project.root / "2.scores.parquet").write_bytes((project.root / "1.scores.parquet").read_bytes())
    with pytest.raises(InvalidFile, match=r"2\.scores\.parquet"):
        compared(one, two, None)
