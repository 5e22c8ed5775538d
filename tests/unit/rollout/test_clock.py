"""What time it is for gates, and who may say so."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluice.rollout import clock

MOMENT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def near(found: datetime, expected: datetime) -> bool:
    return abs(found - expected) < timedelta(seconds=30)


def test_without_a_sandbox_it_is_the_walls_time() -> None:
    """In UTC, whatever the zone of this machine."""
    found = clock.now({}, sandboxed=False)
    assert near(found, datetime.now(UTC))
    assert found.tzinfo is UTC


def test_a_sandbox_may_let_the_time_stand(tmp_path: Path) -> None:
    """Two looks, one moment: it moves when somebody moves it."""
    path = tmp_path / "clock"
    clock.write(path, MOMENT)
    assert clock.now({clock.VARIABLE: str(path)}, sandboxed=True) == MOMENT
    clock.write(path, MOMENT + timedelta(days=14))
    assert clock.now({clock.VARIABLE: str(path)}, sandboxed=True) == MOMENT + timedelta(days=14)


def test_a_sandbox_may_be_ahead(tmp_path: Path) -> None:
    """Its time runs as the wall's does, so much later."""
    path = tmp_path / "clock"
    clock.write(path, None, ahead=timedelta(days=3))
    assert near(clock.read(path), datetime.now(UTC) + timedelta(days=3))


def test_nobody_turns_the_clock_of_a_real_cloud(tmp_path: Path) -> None:
    """A soak cannot be skipped by a variable of the environment."""
    path = tmp_path / "clock"
    clock.write(path, MOMENT)
    with pytest.raises(clock.ClockError, match="SLUICE_CLOCK is set, and this is no sandbox"):
        clock.now({clock.VARIABLE: str(path)}, sandboxed=False)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-11-23T10:00:00", "-3600", "+", "+1h"])
def test_a_file_that_says_no_time_is_refused(tmp_path: Path, text: str) -> None:
    """A moment without a zone is none, and a sandbox is never behind."""
    path = tmp_path / "clock"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(clock.ClockError, match="allowed: 2026-11-23T10:00:00\\+00:00 or \\+86400"):
        clock.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The wall's time does not take the place of a sandbox's that was lost."""
    with pytest.raises(clock.ClockError, match="which cannot be read: No such file"):
        clock.now({clock.VARIABLE: str(tmp_path / "none")}, sandboxed=True)


def test_records_may_be_ahead_by_as_much_as_clocks_are_apart() -> None:
    """Five minutes are nothing, six are another time."""
    assert clock.ahead_of(MOMENT + timedelta(minutes=5), MOMENT) is None
    assert clock.ahead_of(MOMENT - timedelta(days=9), MOMENT) is None
    assert clock.ahead_of(MOMENT + timedelta(minutes=6), MOMENT) == timedelta(minutes=6)
