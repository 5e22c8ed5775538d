"""What policies put right by themselves, where they are told to."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from discovery import discover
from rule import ResourceRule
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.policies import good
from tests.policies.cases import all_cases
from tests.policies.conftest import PACK

REMEDYING = [rule for rule in discover() if isinstance(rule, ResourceRule) and rule.remedy is not None]
CONFIG = {
    "all": "disabled",
    "kept-logs": {"enforcementLevel": "remediate", "minDays": 90},
    "encrypted-queues": "remediate",
    "rotated-keys": "remediate",
    "owned-resources": {"enforcementLevel": "remediate", "values": {"owner": "us", "environment": "dev"}},
}


def careless() -> None:
    """Declares resources that say nothing of what policies ask, one of them with a secret tag."""
    aws.cloudwatch.LogGroup("it", name="it", tags={"ticket": pulumi.Output.secret("hush-hush")})
    aws.sqs.Queue("it")
    aws.kms.Key("it", tags={"owner": "them"})


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> SandboxStack:
    """A stack whose policies remedy."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIG))
    return sandbox.stack(careless, {"aws:region": "eu-west-1"}, policy_packs=[PACK], policy_pack_configs=[config])


def test_policies_that_remedy_are_those_where_it_is_safe() -> None:
    """Tags, how long logs are kept, and encryption that changes nothing for its users."""
    assert {rule.id for rule in REMEDYING} == set(CONFIG) - {"all"}


def test_what_is_remedied_is_made_so(stack: SandboxStack) -> None:
    """Nothing is left to object to; what was given is kept, and what was secret stays so."""
    result = stack.up()
    assert result.violations == []
    made: dict[str, Any] = {resource.type.rpartition(":")[2]: resource for resource in stack.state().resources}
    assert made["LogGroup"].outputs["retentionInDays"] == 90
    assert made["Queue"].outputs["sqsManagedSseEnabled"] is True
    assert made["Queue"].inputs["tags"] == {"owner": "us", "environment": "dev"}
    assert made["Key"].outputs["enableKeyRotation"] is True
    assert made["Key"].inputs["tags"] == {"owner": "them", "environment": "dev"}
    assert made["LogGroup"].inputs["tags"].keys() == {"ticket", "owner", "environment"}
    assert "hush-hush" not in stack.place.checkpoint.read_text()


def test_a_second_update_changes_nothing(stack: SandboxStack) -> None:
    """What was remedied is remedied to the same again."""
    stack.up()
    assert not stack.preview().changed


@pytest.mark.parametrize("rule", REMEDYING, ids=lambda rule: rule.id)
def test_a_remedy_cures_what_the_policy_objects_to(rule: ResourceRule) -> None:
    """Of its own cases; but not of logs that are kept for ever on purpose, which would delete some."""
    settings = rule.complete(
        {"values": {"owner": "us", "environment": "dev"}} if rule.id == "owned-resources" else None
    )
    assert rule.remedy is not None
    cured = 0
    for name, (given, _) in all_cases()[rule.id].failing.items():
        for resource in given():
            if list(rule.findings(resource, settings)) and name != "for ever":
                changes = {".".join(path): value for path, value in rule.remedy(resource, settings).items()}
                assert changes
                (changed,) = [it for it in good.stack({resource.name: {**changes}}) if it.name == resource.name]
                assert not list(rule.findings(changed, settings))
                cured += 1
    assert cured
