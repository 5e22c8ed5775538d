"""How often Python looks for garbage while the engine is at work."""

import gc

import pytest

from sluice_sandbox.engine.collecting import seldom_collecting
from sluice_sandbox.harness import Sandbox


def test_a_deployment_seldom_looks_for_garbage_and_leaves_all_as_it_was(sandbox: Sandbox) -> None:
    """While the program runs Python looks rarely; afterwards as before, even when the program fails."""
    before, during = gc.get_threshold(), []

    def program() -> None:
        during.append(gc.get_threshold()[0])
        raise ValueError("no")

    sandbox.stack(program).preview()
    assert during == [50_000]
    assert gc.get_threshold() == before


@pytest.mark.parametrize("own", [(0, 10, 10), (200_000, 5, 5)])
def test_who_looks_more_seldom_still_keeps_it_so(own: tuple[int, int, int]) -> None:
    """Collection that somebody has switched off stays off, and a rarer one stays rarer."""
    before = gc.get_threshold()
    gc.set_threshold(*own)
    try:
        with seldom_collecting():
            assert gc.get_threshold() == own
    finally:
        gc.set_threshold(*before)
