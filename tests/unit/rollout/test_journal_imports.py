"""What the journal loads: a Lambda has boto3 and the standard library."""

from tests.unit.test_imports import loaded

ABSENT = {"pydantic", "pulumi", "pulumi_aws", "sluice_sandbox"}


def test_history_needs_nothing_but_the_standard_library() -> None:
    """Gates and handlers judge by it, wherever they run."""
    assert not (ABSENT | {"boto3", "botocore"}) & loaded("import sluice.rollout.journal")


def test_the_table_needs_nothing_but_boto3() -> None:
    """What writes a rollback comes up fast, and in a small package."""
    packages = loaded("import sluice.rollout.dynamodb")
    assert "boto3" in packages
    assert not ABSENT & packages
