"""
Names of resources.

`urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>`, as Pulumi makes them.
"""

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Returns the URN of a resource; the stack's own type never becomes part of its children's."""
    parent_type = qualified_type(parent) if parent else STACK_TYPE
    qualified = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def under(parent: str, type_: str, name: str) -> str:
    """Returns the URN of a child of a resource, in the same project and stack."""
    _, stack = parent.split("::", 3)[0].rsplit(":", 1)
    return make(stack, parent.split("::", 3)[1], parent, type_, name)


def qualified_type(urn: str) -> str:
    """Returns the type with those of its parents, `a:b:C$d:e:F`."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """Returns the type token, `d:e:F`."""
    return qualified_type(urn).rpartition("$")[2]


def name_of(urn: str) -> str:
    """Returns the logical name, which may itself contain `::`."""
    return urn.split("::", 3)[3]


def package_of(type_: str) -> str:
    """Returns the package that serves a type: `aws` for `aws:s3/bucket:Bucket` and for `pulumi:providers:aws`."""
    return type_.removeprefix(PROVIDER_PREFIX) if is_provider(type_) else type_.partition(":")[0]


def is_provider(type_: str) -> bool:
    return type_.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """True for a provider that the engine made by itself; displays leave those out."""
    return is_provider(type_of(urn)) and (name_of(urn) == "default" or name_of(urn).startswith("default_"))


def split_reference(reference: str) -> tuple[str, str]:
    """Returns the URN and the id of a provider reference, `<urn>::<id>`."""
    urn, _, identity = reference.rpartition("::")
    return urn, identity
