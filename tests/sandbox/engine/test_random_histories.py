"""Whatever is done to a stack, and whatever fails meanwhile, its state stays valid."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.support.histories import History, Stage, stages

COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(COMMON, max_examples=40)
@given(stages(protect=True))
def test_every_history_leaves_a_valid_state(history_of: list[Stage]) -> None:
    """Operations with failing providers and programs, one after the other, never break or lose anything."""
    with tempfile.TemporaryDirectory() as folder:
        history = History.begin(Path(folder))
        for stage in history_of:
            history.go_through(stage)
            history.assert_valid()


@settings(COMMON, max_examples=40)
@given(stages(protect=False))
def test_every_history_can_be_put_right(history_of: list[Stage]) -> None:
    """Once nothing fails any more, an update arrives at what is declared, a second changes nothing, and all can go."""
    with tempfile.TemporaryDirectory() as folder:
        history = History.begin(Path(folder))
        for stage in history_of:
            history.go_through(stage)
        history.stack.config = {"resources": history_of[-1].resources}
        history.stack.refresh()
        history.stack.up()
        history.assert_valid()
        assert not history.stack.up().changed
        declared = {item["name"] for item in history_of[-1].resources}
        there = {identity.partition("-")[0] for identity in history.world.things}
        assert declared <= there <= declared | history.spared
        history.stack.destroy()
        assert history.stack.state().resources == []
