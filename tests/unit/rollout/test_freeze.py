"""When nothing may rise, also when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout.freeze import Freeze, frozen, parse_window, parse_zone

BERLIN = "Europe/Berlin"
moments = st.integers(0, 2 * 365 * 86400).map(lambda past: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=past))


def freeze(*windows: str, zone: str = BERLIN) -> Freeze:
    return Freeze("quiet", parse_zone(zone), tuple(map(parse_window, windows)))


def holds(one: Freeze, moment: str) -> bool:
    """Returns whether a moment, with its offset, is frozen."""
    return frozen([one], datetime.fromisoformat(moment)) is not None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27T15:59:59+01:00", False),
        ("2026-11-27T16:00:00+01:00", True),
        ("2026-11-29T12:00:00+01:00", True),
        ("2026-11-30T07:59:59+01:00", True),
        ("2026-11-30T08:00:00+01:00", False),
        ("2026-11-27T15:30:00+00:00", True),
    ],
)
def test_a_weekly_window_holds_over_the_end_of_the_week(moment: str, expected: bool) -> None:
    """From its first minute up to, but not with, its last, wherever whoever asks may be."""
    assert holds(freeze("Fri 16:00 - Mon 08:00"), moment) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Clocks go from 02:00 to 03:00 on 29 March: Monday's 08:00 is an hour sooner.
        ("2026-03-27T15:00:00+00:00", True),
        ("2026-03-30T05:59:59+00:00", True),
        ("2026-03-30T06:00:00+00:00", False),
        # And from 03:00 to 02:00 on 25 October: it is an hour later.
        ("2026-10-23T14:00:00+00:00", True),
        ("2026-10-26T06:59:59+00:00", True),
        ("2026-10-26T07:00:00+00:00", False),
    ],
)
def test_a_window_follows_the_wall_over_daylight_saving(moment: str, expected: bool) -> None:
    """It begins and ends at the times that clocks on the wall show, in spring and in autumn."""
    assert holds(freeze("Fri 16:00 - Mon 08:00"), moment) is expected


def test_an_hour_that_comes_twice_is_frozen_twice_without_a_gap() -> None:
    """A window from 02:15 to 02:45 of the night in which clocks go back lasts from the first one to the second."""
    window = freeze("Sun 02:15 - Sun 02:45")
    assert not holds(window, "2026-10-25T02:14:00+02:00")
    assert holds(window, "2026-10-25T02:15:00+02:00")
    assert holds(window, "2026-10-25T02:59:00+02:00")
    assert holds(window, "2026-10-25T02:05:00+01:00")
    assert holds(window, "2026-10-25T02:44:00+01:00")
    assert not holds(window, "2026-10-25T02:45:00+01:00")


def test_a_window_in_an_hour_that_never_comes_is_kept_all_the_same() -> None:
    """From 02:15 to 02:45 of the night in which clocks go forward: nobody is left without a freeze."""
    window = freeze("Sun 02:15 - Sun 02:45")
    assert holds(window, "2026-03-29T01:30:00+01:00")
    assert holds(window, "2026-03-29T03:30:00+02:00")
    assert not holds(window, "2026-03-29T00:59:00+01:00")
    assert not holds(window, "2026-03-29T03:45:00+02:00")


@given(
    moments,
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_what_is_frozen_is_so_until_the_moment_that_is_told(moment: datetime, zone: str) -> None:
    """In every place, the end that is told is the end: frozen before it, and not from it on."""
    window = freeze("Fri 16:00 - Mon 08:00", zone=zone)
    found = frozen([window], moment)
    if found is not None:
        assert moment < found.until
        assert frozen([window], found.until - timedelta(seconds=1)) is not None
        assert frozen([window], found.until) is None
        assert (found.until.weekday(), found.until.hour, found.until.minute) == (0, 8, 0)


@given(moments)
def test_a_week_is_frozen_as_its_wall_says(moment: datetime) -> None:
    """Away from the hours that clocks skip or repeat, a window is nothing but a part of the wall's week."""
    local = moment.astimezone(ZoneInfo(BERLIN))
    minute = local.weekday() * 1440 + local.hour * 60 + local.minute
    assert holds(freeze("Fri 16:00 - Mon 08:00"), moment.isoformat()) == (minute >= 4 * 1440 + 960 or minute < 480)


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        ("2026-12-20 - 2027-01-02", "2026-12-19T23:59:59+01:00", False),
        ("2026-12-20 - 2027-01-02", "2026-12-20T00:00:00+01:00", True),
        ("2026-12-20 - 2027-01-02", "2027-01-02T23:59:59+01:00", True),
        ("2026-12-20 - 2027-01-02", "2027-01-03T00:00:00+01:00", False),
        ("2026-12-20 18:00 - 2026-12-27 08:00", "2026-12-20T17:59:00+01:00", False),
        ("2026-12-20 18:00 - 2026-12-27 08:00", "2026-12-27T07:59:00+01:00", True),
        ("2026-12-20 18:00 - 2026-12-27 08:00", "2026-12-27T08:00:00+01:00", False),
    ],
)
def test_a_dated_window_holds_once(window: str, moment: str, expected: bool) -> None:
    """A day that is named without a time is in it wholly, the last one too."""
    assert holds(freeze(window), moment) is expected


def test_of_several_windows_the_one_that_lasts_longest_is_told() -> None:
    """Whoever waits for its end waits long enough."""
    found = frozen(
        [
            freeze("Thu 00:00 - Fri 00:00"),
            Freeze("holidays", ZoneInfo("UTC"), (parse_window("2026-12-20 - 2027-01-02"),)),
        ],
        datetime(2026, 12, 24, 12, tzinfo=UTC),
    )
    assert found is not None
    assert (found.name, found.until) == ("holidays", datetime(2027, 1, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("window", "complaint"),
    [
        ("Fri 16:00", "is 'Fri 16:00'; allowed: `Fri 16:00 - Mon 08:00`"),
        ("Fry 16:00 - Mon 08:00", "Fry is no day; allowed: Mon, Tue"),
        ("Fri 25:00 - Mon 08:00", "25:00 is no time; allowed 00:00 to 23:59"),
        ("Fri 16:00 - Fri 16:00", "which begins when it ends"),
        ("Fri 16:00 - 2026-12-24", "allowed: `Fri 16:00 - Mon 08:00`"),
        ("2026-02-30 - 2026-03-02", "2026-02-30 is not in the calendar"),
        ("2026-12-27 - 2026-12-20", "which ends before it begins"),
    ],
)
def test_what_is_no_window_is_told_from_one(window: str, complaint: str) -> None:
    """With what was found and what is allowed."""
    with pytest.raises(ValueError, match="is '") as raised:
        parse_window(window)
    assert complaint in str(raised.value)


@pytest.mark.parametrize("name", ["Europe/Berlim", "", "../etc/passwd"])
def test_a_place_that_is_none_is_told(name: str) -> None:
    """A misspelt zone does not become UTC."""
    with pytest.raises(ValueError, match="no time zone; allowed: a name like Europe/Berlin or UTC"):
        parse_zone(name)
