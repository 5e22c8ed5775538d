"""What a comparison says of one figure."""

from enum import StrEnum


class Verdict(StrEnum):
    """What is known of the new version beside the old one. Only the first two speak for it."""

    BETTER = "better"
    """It is shown to be better."""
    NOT_WORSE = "not worse"
    """It is shown to be worse by less than the margin, if at all."""
    WORSE = "worse"
    """It is shown to be worse, and not shown to be within the margin."""
    CANNOT_TELL = "cannot tell"
    """Too few examples, or too much noise, for any of these."""
