"""
What every resource type of the sandbox's AWS has in common.

A type is a class with a table: the operations that create, describe, change and delete it, and the names in which it
differs from what botocore's shapes say. A property that no changing operation takes forces a replacement.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from botocore.model import StructureShape

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws import shapes
from sluice_sandbox.aws.clients import Clients, service_model
from sluice_sandbox.aws.naming import Names, from_api, property_name, property_path, to_api, unmapped
from sluice_sandbox.aws.tagging import NO_TAGS, Tagging

Values = dict[str, Any]
"""A resource's properties as plain Python."""
Failure = tuple[str, str]
"""A property, or nothing for the whole, and what is wrong with it."""


class ResourceType:
    """One type of resource, and how it is managed. Subclasses say what is particular."""

    token: ClassVar[str]
    service: ClassVar[str]
    create_operation: ClassVar[str]
    read_operation: ClassVar[str]
    delete_operation: ClassVar[str]
    update_operations: ClassVar[tuple[str, ...]] = ()
    """Those that change it in place; each is called when a property that it takes differs."""
    identity: ClassVar[str] = "name"
    """The input whose value is the id."""
    autonamed: ClassVar[str | None] = None
    """The input that gets a unique name when it has none."""
    name_length: ClassVar[int] = 63
    names: ClassVar[Names] = {}
    """From properties to API members, where they differ in more than case."""
    update_names: ClassVar[Names] = {}
    """The same for changing operations, where those differ from the creating one."""
    result: ClassVar[str] = ""
    """The member of the answer that describes the resource; omitted: the answer itself."""
    computed: ClassVar[Mapping[str, str]] = {}
    """From outputs that are no inputs to the API members that hold them."""
    extra_inputs: ClassVar[frozenset[str]] = frozenset()
    """Inputs that the type deals with by itself."""
    untold: ClassVar[frozenset[str]] = frozenset()
    """Inputs that AWS takes, or the provider keeps, and that no description tells."""
    refused: ClassVar[frozenset[str]] = frozenset()
    """Inputs that AWS takes and moto forgets: refused, because ignoring them would be a lie."""
    shared: ClassVar[frozenset[str]] = frozenset()
    """Inputs that another resource may set in this one's stead: there without being asked for, they are no drift."""
    optional_members: ClassVar[frozenset[str]] = frozenset()
    """API members that AWS requires and the type fills in by itself."""
    missing: ClassVar[tuple[str, ...]] = ("ResourceNotFoundException", "NoSuchEntity", "NotFoundException", "404")
    tagging: ClassVar[Tagging] = NO_TAGS
    mutable: ClassVar[frozenset[str]] = frozenset({"tags"})
    """Inputs beyond those of the update operations that change in place."""

    # Checking

    def check(self, inputs: Values) -> list[Failure]:
        """Returns everything that is wrong with known inputs."""
        return [*self._unsupported(inputs), *self._invalid(inputs), *self.check_more(inputs)]

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        """Yields what is wrong beyond what AWS's description of the request tells."""
        yield from ()

    def replaces(self, key: str) -> bool:
        """True when a change of that input needs a new resource."""
        return key not in self.mutable and not any(key in self._taken_by(op) for op in self.update_operations)

    # Managing

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        """Creates the resource and returns its id and outputs."""
        aws.call(self.service, self.create_operation, **self.request(inputs))
        identity = self.identity_of(inputs)
        return identity, self.read_existing(aws, identity)

    def read(self, aws: Clients, identity: str) -> Values | None:
        """Returns the resource's outputs, or None when there is none of that id."""
        answer = aws.find(self.service, self.read_operation, self.missing, **self.key(identity))
        if answer is None:
            return None
        described = answer[self.result] if self.result else answer
        told = from_api(self._result_shape(), described, self.names)
        outputs = {key: told[key] for key in self.input_names() & told.keys()}
        outputs |= {key: described.get(member) for key, member in self.computed.items()}
        return self.complete(aws, identity, outputs, described)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        """Changes the resource in place and returns its outputs."""
        changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
        for operation in self.update_operations:
            if changed & self._taken_by(operation).keys():
                aws.call(self.service, operation, **self.key(identity), **self._change(operation, new))
        if "tags" in changed:
            self.tagging.change(aws, self.service, self.tag_target(aws, identity), old.get("tags"), new.get("tags"))
        return self.read_existing(aws, identity)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        """Deletes the resource; that there is none any more is as good."""
        aws.find(self.service, self.delete_operation, self.missing, **self.key(identity))

    def read_existing(self, aws: Clients, identity: str) -> Values:
        """Returns the outputs of a resource that was just made or changed."""
        outputs = self.read(aws, identity)
        if outputs is None:
            raise LookupError(f"{self.token} {identity} is not there although AWS accepted it")
        return outputs

    # What subclasses adapt

    def request(self, inputs: Values) -> Values:
        """Returns the creating request."""
        request: Values = to_api(self._create_shape(), inputs, self.names)
        request.pop(self.tagging.member, None)
        tags = self.tagging.to_api(inputs.get("tags"))
        return {**request, self.tagging.member: tags} if tags and self.tagging.member else request

    def key(self, identity: str) -> Values:
        """Returns the members that name the resource in a request."""
        return {self.names.get(self.identity, _capitalized(self.identity)): identity}

    def identity_of(self, inputs: Values) -> str:
        return str(inputs[self.identity])

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        """Returns the outputs with what the description does not hold: tags and region."""
        tags = self.tagging.read(aws, self.service, self.tag_target(aws, identity), described)
        return {**outputs, "region": aws.region, **({} if tags is None else {"tags": tags, "tagsAll": tags})}

    def tag_target(self, aws: Clients, identity: str) -> str:
        """Returns what tagging operations call the resource: its ARN, its name."""
        return identity

    def input_names(self) -> frozenset[str]:
        """Returns the inputs that the type understands."""
        taken = set(_properties(self._create_shape(), self.names))
        for operation in self.update_operations:
            taken |= self._taken_by(operation).keys()
        tags = {"tags"} if self.tagging.enabled else set()
        return frozenset(taken - {"tags"} - self.refused | self.extra_inputs | tags | {"region"})

    # Machinery

    def _create_shape(self) -> StructureShape:
        return _input_shape(self.service, self.create_operation)

    def _result_shape(self) -> Any:
        shape: Any = service_model(self.service).operation_model(self.read_operation).output_shape
        return shape.members[self.result] if self.result else shape

    def _taken_by(self, operation: str) -> dict[str, str]:
        names = {**self.names, **self.update_names}
        taken = _properties(_input_shape(self.service, operation), names)
        return {key: member for key, member in taken.items() if key != self.identity}

    def _change(self, operation: str, inputs: Values) -> Values:
        names = {**self.names, **self.update_names}
        taken = self._taken_by(operation)
        request: Values = to_api(
            _input_shape(self.service, operation), {key: inputs[key] for key in taken if key in inputs}, names
        )
        return request

    def _unsupported(self, inputs: Values) -> Iterator[Failure]:
        known = self.input_names()
        for key in inputs:
            if key not in known and not key.startswith("__"):
                yield key, "the sandbox's AWS does not support this property; use the Pulumi CLI and AWS for it"
        declared = {key: value for key, value in inputs.items() if key not in self.extra_inputs | {"region", "tags"}}
        for path in unmapped(self._create_shape(), declared, {**self.names, **self.update_names}):
            if "." in path:
                yield path, "AWS has no such property"

    def _invalid(self, inputs: Values) -> Iterator[Failure]:
        shape, names = self._create_shape(), self.names
        request = to_api(shape, inputs, names)
        tags = inputs.get("tags")
        if self.tagging.member in shape.members and tags is not None and tags is not UNKNOWN:
            request[self.tagging.member] = self.tagging.to_api(tags)
        for violation in shapes.violations(shape, request, ignore=UNKNOWN):
            if violation.value is None and violation.path in {_small(member) for member in self.optional_members}:
                continue
            yield property_path(shape, violation.path, names), explained(violation)


def autoname(name: str, seed: bytes, length: int) -> str:
    """Returns a unique name as Pulumi makes them: the logical name and seven random hexadecimal digits."""
    digits = hashlib.sha256(seed).hexdigest()[:7]
    return f"{name[: length - 8]}-{digits}"


def same_json(one: Any, other: Any) -> bool:
    """True for equal values, and for texts that are the same JSON document in another layout."""
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str) and one[:1] in ("{", "["):
        try:
            return bool(json.loads(one) == json.loads(other))
        except ValueError:
            return False
    return False


def _properties(shape: StructureShape, names: Names) -> dict[str, str]:
    renamed = {member: key for key, member in names.items() if "." not in key}
    return {renamed.get(member, property_name(member)): member for member in shape.members}


def _input_shape(service: str, operation: str) -> StructureShape:
    shape = service_model(service).operation_model(operation).input_shape
    assert isinstance(shape, StructureShape)
    return shape


def explained(violation: shapes.Violation) -> str:
    """Returns what is wrong with a property, as a person who wrote it wants to read it."""
    if violation.value is None:
        return "is missing; AWS requires it"
    return f"is {violation.value!r}; AWS says: {violation.constraint}"


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
