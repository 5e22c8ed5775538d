"""The journal and the guard of an endpoint under the policy pack: as they are made, every level mandatory."""

import json
from pathlib import Path

from configuration import read_configuration
from discovery import discover
from rule import Resource
from sluice import PinnedVersionArgs, RolloutJournal, RolloutJournalArgs
from sluice.rollback_guard import RollbackGuard, RollbackGuardArgs
from sluice_sandbox.harness import Sandbox
from state_check import Exported, check_state, read_export
from tests.policies.conftest import PACK

TAGS = {"owner": "ml-platform", "environment": "prod"}
ENDPOINT = {"name": "digits-prod", "weights": {"blue": 99, "green": 1}, "baseline": "blue", "standbyHours": 72}


def _declare() -> None:
    journal = RolloutJournal("movements", RolloutJournalArgs())
    versions = {
        slot: PinnedVersionArgs(
            label=f"digits@{release}", version_digest="sha256:" + "a" * 64, model_name="m", release=release
        )
        for release, slot in enumerate(("blue", "green"), start=1)
    }
    RollbackGuard(
        "digits",
        RollbackGuardArgs(
            endpoint="digits",
            versions=versions,
            baseline="blue",
            journal_table_arn=journal.table_arn,
            journal_key_arn=journal.key_arn,
            p95_seconds=0.5,
            hallucination_rate=0.05,
            log_retention_days=365,
        ),
    )


def test_journal_and_guard_keep_to_all_policies(sandbox: Sandbox, tmp_path: Path) -> None:
    """And an endpoint that they watch is guarded: the alarms on its errors, latency and quality are found."""
    config = {"aws:region": "eu-west-1", "aws:defaultTags": {"tags": TAGS}}
    stack = sandbox.stack(_declare, config, name="prod", project="digits")
    stack.up()
    file = tmp_path / "state.json"
    file.write_text(json.dumps(stack.export()))
    exported, rules = read_export(file), list(discover())
    configuration = read_configuration(PACK / "config" / "prod.json", rules)
    assert list(check_state(exported, rules, configuration)) == []

    kind = "sluice:index:LiveEndpoint"
    endpoint = Resource(kind, "digits", f"urn:pulumi:prod::digits::{kind}::digits", ENDPOINT)
    guarded = [rule for rule in rules if rule.id == "guarded-endpoints"]
    assert list(check_state(Exported([], [endpoint, *exported.made]), guarded, configuration)) == []
    assert len(list(check_state(Exported([], [endpoint]), guarded, configuration))) == 3
