"""How long things take in the sandbox, in seconds of its clock. AWS takes minutes, which nobody has to spare here."""

_USUAL = {
    "endpoint-create": 2.0,
    "endpoint-update": 2.0,
    "endpoint-rollback": 1.0,
    "endpoint-weights": 0.5,
    "endpoint-delete": 0.5,
    "function-retry": 60.0,
}
_SECONDS = dict(_USUAL)


def seconds(name: str) -> float:
    return _SECONDS[name]


def all_of_them() -> dict[str, float]:
    return dict(_SECONDS)


def reset() -> None:
    """Sets all durations to what they usually are."""
    _SECONDS.update(_USUAL)


def set_all(changed: dict[str, float]) -> None:
    """Sets some durations. Raises ValueError for a name that there is not, naming those that there are."""
    unknown = sorted(changed.keys() - _SECONDS.keys())
    if unknown:
        raise ValueError(f"there is no duration {', '.join(unknown)}; there are: {', '.join(sorted(_SECONDS))}")
    _SECONDS.update(changed)
