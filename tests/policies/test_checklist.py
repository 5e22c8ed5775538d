"""What others ask, what we ask, and the document that maps one to the other."""

import subprocess
import sys

import handbook
from checklist import ALL, ASKED, WAIVED
from discovery import discover
from rule import Concern
from tests.policies.conftest import PACK

COVERED = {identifier for rule in discover() for identifier in rule.covers}


def test_everything_on_the_checklist_is_asked_or_waived() -> None:
    """Never both, and never neither: who reads the checklist knows where each of it went."""
    assert set(ALL) - COVERED - WAIVED.keys() == set()
    assert COVERED & WAIVED.keys() == set()


def test_everything_that_sluice_asks_has_a_policy() -> None:
    """And every policy but those of security is asked for."""
    asked = {policy for policies in ASKED.values() for policy in policies}
    assert asked == {rule.id for rule in discover() if rule.concern is not Concern.SECURITY}
    assert all(ASKED.values())


def test_every_policy_of_security_is_somebody_elses_too() -> None:
    """One that neither Checkov nor Security Hub asks is no policy of security, or its identifier is missing."""
    assert [rule.id for rule in discover() if rule.concern is Concern.SECURITY and not rule.covers] == []


def test_nothing_is_claimed_that_is_not_on_the_checklist() -> None:
    """A misspelt identifier would cover nothing."""
    assert COVERED | WAIVED.keys() <= set(ALL)
    assert all(len(reason) > 40 for identifier, reason in WAIVED.items() if not reason.startswith("The same as"))


def test_the_document_is_current() -> None:
    """It is what the policies say now; else: `python policies/handbook.py`."""
    assert handbook.FILE.read_text(encoding="utf-8") == handbook.text()


def test_the_document_is_written_by_a_command() -> None:
    """It needs nothing but the policies."""
    code = "import handbook; assert handbook.text().count('| `') > 50"
    subprocess.run([sys.executable, "-c", code], cwd=PACK, check=True, timeout=60)
