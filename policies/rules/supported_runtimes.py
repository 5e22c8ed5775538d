"""A Lambda runs on a runtime that AWS still repairs."""

from collections.abc import Iterator

from rule import Concern, Finding, Resource, ResourceRule, Settings

# From AWS's table of runtimes: deprecated by the end of 2026.
DEPRECATED = frozenset(
    """
    dotnet5.0 dotnet6 dotnet7 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 go1.x java8 nodejs nodejs10.x
    nodejs12.x nodejs14.x nodejs16.x nodejs18.x nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 provided provided.al2
    python2.7 python3.6 python3.7 python3.8 python3.9 ruby2.5 ruby2.7 ruby3.2
    """.split()  # noqa: SIM905
)


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    value = resource.props.get("runtime")
    if isinstance(value, str) and value in DEPRECATED:
        yield Finding(resource, "runtime", repr(value))


RULE = ResourceRule(
    id="supported-runtimes",
    concern=Concern.SECURITY,
    types=("aws:lambda/function:Function",),
    reason="AWS closes no holes in an old runtime, and one day refuses to update the function.",
    fix="set runtime to one that is supported, for example 'python3.13'",
    covers=("CKV_AWS_363",),
    check=check,
)
