"""The packages that the sandbox serves: `aws`, and Sluice's own resources on the sandbox's AWS."""

from collections.abc import Callable

from pulumi.provider.experimental import provider as sdk

from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.session import client


def served_by(endpoint: Callable[[], str]) -> dict[str, Callable[[], sdk.Provider]]:
    """Returns what makes the provider of each package; `endpoint` is asked when AWS is first needed."""
    return {
        "aws": lambda: AwsProvider(endpoint),
        "sluice": lambda: ResourceProvider(lambda service, region: client(service, region, endpoint()), lambda: None),
    }
