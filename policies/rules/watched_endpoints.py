"""Every endpoint has a dashboard."""

from collections.abc import Iterator, Sequence

from endpoints import TYPES, endpoints, mentions, name_of
from kit import is_unknown_in, of_type
from rule import Concern, Finding, Resource, Settings, StackRule

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    boards = of_type(stack, DASHBOARD)
    for endpoint in endpoints(stack):
        name = name_of(endpoint)
        shown = any(is_unknown_in(board.props) or mentions(board.props, name) for board in boards) if name else boards
        if not shown:
            yield Finding(endpoint, "dashboard", "missing")


RULE = StackRule(
    id="watched-endpoints",
    concern=Concern.OWNERSHIP,
    types=(*TYPES, DASHBOARD),
    reason="Who is called at night looks for one page first.",
    fix="declare a Dashboard whose body names the endpoint",
    production=True,
    check=check,
)
