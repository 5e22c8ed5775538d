"""Small packs, and what either engine says of them: level, policy, resource and the last line of the message."""

HEAD = """
from pulumi_policy import *
M, A, R, D = (getattr(EnforcementLevel, name) for name in ("MANDATORY", "ADVISORY", "REMEDIATE", "DISABLED"))
"""
Said = list[tuple[str, str, str, str]]

PACKS: dict[str, tuple[str, Said]] = {
    "a policy at the level of remediation that only validates is mandatory": (
        """
def check(args, report):
    if args.name == "a":
        report("is a")
PolicyPack("p", [ResourceValidationPolicy("x", "D.", check, R)])
""",
        [("mandatory", "x", "a", "is a")],
    ),
    "what a remediation has not put right is a mandatory violation": (
        """
def check(args, report):
    if args.name == "a" and args.props["size"] != 3:
        report(f"size is {args.props['size']:g}")
def change(args):
    return {**args.props, "size": 2} if args.name == "a" else None
PolicyPack("p", [ResourceValidationPolicy("x", "D.", check, R, remediate=change)])
""",
        [("mandatory", "x", "a", "size is 2")],
    ),
    "other policies see what a remediation made of a resource": (
        """
def check(args, report):
    if args.name == "a":
        report(f"size is {args.props['size']:g}")
def change(args):
    return {**args.props, "size": 2} if args.name == "a" else None
PolicyPack("p", [
    ResourceValidationPolicy("before", "D.", check, A),
    ResourceValidationPolicy("x", "D.", enforcement_level=R, remediate=change),
])
""",
        [("advisory", "before", "a", "size is 2")],
    ),
    "a stack policy may say that it does not apply": (
        """
def check(args, report):
    args.not_applicable("no things of this kind")
PolicyPack("p", [StackValidationPolicy("x", "D.", check, M)])
""",
        [],
    ),
    "an asynchronous policy may say that it does not apply": (
        """
async def check(args, report):
    args.not_applicable("not this")
PolicyPack("p", [ResourceValidationPolicy("x", "D.", check, M)])
""",
        [],
    ),
    "what a stack policy says of no resource is about the stack": (
        """
def check(args, report):
    report("all of it")
    report("one that is not there", "urn:pulumi:test::test::cloud:index:Thing::nobody")
PolicyPack("p", [StackValidationPolicy("x", "D.", check, A)])
""",
        [("advisory", "x", "test-test", "all of it"), ("advisory", "x", "test-test", "one that is not there")],
    ),
    "configuration goes before a policy's level, and a schema has defaults": (
        """
def check(args, report):
    if args.name == "a":
        report(f"limit is {args.get_config().get('limit'):g}")
LIMIT = PolicyConfigSchema({"limit": {"type": "number", "default": 7}})
PolicyPack("p", [
    ResourceValidationPolicy("own", "D.", check, M, config_schema=LIMIT),
    ResourceValidationPolicy("set", "D.", check, M, config_schema=LIMIT),
    ResourceValidationPolicy("off", "D.", check, M, config_schema=LIMIT),
], initial_config={"all": A, "own": M, "set": {"limit": 2}, "off": D})
""",
        [("mandatory", "own", "a", "limit is 7"), ("advisory", "set", "a", "limit is 2")],
    ),
    "a pack may be made by the class from where it is defined": (
        """
from pulumi_policy.policy import PolicyPack
def check(args, report):
    if args.name == "a":
        report("is a")
PolicyPack("p", [ResourceValidationPolicy("x", "D.", check, A)])
""",
        [("advisory", "x", "a", "is a")],
    ),
    "a stack policy sees outputs, and who provides them": (
        """
def check(args, report):
    for resource in args.resources:
        if resource.name in ("a", "host"):
            names = ",".join(sorted(resource.props))
            report(f"{names} of {resource.provider and resource.provider.resource_type}", resource.urn)
PolicyPack("p", [StackValidationPolicy("x", "D.", check, A)])
""",
        [("advisory", "x", "a", "out,password,size of pulumi:providers:cloud")],
    ),
}

REFUSED: dict[str, tuple[str, str]] = {
    "it exits": ("import sys; sys.exit(3)", "it exits, with 3"),
    "it exits as if all were well": ("import sys; sys.exit()", "it exits, with None"),
    "it has no name": ("PolicyPack('', [ResourceValidationPolicy('x', 'D.', print)])", "Missing name argument"),
    "what it has is no policy": ("PolicyPack('p', ['x'])", "Expected each policy in policies to be a Policy"),
    "an argument that there is not": (
        "PolicyPack('p', [ResourceValidationPolicy('x', 'D.', print)], levels=1)",
        "unexpected keyword argument 'levels'",
    ),
    "a level by its text": (
        "PolicyPack('p', [ResourceValidationPolicy('x', 'D.', print)], initial_config={'x': 'mandatory'})",
        r"Expected initial_config\['x'\] to be an EnforcementLevel or dict",
    ),
    "a level that there is not": (
        """
X = ResourceValidationPolicy("x", "D.", print)
PolicyPack("p", [X], initial_config={"x": {"enforcementLevel": "strict"}})
""",
        "policy x has the enforcement level 'strict'; allowed advisory, mandatory, remediate, disabled",
    ),
}
"""Packs that neither engine takes, and the sandbox engine's reason."""

CRASH = """
def check(args, report):
    if args.name == "a":
        raise KeyError("oops")
PolicyPack("p", [ResourceValidationPolicy("x", "D.", check, A)])
"""
