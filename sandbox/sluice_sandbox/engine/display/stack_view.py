"""What a stack consists of (`sluice sandbox stack`)."""

from collections.abc import Iterator

from rich.text import Text

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine import values
from sluice_sandbox.engine.checkpoint import Deployment
from sluice_sandbox.engine.display import properties
from sluice_sandbox.engine.display.palette import short_type


def stack_lines(name: str, state: Deployment, *, show_secrets: bool) -> Iterator[Text]:
    """Yields the resources, what an interrupted run left unfinished, and the outputs."""
    shown = [resource for resource in state.resources if not urns.is_default_provider(resource.urn)]
    yield Text(f"Stack {name}: {len(shown)} resources", "bold")
    width = max((len(short_type(resource.urn)) for resource in shown), default=0)
    for resource in shown:
        note = (
            "  (to be deleted)" if resource.delete else "  (to be made again)" if resource.pending_replacement else ""
        )
        yield Text(f"    {short_type(resource.urn):<{width}}  {resource.name}  {resource.id}{note}".rstrip())
    for operation in state.pending:
        yield Text(f"    {operation.resource.urn}, interrupted while {operation.type}", "yellow")
    outputs = next((item.outputs for item in state.resources if item.type == urns.STACK_TYPE), {})
    if outputs:
        yield Text()
        yield Text("Outputs:", "bold")
        plain = {key: values.plain(value) if show_secrets else value for key, value in outputs.items()}
        yield from map(Text, properties.lines(plain, 4))
