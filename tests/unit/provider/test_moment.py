"""What time it is for soaks and standby."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sluice.provider.moment import moment
from sluice.provider.work import Work
from sluice.rollout import clock

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
DATED = {"ResponseMetadata": {"HTTPHeaders": {"date": "Tue, 24 Nov 2026 08:30:00 GMT"}}}


def work(address: str = "https://api.sagemaker.eu-west-1.amazonaws.com", answer: Any = None) -> Work:
    client = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url=address),
        list_endpoints=lambda MaxResults: answer if answer is not None else pytest.fail("nothing is asked"),
    )
    return Work(lambda service, region: client)


@pytest.fixture(autouse=True)
def _no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.VARIABLE, raising=False)


def test_an_answer_of_aws_is_dated() -> None:
    """Then nothing more is asked, and this machine's clock does not matter."""
    assert moment(work(), "eu-west-1", DATED) == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_without_an_answer_aws_is_asked() -> None:
    """For nothing in particular: what counts is the date."""
    assert moment(work(answer=DATED), "eu-west-1") == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"date": "soon"}])
def test_an_answer_without_a_date_leaves_the_worlds_clock(headers: dict[str, str]) -> None:
    """Some proxy may have taken it out."""
    before = datetime.now(UTC)
    answer = {"ResponseMetadata": {"HTTPHeaders": headers}}
    assert before <= moment(work(answer=answer), "eu-west-1", answer) <= datetime.now(UTC)


@pytest.mark.parametrize("address", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"])
def test_a_sandbox_keeps_the_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str) -> None:
    """Its AWS is on this machine."""
    clock.write(tmp_path / "clock", START)
    monkeypatch.setenv(clock.VARIABLE, str(tmp_path / "clock"))
    assert moment(work(address), "eu-west-1", DATED) == START


@pytest.mark.parametrize("address", ["https://api.sagemaker.eu-west-1.amazonaws.com", "http://10.0.0.1:5000", ""])
def test_nobody_turns_the_clock_of_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str) -> None:
    """Whoever could would need no standby hours, and no soak."""
    monkeypatch.setenv(clock.VARIABLE, str(tmp_path / "clock"))
    with pytest.raises(clock.ClockError, match="only the real time counts"):
        moment(work(address), "eu-west-1")
