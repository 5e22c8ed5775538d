"""A comparison as one picture."""

import io
import threading

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from sluice.evaluation.display.material import Latencies
from sluice.evaluation.display.png import picture
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.display.samples import compared, comparison, shown

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def size(png: bytes) -> tuple[int, int]:
    """Returns width and height from the header. Source: the PNG specification, IHDR."""
    assert png.startswith(SIGNATURE)
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_the_picture_is_as_wide_as_asked() -> None:
    """Twelve inches at the resolution that was asked for."""
    assert size(picture(shown()))[0] == 1440
    assert size(picture(shown(), dpi=50))[0] == 600


def test_each_row_has_its_place() -> None:
    """A picture grows with what is compared, by the same for each row."""
    row = compared(Verdict.WORSE, 0.99, 0.94, (-0.08, -0.02))
    heights = [
        size(picture(shown(comparison=comparison(slices={f"a={it} accuracy": row for it in range(count)})), dpi=50))[1]
        for count in (1, 2, 12)
    ]
    assert heights[1] > heights[0]
    assert heights[2] - heights[0] == pytest.approx(11 * (heights[1] - heights[0]), abs=11)


def test_panels_without_content_are_left_out() -> None:
    """Without bounds and calls, only differences are drawn."""
    whole, bare = picture(shown(), dpi=50), picture(shown(contract=None, latencies=Latencies()), dpi=50)
    assert size(bare)[1] < size(whole)[1] / 2 + 60


def test_verdicts_have_their_colours() -> None:
    """Something in the picture has the red of a worse and the green of a better verdict."""
    pixels = (imread(io.BytesIO(picture(shown())))[:, :, :3] * 255).round().astype(int)
    for colour in ((0xB3, 0x26, 0x1E), (0x17, 0x69, 0x2F), (0x0B, 0x62, 0xC4)):
        assert (np.abs(pixels - colour).sum(axis=2) == 0).sum() > 100


@pytest.mark.parametrize("name", ["$\\frac{1}{$", "数字=8", "x" * 300, "a\nb", "\x1b[31m"])
@pytest.mark.filterwarnings("error")
def test_any_name_can_be_drawn(name: str) -> None:
    """A name is no formula, a long one is cut, and what the font does not have is a box, without a warning."""
    row = compared(Verdict.WORSE, 0.99, 0.94, (-0.08, -0.02))
    assert size(picture(shown(comparison=comparison(slices={f"{name} accuracy": row})), dpi=50))[0] == 600


def test_figures_that_cannot_be_told_are_said_to_be() -> None:
    """A row without interval is drawn without one."""
    row = compared(Verdict.CANNOT_TELL, 0.99, 0.94, (-0.08, -0.02)).model_copy(
        update={"estimate": None, "low": None, "high": None, "candidate": None}
    )
    assert size(picture(shown(comparison=comparison(metrics={"accuracy": row})), dpi=50))[0] == 600


def test_settings_of_others_are_left_alone() -> None:
    """Drawing changes no default of matplotlib's and leaves no figure open."""
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    picture(shown(), dpi=50)
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []


def test_the_same_comparison_gives_the_same_bytes_in_any_thread() -> None:
    """No time and no state of others is in a picture."""
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(picture(shown(), dpi=50))) for _ in range(2)]
    for it in threads:
        it.start()
        it.join()
    assert found == [picture(shown(), dpi=50)] * 2
