"""What metric math comes to: operators and functions over series in which data may be missing."""

import math
import operator
from collections.abc import Callable, Mapping, Sequence

from sluice_sandbox.cloudwatch.expressions import Call, ExpressionError, Name, Node, Number, Operation

Series = dict[int, float]
"""From the start of a period, in seconds since 1970, to the value; a period without data is not in it."""
Value = float | Series | list["float | Series"]

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<=": lambda left, right: float(left <= right),
    ">=": lambda left, right: float(left >= right),
    "<": lambda left, right: float(left < right),
    ">": lambda left, right: float(left > right),
    "&&": lambda left, right: float(bool(left) and bool(right)),
    "||": lambda left, right: float(bool(left) or bool(right)),
}
_FOLDS: dict[str, Callable[[list[float]], float]] = {
    "MAX": max,
    "MIN": min,
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
}


def evaluate(node: Node, known: Mapping[str, Series], grid: Sequence[int]) -> Value:
    """
    Returns what a tree comes to: a scalar, a series or an array of them.

    `grid` holds the periods asked for, in order; FILL fills those. Raises ExpressionError where the arguments of an
    operator or function are not what it takes.
    """
    match node:
        case Number(value):
            return value
        case Name(name):
            if name not in known:
                raise ExpressionError(f"'{name}' is not the id of a metric or expression")
            return known[name]
        case Operation(sign, left, right):
            return _between(sign, evaluate(left, known, grid), evaluate(right, known, grid))
        case Call("FILL", arguments):
            return _filled(arguments, known, grid)
        case Call(function, arguments):
            return _called(function, [evaluate(argument, known, grid) for argument in arguments])
    raise AssertionError(node)


def _called(function: str, values: list[Value]) -> Value:
    if function == "[]":
        return [item for value in values for item in (value if isinstance(value, list) else [value])]
    if function == "IF":
        return _chosen(*values) if len(values) in (2, 3) else _wrong("IF", "2 or 3 arguments")
    if len(values) != 1:
        return _wrong(function, "1 argument")
    if function == "ABS":
        return _each(abs, values[0])
    return _folded(function, values[0])


def _between(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        raise ExpressionError(f"Operator '{sign}' does not take arrays here")
    if isinstance(left, dict) or isinstance(right, dict):
        moments = _common(left, right)
        found = {moment: _apply(sign, _at(left, moment), _at(right, moment)) for moment in moments}
        return {moment: value for moment, value in found.items() if value is not None}
    value = _apply(sign, left, right)
    if value is None:
        raise ExpressionError("Division by zero")
    return value


def _apply(sign: str, left: float | None, right: float | None) -> float | None:
    """Returns None, which is missing data, where either is missing or there is no such number."""
    if left is None or right is None:
        return None
    try:
        value = _OPERATORS[sign](left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return value if isinstance(value, float | int) and math.isfinite(value) else None


def _chosen(condition: Value, yes: Value, no: Value | None = None) -> Value:
    """IF: where the condition is missing, or what it chooses is, there is no value."""
    if isinstance(condition, list) or isinstance(yes, list) or isinstance(no, list):
        return _wrong("IF", "series and scalars")
    no = {} if no is None else no
    if not isinstance(condition, dict):
        return yes if condition else no
    found = {moment: _at(yes if asked else no, moment) for moment, asked in condition.items()}
    return {moment: value for moment, value in found.items() if value is not None}


def _folded(function: str, value: Value) -> Value:
    """MAX and the like: of a series a scalar, of an array a series over the periods in which any of them has data."""
    fold = _FOLDS[function]
    if isinstance(value, dict):
        return fold(list(value.values())) if value else {}
    if not isinstance(value, list):
        return value
    series = [item for item in value if isinstance(item, dict)]
    if not series:
        return fold([item for item in value if not isinstance(item, dict)])
    moments = sorted(set().union(*series))
    return {moment: fold([there for item in value if (there := _at(item, moment)) is not None]) for moment in moments}


def _filled(arguments: Sequence[Node], known: Mapping[str, Series], grid: Sequence[int]) -> Value:
    if len(arguments) != 2:
        return _wrong("FILL", "2 arguments")
    value = evaluate(arguments[0], known, grid)
    if isinstance(value, list):
        return [_fill(item, arguments[1], known, grid) for item in value]
    return _fill(value, arguments[1], known, grid)


def _fill(value: float | Series, by: Node, known: Mapping[str, Series], grid: Sequence[int]) -> float | Series:
    if not isinstance(value, dict):
        raise ExpressionError("FILL takes a series")
    if by == Name("LINEAR"):
        raise NotImplementedError("metric math's FILL with LINEAR")
    if by == Name("REPEAT"):
        return _repeated(value, grid)
    filler = evaluate(by, known, grid)
    if isinstance(filler, list):
        raise ExpressionError("FILL takes a scalar, a series or REPEAT to fill with")
    found = {moment: value.get(moment, _at(filler, moment)) for moment in grid}
    return {moment: there for moment, there in found.items() if there is not None}


def _repeated(value: Series, grid: Sequence[int]) -> Series:
    found: Series = {}
    last: float | None = None
    for moment in grid:
        last = value.get(moment, last)
        if last is not None:
            found[moment] = last
    return found


def _each(function: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, dict):
        return {moment: function(item) for moment, item in value.items()}
    if isinstance(value, list):
        return _wrong("ABS", "a series or a scalar")
    return function(value)


def _common(left: Value, right: Value) -> list[int]:
    series = [side for side in (left, right) if isinstance(side, dict)]
    return [moment for moment in sorted(series[0]) if all(moment in other for other in series)]


def _at(value: Value, moment: int) -> float | None:
    if isinstance(value, dict):
        return value.get(moment)
    return value if isinstance(value, float | int) else None


def _wrong(function: str, takes: str) -> float:
    raise ExpressionError(f"Function '{function}' takes {takes}")
