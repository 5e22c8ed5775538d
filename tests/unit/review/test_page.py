"""The verdict over a page, and the page for programs."""

import json
from pathlib import Path

import pytest

from sluice.evaluation.comparison import path_for
from sluice.evaluation.report import Report
from sluice.evaluation.verdict import Verdict
from sluice.manifest import lock
from sluice.review.cost import Cost
from sluice.review.declared import Declared, Version, settings_changed
from sluice.review.page import Outcome
from tests.support.evidence import compared, comparison_for, edited
from tests.support.versions import write_version
from tests.unit.review.samples import movement, reviewed, said, step

RISE = movement({"blue": 90, "green": 10}, {"blue": 75, "green": 25})
FALL = movement({"blue": 90, "green": 10}, {"blue": 99, "green": 1})
REFUSED = "LiveEndpoint 'digits': 1 problem\n  weights green 10 → 25 refused: soaked 0 of 24 h"


def _policy(level: str) -> dict[str, str]:
    return {"policy": "kept-logs", "level": level, "message": "Logs are kept.", "urn": "a::b::c::logs"}


@pytest.fixture
def versions(tmp_path: Path) -> Declared:
    """Two versions that are evaluated, and not compared."""
    made = {}
    for number in ("1", "2"):
        manifest = write_version(tmp_path, number)
        locked = lock.read(manifest)
        made[locked.label] = Version(manifest, tmp_path, locked)
    return Declared({}, made)


def _report(version: Version) -> Report:
    assert version.locked.evaluation.report is not None
    return Report.model_validate_json((version.root / version.locked.evaluation.report.path).read_text())


def _compare(versions: Declared, verdict: Verdict) -> Path:
    """Writes the comparison of the two; returns its path."""
    one, other = versions.versions.values()
    path = path_for(other.manifest, one.locked.version)
    path.write_text(comparison_for(_report(one), _report(other), compared(verdict)).text())
    return path


def test_a_refused_rise_must_not_be_deployed() -> None:
    """The gate's own words are the reason."""
    found = reviewed(RISE, diagnostics=[said("error", REFUSED)])
    assert found.outcome is Outcome.REFUSED
    assert found.refusals == ["digits: green 10 → 25 refused: soaked 0 of 24 h"]


def test_any_error_must_not_be_deployed() -> None:
    """Also one that is about no endpoint."""
    found = reviewed(FALL, diagnostics=[said("error", "no such bucket", "a::b::c::logs")])
    assert found.refusals == ["logs: no such bucket"]


def test_a_mandatory_policy_stops_and_an_advisory_one_advises() -> None:
    """A waived one does neither."""
    assert reviewed(FALL, policyViolations=[_policy("mandatory")]).outcome is Outcome.REFUSED
    assert reviewed(FALL, policyViolations=[_policy("advisory")]).outcome is Outcome.ATTENTION
    waived = {**_policy("mandatory"), "waived": {"reason": "moved", "expires": "2027-01-01"}}
    assert reviewed(FALL, policyViolations=[waived]).outcome is Outcome.READY


def test_a_gate_that_is_not_enforced_needs_attention() -> None:
    """What it says stays a warning."""
    found = reviewed(FALL, diagnostics=[said("warning", "green 10 → 25 not enforced: soaked 0 of 24 h")])
    assert found.outcome is Outcome.ATTENTION
    assert found.gates[0].warned == ["green 10 → 25 not enforced: soaked 0 of 24 h"]


def test_nothing_changes_nothing() -> None:
    """No resource, no traffic, no setting."""
    assert reviewed(movement({"blue": 100}, {"blue": 100})).outcome is Outcome.UNCHANGED
    assert reviewed().outcome is Outcome.UNCHANGED


def test_a_rise_without_a_comparison_needs_attention(versions: Declared) -> None:
    """It says how to make one."""
    found = reviewed(RISE, now=versions)
    assert found.outcome is Outcome.ATTENTION
    assert "make digits-2.against-1.comparison.json with sluice compare --write" in found.warnings[0]


def test_a_fall_needs_no_comparison(versions: Declared) -> None:
    """Nobody is moved to the candidate."""
    assert reviewed(FALL, now=versions).outcome is Outcome.READY


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.NOT_WORSE, Outcome.READY),
        (Verdict.WORSE, Outcome.ATTENTION),
        (Verdict.CANNOT_TELL, Outcome.ATTENTION),
    ],
)
def test_a_rise_rests_on_its_comparison(versions: Declared, verdict: Verdict, outcome: Outcome) -> None:
    """What cannot be told is no pass."""
    _compare(versions, verdict)
    assert reviewed(RISE, now=versions).outcome is outcome


def test_a_comparison_that_was_edited_is_none(versions: Declared) -> None:
    """Nor one about other versions than the locked ones."""
    path = _compare(versions, Verdict.BETTER)
    sealed = path.read_text()
    path.write_text(edited(sealed, power=0.9))
    assert "cannot be trusted" in reviewed(RISE, now=versions).warnings[0]
    one, other = versions.versions.values()
    about = {
        "incumbent": _report(one),
        "candidate": _report(other).model_copy(update={"subject_digest": f"sha256:{'c' * 64}"}),
    }
    path.write_text(comparison_for(**about, accuracy=compared(Verdict.BETTER)).text())
    assert "is about another digits@2 than the locked one" in reviewed(RISE, now=versions).warnings[0]


def test_a_version_that_was_edited_needs_attention(versions: Declared, tmp_path: Path) -> None:
    """One label is one content for ever."""
    (tmp_path / "other").mkdir()
    manifest = write_version(tmp_path / "other", "2", inference={"max_tokens": 2})
    base = Declared({}, {"digits@2": Version(manifest, tmp_path / "other", lock.read(manifest))})
    found = reviewed(FALL, now=versions, base=base)
    assert "digits@2 is not what it was: a version that is released is not edited" in found.warnings
    assert [part.name for part in found.versions[0].parts] == ["inference"] or found.versions[0].parts


def test_settings_are_compared_by_path() -> None:
    """Secrets are never shown."""
    old = Declared({"a:endpoint": {"traffic": {"blue": 90}}, "a:key": {"secure": "v1:abc"}})
    new = Declared({"a:endpoint": {"traffic": {"blue": 75}}, "a:flag": True})
    told = [(it.path, it.before, it.after) for it in settings_changed(old, new)]
    assert told == [("a:endpoint.traffic.blue", "90", "75"), ("a:key", "[secret]", None), ("a:flag", None, "true")]


def test_the_document_has_all_of_it(versions: Declared) -> None:
    """As JSON, without Python's own values."""
    _compare(versions, Verdict.BETTER)
    cost = Cost("USD", "2026-08-01", "eu-west-1", 300.0, 200.0, [("1 x ml.m5.large", 300.0)])
    document = json.loads(json.dumps(reviewed(RISE, now=versions, cost=cost).document()))
    assert document["outcome"] == "may be deployed"
    assert document["traffic"][0]["shares"][1]["after"] == 25
    assert document["comparisons"][0]["passes"] is True
    assert document["versions"][0]["after"]["version"] == "digits@2"
    assert document["cost"]["difference"] == 100
    assert document["resources"][0]["changes"] == {"weights.blue": "update", "weights.green": "update"}


def test_a_deleted_table_is_never_a_detail() -> None:
    """It holds the journal."""
    table = {"urn": "a::b::aws:dynamodb/table:Table::rollouts", "type": "aws:dynamodb/table:Table"}
    gone = {**step("delete", table, None), "urn": table["urn"]}
    assert reviewed(gone).warnings == ["aws:dynamodb/table:Table rollouts is deleted"]
