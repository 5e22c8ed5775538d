"""What errors say."""

from sluice.errors import InvalidFile, InvalidInput, Problem, SluiceError


def test_problems_are_listed_under_whose_they_are() -> None:
    """One line a problem, indented, under a line that counts them; without a path, the message alone."""
    error = InvalidInput("ModelEndpoint 'search'", [Problem("traffic", "sums to 110"), Problem("", "is odd")])
    assert str(error) == "ModelEndpoint 'search': 2 problems\n  traffic sums to 110\n  is odd"
    assert str(InvalidFile("a.yaml", [Problem("x", "is 1")])) == "a.yaml: 1 problem\n  x is 1"


def test_one_except_catches_everything_that_is_raised_on_purpose() -> None:
    """A wrong file is wrong input, which is an error of Sluice's, which exits as the CLI does."""
    error = InvalidFile("a.yaml", [])
    assert isinstance(error, InvalidInput)
    assert isinstance(error, SluiceError)
    assert error.exit_code == 1
