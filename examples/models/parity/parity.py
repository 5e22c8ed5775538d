"""What the container of the example answers: whether a number is odd, by its last bit."""


def answer(number: int) -> bool:
    """Returns True for an odd number."""
    return bool(number & 1)
