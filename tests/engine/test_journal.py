"""Both engines keep a journal until somebody says that it may go."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice.rollout.dynamodb import DynamoJournal
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.support.cli import CliStack
from tests.support.movements import ENDPOINT, movement
from tests.support.serving import served

REGION = "eu-west-1"
PROGRAM = """
import json
import pulumi
from sluice.journal import RolloutJournal, RolloutJournalArgs

given = json.loads(pulumi.Config().require("journal"))
pulumi.export("table", RolloutJournal("movements", RolloutJournalArgs(**given)).table_name)
"""


class Journals:
    """The same journal twice."""

    def __init__(self, ours: SandboxStack, theirs: CliStack, aws: Aws) -> None:
        self.ours, self.theirs = ours, theirs
        self.dynamodb = Clients(REGION, aws.endpoint).client("dynamodb")

    def agree(self, operation: str, succeeds: bool = True, **args: Any) -> list[dict[str, list[str]]]:
        """Does the same on both with these arguments; returns what each did, by type, and keeps what theirs said."""
        self.ours.config["journal"] = self.theirs.config["journal"] = args
        try:
            ours = getattr(self.ours, operation)()
        except UpdateFailed as failed:
            ours = failed.result
        theirs = getattr(self.theirs, operation)()
        self.said = (ours.errors(), theirs.text)
        assert ours.succeeded == theirs.succeeded == succeeds, "\n---\n".join(self.said)
        return [_by_type(ours.ops), _by_type(theirs.ops)]

    def tables(self) -> list[str]:
        names: list[str] = self.dynamodb.list_tables()["TableNames"]
        return names


def _by_type(ops: dict[str, list[str]]) -> dict[str, list[str]]:
    return {urn.split("::")[2].rpartition(":")[2]: sorted(it) for urn, it in ops.items() if set(it) - {"same", "read"}}


@pytest.fixture
def journals(pulumi: None, sandbox: Sandbox, sandbox_aws: Aws, tmp_path: Path) -> Iterator[Journals]:
    """Both stacks, with nothing made yet."""
    program = tmp_path / "keeping"
    program.mkdir()
    (program / "__main__.py").write_text(PROGRAM)
    config = {"aws:region": REGION}
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws:
        theirs = CliStack(tmp_path / "cli", program, {"aws": aws}, config)
        yield Journals(sandbox.stack(program, config), theirs, sandbox_aws)


def test_a_journal_lives_on_until_it_may_go(journals: Journals) -> None:
    """It is made, stays as it is, changes in place, refuses to go with what it holds, and goes once that is said."""
    ours, theirs = journals.agree("up")
    assert ours == theirs
    assert ours["Table"] == ["create"]
    assert journals.agree("up") == [{}, {}]
    assert journals.agree("up", recovery_days=7, retention_days=400) == [{"Table": ["update"]}] * 2
    for table in journals.tables():
        DynamoJournal(journals.dynamodb, table).append(movement())
    journals.agree("destroy", succeeds=False)
    for said in journals.said:
        assert re.search(r"Table::movements\" cannot be deleted\s+because it is protected", said)
    assert [len(DynamoJournal(journals.dynamodb, table).read(ENDPOINT)) for table in journals.tables()] == [1, 1]
    # Without a preview both engines had begun: the key's other name, which holds nothing, is made again.
    made_again = {"Alias": ["create"], "Table": ["update"]}
    assert journals.agree("up", force_destroy=True, retention_days=400) == [made_again] * 2
    journals.agree("destroy", force_destroy=True, retention_days=400)
    assert journals.tables() == []
