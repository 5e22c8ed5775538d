"""Edits of a stack's file: what is asked for, and not a byte more."""

from pathlib import Path

import pytest

from sluice.cli.stack_file import section_of, sections
from sluice.errors import InvalidFile

TEXT = """\
# of the search team
config:
  aws:region: eu-west-1   # Ireland
  shop:endpoint:
    variants: {blue: {version: "shop@1"}, green: {version: 'shop@2'}}
    # who gets what
    traffic:
      blue:   90  # the old one
      green: 10

    standbyHours: 48.0
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text(TEXT)
    return path


def test_only_the_numbers_change(file: Path) -> None:
    """Comments, quotes, spaces and order stay as somebody wrote them."""
    section = section_of(file, {"blue", "green"})
    section.write(section.with_traffic({"blue": 75, "green": 25}))
    assert file.read_text() == TEXT.replace("blue:   90", "blue:   75").replace("green: 10", "green: 25")


def test_a_map_on_one_line_is_edited_there(file: Path) -> None:
    """The flow style too."""
    block = TEXT[TEXT.index("    traffic:") : TEXT.index("    standby")]
    flow = TEXT.replace(block, "    traffic: {blue: 90, green: 10} # both\n")
    file.write_text(flow)
    section = section_of(file, {"blue", "green"})
    assert section.with_traffic({"blue": 75, "green": 25}) == flow.replace("90", "75").replace("10}", "25}")


def test_a_slot_that_had_nothing_gets_a_line(file: Path) -> None:
    """One that is left out has no traffic."""
    file.write_text(TEXT.replace("      green: 10\n", "").replace("90", "100"))
    section = section_of(file, {"blue", "green"})
    assert section.traffic == {"blue": 100, "green": 0}
    assert "      blue:   99  # the old one\n      green: 1\n\n" in section.with_traffic({"blue": 99, "green": 1})


def test_a_setting_is_changed_or_added(file: Path) -> None:
    """A new one stands before traffic."""
    section = section_of(file, {"blue"})
    assert "    baseline: green\n    traffic:\n" in section.with_value("baseline", "green")
    assert section.with_value("standbyHours", "72") == TEXT.replace("48.0", "72")


def test_a_share_that_is_not_whole_is_refused(file: Path) -> None:
    """Traffic is declared in whole percent; the file stays."""
    with pytest.raises(InvalidFile, match=r"traffic.green would be 33.3; traffic is declared in whole percent"):
        section_of(file, {"blue"}).with_traffic({"green": 33.3})
    assert file.read_text() == TEXT


def test_one_of_several_endpoints_is_named(file: Path) -> None:
    """By its key, or by slots that only it has."""
    file.write_text(TEXT + TEXT[TEXT.index("  shop:endpoint") :].replace("shop:endpoint", "shop:other"))
    assert [it.key for it in sections(file)] == ["shop:endpoint", "shop:other"]
    with pytest.raises(InvalidFile, match="name one with --key; there are: shop:endpoint, shop:other"):
        section_of(file, {"blue"})
    assert section_of(file, {"blue"}, "shop:other").key == "shop:other"


@pytest.mark.parametrize("text", ["[1, 2]", "config: [", ""])
def test_what_is_no_configuration_is_told(file: Path, text: str) -> None:
    """With the file's name."""
    file.write_text(text)
    with pytest.raises(InvalidFile, match=r"Pulumi.prod.yaml"):
        sections(file)
