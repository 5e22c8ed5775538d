"""What a stack costs a month."""

import json
from pathlib import Path

import pytest

from cost import FILE, HOURS, difference, estimate, read_prices
from problems import InvalidPolicyFile
from tests.policies import good


def test_instances_cost_by_the_hour_and_some_resources_by_the_month() -> None:
    """Two variants of two ml.m5.xlarge and a notebook, as Ireland asks; a key, three alarms and a dashboard."""
    found = estimate(good.stack(), read_prices(), "eu-west-1")
    by_hand = (4 * 0.23 + 0.05) * 1.115 * HOURS + 1.0 + 3 * 0.1 + 3.0
    assert found.total == pytest.approx(by_hand)
    assert "2 x ml.m5.xlarge for blue" in [line.what for line in found.lines]


def test_what_a_change_makes_dearer() -> None:
    """The fleet is doubled: the difference is what it cost."""
    more = {"productionVariants": [good.variant("blue", "model-1", initialInstanceCount=8)]}
    before, after = (
        estimate(it, read_prices(), "us-east-1") for it in (good.stack(), good.stack({"configuration": more}))
    )
    assert difference(before, after) == pytest.approx(4 * 0.23 * HOURS)
    assert difference(after, before) == pytest.approx(-4 * 0.23 * HOURS)


def test_an_own_price_goes_before_the_tables() -> None:
    """Who has a discount says so by instance type."""
    free = read_prices().with_own({"ml.m5.xlarge": 0.0})
    assert not [line for line in estimate(good.stack(), free, "eu-west-1").lines if line.monthly and "m5" in line.what]


def test_instances_without_a_price_are_named() -> None:
    """They are not in the sum, and nobody takes it for the whole."""
    strange = {"productionVariants": [good.variant("blue", "model-1", instanceType="ml.new.xlarge")]}
    assert estimate(good.stack({"configuration": strange}), read_prices(), "eu-west-1").unpriced == ["ml.new.xlarge"]


def test_a_table_that_lacks_a_part(tmp_path: Path) -> None:
    """The error names it, and the file."""
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({key: it for key, it in json.loads(FILE.read_text()).items() if key != "as_of"}))
    with pytest.raises(InvalidPolicyFile, match=r"prices\.json[\s\S]*lacks as_of"):
        read_prices(file)
