"""Whether the plugin's credentials are of the account that is meant."""

from sluice.errors import SluiceError
from sluice.provider.connection import Client
from sluice.provider.custom_type import Values


def check_account(client: Client, inputs: Values) -> None:
    """Refuses to work in another account: the stack's `aws` provider may have other credentials. Raises SluiceError."""
    expected = inputs.get("accountId")
    if expected is None:
        return
    found = client("sts", inputs["region"]).get_caller_identity()["Account"]
    if found != expected:
        raise SluiceError(
            f"accountId is {expected}, and the credentials of the environment are of {found}; "
            "set AWS_PROFILE to what the stack's aws provider uses"
        )
