"""A journal as a picture and a page."""

from datetime import timedelta
from pathlib import Path

from sluice.cli import timeline_picture
from sluice.rollout.journal import History
from sluice.rollout.movement import Kind
from tests.components.cli.conftest import Project
from tests.support.movements import ENDPOINT, hour, movement

HISTORY = History(
    ENDPOINT,
    (
        movement(1, 0, kind=Kind.DEPLOY),
        movement(2, 10, 0, forced="<launch & day>"),
        movement(3, 0, 10, kind=Kind.ROLLBACK, rollback="rb-1", reason="errors 3 % > 1 %"),
    ),
)


def test_the_same_journal_gives_the_same_picture() -> None:
    """Byte for byte, so that a page in a pull request changes only when something happened."""
    one, other = (timeline_picture.picture(HISTORY, hour(9), "png") for _ in range(2))
    assert one.startswith(b"\x89PNG")
    assert one == other
    assert timeline_picture.picture(HISTORY, hour(9) + timedelta(days=3), "png") != one


def test_the_page_tells_every_movement_and_loads_nothing() -> None:
    """Newest first; what people wrote is text and no markup."""
    text = timeline_picture.page(HISTORY, hour(9))
    assert text.index("errors 3 % &gt; 1 %") < text.index("&lt;launch &amp; day&gt;")
    assert "green (digits@2) 10 → 0" in text
    assert "<script" not in text
    assert "src=" not in text
    assert 'class="rollback"' in text


def test_what_gates_said_is_marked() -> None:
    """Beside the stage that they let begin, on the page with their figures; what was not met comes first."""
    said = {"green.alarms": "pass: no alarm rings", "green.soaked": "fail: soaked 3 <of> 24 h", "alarm": "none: of it"}
    rise = movement(2, 25, 10, kind=Kind.RISE, evidence=said)
    text = timeline_picture.page(History(ENDPOINT, (HISTORY.movements[0], rise)), hour(9))
    assert "<summary>1 of 2 gates not met</summary>" in text
    assert "<li>✗ green.soaked: soaked 3 &lt;of&gt; 24 h</li><li>✓ green.alarms: no alarm rings</li>" in text
    assert "green 25 %, 1 of 2 gates not met" in text


def test_a_timeline_says_what_to_write(project: Project, tmp_path: Path) -> None:
    """A picture on the terminal is none."""
    done = project.sluice("timeline", "--stack", "dev")
    assert done.code == 1
    assert "say what to write: --html FILE, --png FILE, or both" in done.err
