"""What an ARN says: `arn:partition:service:region:account:resource`."""


def region_of(arn: str) -> str | None:
    """Returns the region, or None where it names none, as in the mocks of unit tests."""
    return _part(arn, 3)


def account_of(arn: str) -> str | None:
    """Returns the account, or None where it names none."""
    return _part(arn, 4)


def _part(arn: str, index: int) -> str | None:
    parts = arn.split(":")
    return parts[index] or None if len(parts) > index else None
