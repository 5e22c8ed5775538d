"""The containers of a model package: one, or several in a row."""

from collections.abc import Iterator
from typing import Any

from sluice.names import ALLOWED, is_name
from sluice.provider.custom_type import Failure, Values
from sluice.provider.properties import UNKNOWN

FEWEST, MOST = 2, 15
_KEYS = {
    "name": "ContainerHostname",
    "image": "Image",
    "modelDataUrl": "ModelDataUrl",
    "environment": "Environment",
}


def container_failures(containers: Any) -> Iterator[Failure]:
    """Yields what is wrong with several containers, as far as they are known."""
    if not isinstance(containers, list):
        return
    if not FEWEST <= len(containers) <= MOST:
        yield "containers", f"are {len(containers)}; allowed {FEWEST} to {MOST}; a single one is image"
    names = [it.get("name") for it in containers if isinstance(it, dict)]
    for index, container in enumerate(containers):
        if not isinstance(container, dict):
            continue
        name = container.get("name")
        for key in ("name", "image"):
            if key not in container:
                yield f"containers[{index}].{key}", "is missing"
        if isinstance(name, str) and not is_name(name):
            yield f"containers[{index}].name", f"is {name!r}; {ALLOWED}"
        elif name is not None and name is not UNKNOWN and name in names[:index]:
            yield f"containers[{index}].name", f"is {name!r}, as another one is; names are unique"


def container_requests(inputs: Values) -> list[Values]:
    """Returns the containers of a package as SageMaker is asked for them; none of a package without any."""
    if "image" in inputs:
        return [_request({key: inputs.get(key) for key in ("image", "modelDataUrl")})]
    return [_request(container) for container in inputs.get("containers") or []]


def container_inputs(described: list[Values]) -> Values:
    """Returns what is to be declared for the containers that SageMaker tells of."""
    if len(described) < FEWEST:
        container = described[0] if described else {}
        return {key: container.get(_KEYS[key]) for key in ("image", "modelDataUrl")}
    return {"containers": [{key: it[name] for key, name in _KEYS.items() if it.get(name)} for it in described]}


def _request(container: Values) -> Values:
    return {_KEYS[key]: value for key, value in container.items() if value}
