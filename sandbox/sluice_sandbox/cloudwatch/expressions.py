"""The grammar of metric math, as far as alarms of ours use it: read into a tree, never handed to an interpreter."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^()\[\],<>]))"
)
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_WORDS = {"AND": "&&", "OR": "||"}
SUPPORTED = frozenset({"IF", "FILL", "MAX", "MIN", "SUM", "AVG", "ABS"})
KEYWORDS = frozenset({"REPEAT", "LINEAR"})
_AWS_HAS = (
    "ANOMALY_DETECTION_BAND CEIL DATAPOINT_COUNT DAY DB_PERF_INSIGHTS DIFF DIFF_TIME EPOCH FIRST FLOOR HOUR LAMBDA",
    "INSIGHT_RULE_METRIC LAST LOG LOG10 METRIC_COUNT METRICS MINUTE MONTH PERIOD RATE REMOVE_EMPTY RUNNING_SUM",
    "SEARCH SERVICE_QUOTA SLICE SORT STDDEV TIME_SERIES YEAR",
)


class ExpressionError(ValueError):
    """An expression that CloudWatch does not take, and why."""


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True)
class Name:
    """Another query of the same request, by its id; or one of the words that FILL takes."""

    name: str


@dataclass(frozen=True)
class Operation:
    """An operator between two values."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Call:
    """A function and its arguments; `[]` for an array."""

    function: str
    arguments: tuple["Node", ...]


Node = Number | Name | Operation | Call


def parse(expression: str) -> Node:
    """
    Returns the tree of an expression.

    Raises ExpressionError for what is no expression, and NotImplementedError for a function that CloudWatch has and the
    sandbox has not.
    """
    return _Parser(_tokens(expression)).whole()


def names_in(node: Node) -> set[str]:
    """Returns the ids that an expression refers to."""
    match node:
        case Name(name):
            return set() if name in KEYWORDS else {name}
        case Operation(_, left, right):
            return names_in(left) | names_in(right)
        case Call(_, arguments):
            return set().union(*map(names_in, arguments))
    return set()


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = expression.rstrip()
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ExpressionError(f"Unexpected character '{text[position:].lstrip()[0]}'")
        kind = str(token.lastgroup) if token["number"] is None else "number"
        value = token.group(kind)
        found.append(("sign", _WORDS[value]) if value in _WORDS else (kind, value))
        position = token.end()
    return found


@dataclass
class _Parser:
    """Reads tokens by recursive descent, weakest operator first."""

    tokens: list[tuple[str, str]]
    position: int = 0

    def whole(self) -> Node:
        node = self._either()
        if self.position < len(self.tokens):
            raise ExpressionError(f"Unexpected '{self.tokens[self.position][1]}'")
        return node

    def _either(self) -> Node:
        node = self._both()
        while sign := self._take("||"):
            node = Operation(sign, node, self._both())
        return node

    def _both(self) -> Node:
        node = self._compared()
        while sign := self._take("&&"):
            node = Operation(sign, node, self._compared())
        return node

    def _compared(self) -> Node:
        node = self._sum()
        while sign := self._take(*_COMPARISONS):
            node = Operation(sign, node, self._sum())
        return node

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._take("+", "-"):
            node = Operation(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._signed()
        while sign := self._take("*", "/"):
            node = Operation(sign, node, self._signed())
        return node

    def _signed(self) -> Node:
        if self._take("-"):
            return Operation("-", Number(0.0), self._signed())
        node = self._atom()
        return Operation("^", node, self._signed()) if self._take("^") else node

    def _atom(self) -> Node:
        if self._take("("):
            node = self._either()
            self._need(")")
            return node
        if self._take("["):
            return Call("[]", self._listed("]"))
        kind, value = self._next()
        if kind == "number":
            return Number(float(value))
        if kind != "word":
            raise ExpressionError(f"Unexpected '{value}'")
        return self._call(value) if self._take("(") else Name(value)

    def _call(self, function: str) -> Node:
        if any(function in line.split() for line in _AWS_HAS):
            raise NotImplementedError(f"metric math's function {function}")
        if function not in SUPPORTED:
            raise ExpressionError(f"Function '{function}' does not exist")
        return Call(function, self._listed(")"))

    def _listed(self, end: str) -> tuple[Node, ...]:
        items = [self._either()]
        while self._take(","):
            items.append(self._either())
        self._need(end)
        return tuple(items)

    def _next(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            raise ExpressionError("Unexpected end of expression")
        self.position += 1
        return self.tokens[self.position - 1]

    def _take(self, *signs: str) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position] in [("sign", sign) for sign in signs]:
            return self._next()[1]
        return None

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise ExpressionError(f"Missing '{sign}'")
