"""The policy pack as a whole."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sluice_sandbox.engine.policies import Pack
from sluice_sandbox.errors import SandboxError
from tests.bench.policing import milliseconds_a_resource
from tests.policies.conftest import PACK, RULES

NEW = """
'''Nothing ships on a Monday.'''
from rule import Concern, ResourceRule
RULE = ResourceRule(
    id="{id}",
    concern=Concern.ROLLOUT,
    reason="Nobody ships then.",
    fix="wait a day",
    check=lambda resource, settings: [],
)
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the pack, to be changed."""
    return Path(shutil.copytree(PACK, tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__")))


def _names(pack: Path) -> list[str]:
    return [policy.name for policy in Pack.load(pack).policies]


def test_every_file_is_a_policy_of_its_name() -> None:
    """A person who reads a violation finds the file. What nobody configures is mandatory, but for advice on cost."""
    pack = Pack.load(PACK)
    assert [policy.name for policy in pack.policies] == [rule.replace("_", "-") for rule in RULES]
    assert [policy.name for policy in pack.policies if pack.level(policy).value != "mandatory"] == ["monthly-cost"]


def test_a_new_file_is_a_new_policy(pack: Path) -> None:
    """There is no list to add it to."""
    (pack / "rules" / "no_mondays.py").write_text(NEW.format(id="no-mondays"))
    assert set(_names(pack)) == {*_names(PACK), "no-mondays"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("X = 1", r"no_mondays\.py has no RULE"),
        (NEW.format(id="pinned-images"), r"pinned_images\.py has the id 'pinned-images', which no_mondays\.py has"),
        (NEW.format(id="No_Mondays"), "'No_Mondays': needs an id in kebab case"),
    ],
)
def test_a_file_that_is_no_rule(pack: Path, code: str, message: str) -> None:
    """The error names the file or the id: a rule that is forgotten without a word protects nobody."""
    (pack / "rules" / "no_mondays.py").write_text(code)
    with pytest.raises(SandboxError, match=message):
        Pack.load(pack)


def test_rules_are_imported_without_pulumi_and_without_a_server() -> None:
    """Importing every rule, and the pack's main module, starts nothing; rules need no SDK."""
    code = (
        "import sys, discovery; rules = list(discovery.discover()); assert len(rules) > 1\n"
        "assert not any(name.startswith(('pulumi', 'grpc', 'sluice')) for name in sys.modules)\n"
        "import runpy; runpy.run_path('__main__.py', run_name='pack')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PACK, check=True, timeout=60)


def test_a_resource_is_looked_at_in_less_than_a_millisecond() -> None:
    """A stack of a thousand resources is judged while nobody notices; the figure itself is measured by `make bench`."""
    ours, _ = milliseconds_a_resource(1000)
    assert ours < 3  # on a machine that does other things too
