"""The resource monitor: what the SDK of a running program talks to."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from sluice.provider import wire
from sluice.provider.wire import UNKNOWN
from sluice_sandbox.engine.deployment import Deployment
from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.goal import Goal, read_goal, read_properties, source_position
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.errors import NotInSandbox

# The engine claims what it refuses, so that the refusal is its own and not the SDK's advice to update the CLI.
_FEATURES = (
    "SECRETS",
    "RESOURCE_REFERENCES",
    "ALIAS_SPECS",
    "DELETED_WITH",
    "TRANSFORMS",
    "INVOKE_TRANSFORMS",
    "RESOURCE_HOOKS",
    "ERROR_HOOKS",
    "REPLACE_WITH",
    "REPLACEMENT_TRIGGER",
    "PARAMETERIZATION",
    "STATE_MIGRATIONS",
)
_PREFIX = "RESOURCE_MONITOR_FEATURE_"
_STACK_REFERENCE = "pulumi:pulumi:StackReference"


class Monitor(MockMonitor):
    """Passes a program's registrations to a deployment and refuses, by name, what the engine does not have."""

    def __init__(self, deployment: Deployment, root: Path | None) -> None:
        """`root` is the project's folder; positions in programs are told relative to it."""
        self._deployment = deployment
        self._root = root

    def RegisterResource(self, request: Any) -> Any:
        goal = read_goal(request, self._root)
        resource = self._deployment.register(goal)
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn, id=_known_id(resource), object=wire.to_struct(resource.outputs)
        )

    def ReadResource(self, request: Any) -> Any:
        where = f"{request.type} {request.name!r}"
        if request.type == _STACK_REFERENCE:
            raise NotInSandbox("stack references", where)
        if request.packageRef:
            raise NotInSandbox("parameterized providers", where)
        goal = Goal(
            type=request.type,
            name=request.name,
            custom=True,
            inputs=read_properties(request.properties, where),
            parent=request.parent,
            provider=request.provider,
            version=request.version,
            dependencies=sorted(set(request.dependencies)),
            additional_secret_outputs=list(request.additionalSecretOutputs),
            source_position=source_position(request.sourcePosition, self._root),
        )
        resource = self._deployment.read(goal, request.id)
        return resource_pb2.ReadResourceResponse(urn=resource.urn, properties=wire.to_struct(resource.outputs))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        outputs = read_properties(request.outputs, request.urn)
        self._deployment.register_outputs(request.urn, outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        arguments = read_properties(request.args, request.tok)
        if request.tok == "pulumi:pulumi:getResource":
            return _invoked(self._get_resource(arguments), [])
        if request.tok.startswith("pulumi:"):
            feature = "stack references" if "Stack" in request.tok else f"the function {request.tok}"
            raise NotInSandbox(feature)
        if request.packageRef:
            raise NotInSandbox("parameterized providers", request.tok)
        result, failures = self._deployment.invoke(request.tok, arguments, request.provider, request.version)
        return _invoked(result, failures)

    def Call(self, request: Any) -> Any:
        raise NotInSandbox("methods of remote components", request.tok)

    def RegisterStackTransform(self, request: Any) -> Any:
        raise NotInSandbox("stack transforms")

    def RegisterStackInvokeTransform(self, request: Any) -> Any:
        raise NotInSandbox("invoke transforms")

    def RegisterResourceHook(self, request: Any) -> Any:
        raise NotInSandbox("resource hooks", request.name)

    def RegisterErrorHook(self, request: Any) -> Any:
        raise NotInSandbox("error hooks", request.name)

    def RegisterPackage(self, request: Any) -> Any:
        raise NotInSandbox("parameterized providers", request.name)

    def ExistsResource(self, request: Any) -> Any:
        raise NotInSandbox("asking whether a resource exists", f"{request.type} {request.id!r}")

    def SupportsFeature(self, request: Any) -> Any:
        # Only asked by SDKs that do not know GetDeploymentInfo; the names differ in case and underscores alone.
        known = {name.replace("_", "").lower() for name in _FEATURES}
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id.lower() in known)

    def GetDeploymentInfo(self, request: Any) -> Any:
        known = resource_pb2.ResourceMonitorFeature
        names = [_PREFIX + name for name in _FEATURES]
        return resource_pb2.DeploymentInfo(
            supportedFeatures=[known.Value(name) for name in names if name in set(known.keys())]
        )

    def _get_resource(self, arguments: dict[str, Any]) -> dict[str, Any]:
        resource = self._deployment.states[arguments["urn"]]
        return {"urn": resource.urn, "id": _known_id(resource), "state": resource.outputs}


class EngineLog:
    """The engine service: where the SDK's `pulumi.log` and uncaught warnings go."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def Log(self, request: Any) -> Any:
        if request.severity == engine_pb2.WARNING:
            self._events.warn(request.message, request.urn)
        elif request.severity == engine_pb2.ERROR:
            self._events.error(request.message, request.urn)
        elif request.severity == engine_pb2.INFO and not request.ephemeral:
            self._events.info(request.message, request.urn)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:
        raise NotInSandbox("require_pulumi_version", request.pulumi_version_range)


def _known_id(resource: Resource) -> str:
    return "" if resource.id == UNKNOWN else resource.id


def _invoked(result: dict[str, Any], failures: Iterable[tuple[str, str]]) -> Any:
    reported = [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in failures]
    fields: dict[str, Any] = {"return": wire.to_struct(result), "failures": reported}
    # Older SDKs share the provider's message, which has the same fields.
    response = getattr(resource_pb2, "ResourceInvokeResponse", provider_pb2.InvokeResponse)
    return response(**fields)
