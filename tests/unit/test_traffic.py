"""Shares of traffic, and slots."""

import pytest

from sluice import traffic


def said(shares: dict[str, int], *slots: str) -> list[str]:
    return [str(problem) for problem in traffic.problems(shares, slots)]


def test_shares_that_sum_to_100_are_accepted() -> None:
    """Zero is a share, and a slot that is left out has none."""
    assert said({"blue": 100, "green": 0}, "blue", "green", "grey") == []


def test_every_problem_of_a_declaration_is_told() -> None:
    """An unknown slot, an impossible share and the wrong sum are three problems."""
    assert said({"blue": 110, "red": -5}, "blue", "green") == [
        "traffic.blue is 110; allowed 0 to 100",
        "traffic.red is for a slot that there is not; slots are: blue, green",
        "traffic.red is -5; allowed 0 to 100",
        "traffic sums to 105 (blue 110, red -5); allowed is 100; take 5 away",
    ]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"blue": 90, "green": 20}, "traffic sums to 110 (blue 90, green 20); allowed is 100; take 10 away"),
        ({"blue": 90}, "traffic sums to 90 (blue 90); allowed is 100; give out 10 more"),
        ({}, "traffic sums to 0 (nothing declared); allowed is 100; give out 100 more"),
    ],
)
def test_a_wrong_sum_says_what_to_do(shares: dict[str, int], expected: str) -> None:
    """The fix is a number."""
    assert said(shares, "blue", "green") == [expected]


def test_an_endpoint_has_between_one_and_ten_slots() -> None:
    """SageMaker takes ten."""
    slots = [f"s{number}" for number in range(11)]
    assert said({"s0": 100}, *slots[:10]) == []
    assert said({"s0": 100}, *slots) == ["variants are 11; SageMaker allows 10 on an endpoint"]
    assert said({}) == [
        "variants is empty; an endpoint serves at least one",
        "traffic sums to 0 (nothing declared); allowed is 100; give out 100 more",
    ]


@pytest.mark.parametrize(
    "name", ["", "-blue", "blue-", "blue_green", "blau grün", "b" * 64, "b-" * 62 + "b", "b" + "-" * 62 + "b"]
)
def test_a_slot_is_called_as_sagemaker_allows(name: str) -> None:
    """Other names are refused before SageMaker sees them, and so are endpoints of such names."""
    (slot,), (endpoint,) = traffic.slot_problems(name, None), traffic.endpoint_problems(name)
    assert str(slot) == f"variants.{name} is no name for a slot; allowed: up to 63 letters, digits and inner hyphens"
    assert str(endpoint).startswith(f"the endpoint would be called {name!r}; allowed: up to 63 letters")


@pytest.mark.parametrize("name", ["b", "blue", "Blue-2", "b--2", "b" * 63, "b" + "-" * 61 + "b"])
def test_names_that_sagemaker_allows_are_accepted(name: str) -> None:
    """The longest and the shortest included."""
    assert [*traffic.slot_problems(name, 1), *traffic.endpoint_problems(name)] == []


def test_no_instances_are_too_few() -> None:
    """Zero is a count like any other, and too low; what is left out is not."""
    assert [str(problem) for problem in traffic.slot_problems("blue", 0)] == [
        "variants.blue.instance_count is 0; allowed 1 or more"
    ]
    assert list(traffic.slot_problems("blue", None)) == []
