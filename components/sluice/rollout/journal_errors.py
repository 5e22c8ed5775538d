"""What keeps a journal from being read or written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from sluice.rollout.journal import JournalError
from sluice.rollout.movement import Movement

_BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
_NEEDED = {
    "Query": "dynamodb:Query",
    # A transaction is allowed by what it consists of; UpdateItem is for who retires an endpoint or brings one back.
    "TransactWriteItems": "dynamodb:PutItem, dynamodb:ConditionCheckItem and dynamodb:UpdateItem",
}


class JournalMissing(JournalError):
    """There is no table for it."""


class JournalDenied(JournalError):
    """Whoever asks may not."""


class JournalBusy(JournalError):
    """AWS, or others that write, did not let this one through."""


class JournalConflict(JournalError):
    """Somebody else was quicker, and what they wrote may change what is right to do."""

    def __init__(self, movement: Movement, written: Sequence[Movement]) -> None:
        self.movement, self.written = movement, tuple(written)
        told = ", ".join(f"{it.sequence} ({it.kind} by {it.actor})" for it in written)
        super().__init__(
            f"movement {movement.sequence} of {movement.endpoint} was not written: meanwhile the journal got {told}; "
            "read it again and decide again"
        )


class JournalGap(JournalError):
    """A movement follows none that there is."""


def refusals(error: ClientError) -> set[str]:
    """Returns why a transaction was canceled, in DynamoDB's words."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return {it.get("Code", "None") for it in reasons} - {"None"}


@contextmanager
def explained(table: str) -> Iterator[None]:
    """Puts what AWS refuses into a person's words, as a JournalError."""
    try:
        yield
    except ClientError as error:
        raise _of(table, error) from error
    except BotoCoreError as error:
        raise JournalBusy(f"the journal {table} cannot be reached: {error}; try again") from error


def _of(table: str, error: ClientError) -> JournalError:
    code, text, asked = error.response["Error"]["Code"], error.response["Error"]["Message"], error.operation_name
    if code == "TransactionCanceledException":
        code = next((it for it in refusals(error) if it in _BUSY), code)
    if code == "ResourceNotFoundException":
        return JournalMissing(
            f"there is no journal {table} here; deploy the component RolloutJournal, or check account and region"
        )
    if code == "AccessDeniedException":
        return JournalDenied(
            f"the journal {table} refuses {asked}: {text}; grant {_NEEDED.get(asked, asked)} on the table, and "
            "kms:Decrypt on its key"
        )
    if code in _BUSY:
        return JournalBusy(f"the journal {table} is busy ({code}): {text}; try again")
    return JournalError(f"{asked} on the journal {table} failed: {code}: {text}")
