"""
Declares what its configuration lists.

Each entry of `resources` has a `name` and, if it is a thing, `props`, in which `{"$ref": "other.out"}` stands for
another one's output and `{"$secret": ...}` for a secret. `opts` are resource options; names in them stand for
resources.
"""

from typing import Any

import pulumi


class Thing(pulumi.CustomResource):
    """A thing in the small cloud."""

    out: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud:index:Thing", name, {**props, "out": None}, opts)


class Group(pulumi.ComponentResource):
    """Several things."""

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:index:Group", name, props, opts)
        self.register_outputs({"members": name})


class Zone(pulumi.ProviderResource):
    """An explicit provider."""

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__("cloud", name, props, opts)


KINDS = {"thing": Thing, "group": Group, "provider": Zone}
_RESOURCES = ("parent", "provider", "deleted_with")
made: dict[str, Any] = {}


def value(given: Any) -> Any:
    """Returns a property with references and secrets in place."""
    match given:
        case {"$ref": path}:
            name, _, attribute = path.partition(".")
            return getattr(made[name], attribute)
        case {"$secret": hidden}:
            return pulumi.Output.secret(value(hidden))
        case {"$text": text}:
            return pulumi.StringAsset(text)
        case dict():
            return {key: value(item) for key, item in given.items()}
        case list():
            return [value(item) for item in given]
    return given


def options(given: dict[str, Any]) -> pulumi.ResourceOptions:
    """Returns resource options with names replaced by resources."""
    ready = dict(given)
    for key in _RESOURCES:
        if key in ready:
            ready[key] = made[ready[key]]
    if "depends_on" in ready:
        ready["depends_on"] = [made[name] for name in ready["depends_on"]]
    if "providers" in ready:
        ready["providers"] = [made[name] for name in ready["providers"]]
    if "aliases" in ready:
        ready["aliases"] = [alias if isinstance(alias, str) else pulumi.Alias(**alias) for alias in ready["aliases"]]
    if "custom_timeouts" in ready:
        ready["custom_timeouts"] = pulumi.CustomTimeouts(**ready["custom_timeouts"])
    return pulumi.ResourceOptions(**ready)


config = pulumi.Config()
for entry in config.require_object("resources"):
    kind = KINDS[entry.get("kind", "thing")]
    made[entry["name"]] = kind(entry["name"], value(entry.get("props", {})), options(entry.get("opts", {})))
for key, path in (config.get_object("exports") or {}).items():
    pulumi.export(key, value(path))
if config.get_bool("fails"):
    raise RuntimeError("the program fails after all")
