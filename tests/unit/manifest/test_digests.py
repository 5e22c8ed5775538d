"""What digests depend on, and what they do not."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sluice.errors import InvalidFile
from sluice.locking import lock
from sluice.manifest.canonical import canonical, digest
from sluice.manifest.load import load
from sluice.manifest.lock import Locked
from sluice.sources import Context
from tests.unit.manifest.conftest import API, DIGEST, WEIGHTS, Write

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


def _lock(path: Path) -> Locked:
    file = load(path)
    return lock(file, Context(file.root))


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=6), st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_the_order_of_keys(document: dict[str, Any], chance: random.Random) -> None:
    """At whatever depth; and what was canonical stays as it is when it is read and written again."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(item)) for key, item in value.items()]
            chance.shuffle(items)
            return dict(items)
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    assert digest(shuffled(document)) == digest(document)
    assert canonical(json.loads(canonical(document))) == canonical(document)


def test_a_digest_does_not_depend_on_the_style_of_the_yaml(write: Write, project: Path) -> None:
    """Block or flow, quoted or plain, with comments or without, 1 or 1.0: the same version."""
    first = _lock(write(API))
    path = project / "block.model.yaml"
    with path.open("w") as file:
        file.write("# yaml-language-server: $schema=schema.json\n")
        YAML(typ="safe").dump({**API, "inference": {**API["inference"], "top_p": 1.0}}, file)  # type: ignore[dict-item]
    second = _lock(path)
    assert second.subject_digest == first.subject_digest
    assert second.version_digest == first.version_digest
    assert second.manifest_digest != first.manifest_digest


def test_a_digest_does_not_depend_on_where_things_are(write: Write, project: Path) -> None:
    """The same content at another path, under another name, is the same subject."""
    before = _lock(write())
    (project / "models/v2.tar.gz").rename(project / "elsewhere.tgz")
    after = _lock(write(**{"model.artifact.uri": "elsewhere.tgz"}))
    assert after.subject_digest == before.subject_digest


def test_the_subject_is_what_an_evaluation_is_about(write: Write, project: Path) -> None:
    """Weights, image, adapters, data and inference configuration change it; the rest does not."""
    base = _lock(write())
    adapter = {"name": "de", "kind": "lora", "uri": "prompts", "rank": 8, "base": {"name": "b", "digest": DIGEST}}
    other = DIGEST.replace("ab", "cd")
    for changes in (
        {"model.artifact.uri": "contract.yaml"},
        {"model.artifact.image": f"digits@{other}"},
        {"adapters": [adapter]},
        {"data.digest.sha256": other},
        {"data.validation.share": 0.3},
        {"data.preprocessing": "scale to 0..1"},
        {"inference.temperature": 0.0},
    ):
        assert _lock(write(**changes)).subject_digest != base.subject_digest, changes
    for changes in (
        {"owner.team": "others"},
        {"architecture": "nearest neighbours"},
        {"life": {"replacement": "digits@3"}},
        {"version": "3"},
    ):
        assert _lock(write(**changes)).version_digest == base.version_digest, changes
    for changes in (
        {"evaluation.set.version": "2"},
        {"evaluation.report": "reports/v2.json"},
        {"contract": "contract.yaml"},
    ):
        changed = _lock(write(**changes))
        assert changed.subject_digest == base.subject_digest, changes
        assert changed.version_digest != base.version_digest, changes


@pytest.mark.parametrize("value", [2**53, float("inf"), float("nan")])
def test_a_number_that_json_does_not_hold(write: Write, value: float) -> None:
    """It is refused, because it would be another one elsewhere."""
    path = write(inference={"file": "inference.yaml"})
    written = {float("inf"): ".inf"}.get(value, ".nan" if value != value else str(value))
    (path.parent / "inference.yaml").write_text(f"extras: {{seed: {written}}}")
    with pytest.raises(InvalidFile, match="inference: a value cannot be part of a digest"):
        _lock(path)


def test_a_prompt_and_its_examples_are_the_data_of_an_api_model(write: Write, project: Path) -> None:
    """A changed word in either is another subject."""
    base = _lock(write(API))
    for name in ("prompts/answer.txt", "prompts/examples.yaml"):
        kept = (project / name).read_text()
        (project / name).write_text(kept + " ")
        assert _lock(write(API)).subject_digest != base.subject_digest
        (project / name).write_text(kept)
    without = _lock(write(API, **{"data.prompt.examples": None}))
    assert without.subject_digest != base.subject_digest


def test_digests_are_the_same_on_every_machine(write: Write) -> None:
    """Fixed inputs have fixed digests; a change of these lines would make every lock ever written stale."""
    locked = _lock(write(WEIGHTS))
    assert locked.subject_digest == "sha256:ede36ff1860a4912180aeed79784d3038de63626d90fe8d66759d0c159444837"
    assert locked.version_digest == "sha256:9fba73373acdbf7f089933149288d80be739c285403bf9cefb17e0f3077b2f6f"
