"""The example of two prompts, evaluated end to end against its stand-in for a model, without a network."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sluice.evaluation.comparison import Comparison, read_comparison
from sluice.evaluation.report import Findings, Report, read_report
from sluice.evaluation.verdict import Verdict
from sluice.manifest import lock

ROOT = Path(__file__).parents[2]
PROMPTS = ROOT / "examples" / "prompts"
QUESTION = "- tea: green, black\n- soup: hot, bowl\nAnswer with JSON alone.\nMessage: a bowl of something hot"


@dataclass(frozen=True)
class Desk:
    """A copy of the example, which asks a server of its own."""

    folder: Path
    url: str

    def sluice(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Runs the CLI where the example's README does."""
        # With a key of the provider's, locking would ask the provider.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENAI_")}
        return subprocess.run(
            [sys.executable, "-m", "sluice", *map(str, arguments)],
            cwd=self.folder.parents[1],
            env={**environment, "DESK_KEY": "any", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )

    def manifest(self, version: str) -> Path:
        return self.folder / f"{version}.model.yaml"

    def report(self, version: str) -> Report:
        return read_report(self.folder / f"{version}.report.json")

    def compared(self, incumbent: str, candidate: str) -> tuple[Comparison, int]:
        done = self.sluice("compare", self.manifest(incumbent), self.manifest(candidate), "--json")
        assert done.stdout, done.stderr
        return Comparison.model_validate_json(done.stdout), done.returncode


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The example, with a server that was asked nothing yet."""
    folder = tmp_path / "examples" / "prompts"
    shutil.copytree(PROMPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    command = [sys.executable, str(folder / "serve.py"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            edit(folder / "desk.evaluation.yaml", "http://127.0.0.1:8765/v1", url)
            yield Desk(folder, url)
        finally:
            server.terminate()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def chat(desk: Desk, **changes: Any) -> httpx.Response:
    body = {"model": "any", "messages": [{"role": "user", "content": QUESTION}], **changes}
    return httpx.post(f"{desk.url}/chat/completions", json=body, headers={"authorization": "Bearer any"})


def figures(found: Findings) -> tuple[Any, ...]:
    """Returns what a report says but for what depends on the clock."""
    return found.set, found.calls, found.metrics, found.error_rate, found.slices, found.tokens, found.cost


def test_the_committed_sets_are_what_the_texts_give(desk: Desk) -> None:
    """Writing them anew gives the same bytes."""
    names = ("messages.jsonl", "adversarial.jsonl")
    for name in names:
        (desk.folder / name).unlink()
    subprocess.run([sys.executable, str(desk.folder / "make_sets.py")], check=True, capture_output=True)
    for name in names:
        assert (desk.folder / name).read_bytes() == (PROMPTS / name).read_bytes()


def test_the_locks_are_current(desk: Desk) -> None:
    """Resolving both manifests again finds what their locks say."""
    done = desk.sluice("lock", "--check", desk.folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_evaluating_and_comparing_finds_what_is_committed_and_the_readme_shows(desk: Desk) -> None:
    """The first prompt misses its contract, the second meets it and is better, to the last figure."""
    readme = (PROMPTS / "README.md").read_text(encoding="utf-8").splitlines()
    for version, code in (("v1", 1), ("v2", 0)):
        committed = desk.report(version)
        done = desk.sluice("evaluate", desk.manifest(version))
        assert done.returncode == code, done.stdout + done.stderr
        again = desk.report(version)
        assert again.digest != committed.digest, "nothing was evaluated"
        assert again.subject_digest == committed.subject_digest == lock.read(desk.manifest(version)).subject_digest
        assert figures(again) == figures(committed)
        assert again.adversarial is not None
        assert committed.adversarial is not None
        assert figures(again.adversarial)[2:] == figures(committed.adversarial)[2:]
        judged = [line for line in done.stdout.splitlines() if line[:1] in "✓✗?" and "latency" not in line]
        assert len(judged) == 9
        assert [line for line in judged if line not in readme] == []
    found, code = desk.compared("v1", "v2")
    assert code == 0
    assert found.metrics["intent"].verdict is Verdict.BETTER
    assert found.adversarial["keeps_details_out"].verdict is Verdict.BETTER
    kept = read_comparison(PROMPTS / "v2.against-1.comparison.json")
    assert (found.metrics, found.slices, found.adversarial) == (kept.metrics, kept.slices, kept.adversarial)


def test_a_prompt_that_was_touched_is_not_what_was_locked(desk: Desk) -> None:
    """One word more, and the version's lock and report are about another prompt."""
    edit(desk.folder / "v2.prompt.txt", "Sort a message", "Please sort a message")
    done = desk.sluice("evaluate", desk.manifest("v2"))
    assert done.returncode == 1
    assert "v2.prompt.txt is not what desk@2 was locked with" in done.stderr
    assert desk.sluice("lock", "--check", desk.folder).returncode == 1


def test_a_prompt_that_asks_for_no_form_is_worse(desk: Desk) -> None:
    """Without the line about JSON the requests are found as often, and the answers are no use: worse."""
    shutil.copy(desk.manifest("v2"), desk.manifest("v3"))
    shutil.copy(desk.folder / "v2.prompt.txt", desk.folder / "v3.prompt.txt")
    edit(desk.manifest("v3"), 'version: "2"', 'version: "3"')
    edit(desk.manifest("v3"), "v2.prompt.txt", "v3.prompt.txt")
    edit(desk.manifest("v3"), "v2.report.json", "v3.report.json")
    edit(desk.folder / "v3.prompt.txt", "Answer with JSON alone:", "Answer with")
    done = desk.sluice("evaluate", desk.manifest("v3"))
    assert done.returncode == 1, done.stdout + done.stderr
    found, code = desk.compared("v2", "v3")
    verdicts = {name: it.verdict for name, it in found.metrics.items()}
    assert (verdicts["json"], code) == (Verdict.WORSE, 1)
    assert verdicts["intent"] is Verdict.NOT_WORSE


def test_the_stand_in_throws_its_dice_at_each_question(desk: Desk) -> None:
    """Runs differ by chance; without temperature they do not."""
    split = "- tea: green\n- soup: hot\nMessage: something green and hot"
    messages = [{"role": "user", "content": split}]
    warm = {chat(desk, messages=messages).text for _ in range(20)}
    assert len(warm) > 1
    assert len({chat(desk, messages=messages, temperature=0).text for _ in range(20)}) == 1


def test_the_stand_in_knows_what_the_prompt_says(desk: Desk) -> None:
    """Requests are those that the prompt defines, and an example teaches words that no definition has."""

    def intent(content: str) -> str:
        said = chat(desk, messages=[{"role": "user", "content": content}], temperature=0).json()
        found: str = json.loads(said["choices"][0]["message"]["content"])["intent"]
        return found

    assert intent(QUESTION) == "soup"
    unknown = QUESTION.replace("a bowl of something hot", "ramen")
    taught = {name: f'Message: ramen\nAnswer: {{"intent": "{name}"}}\n' for name in ("tea", "soup")}
    for name, shot in taught.items():
        assert intent(unknown.replace("Message:", f"{shot}Message:")) == name


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"messages": None}, "is no chat: TypeError"), ({"temperature": "warm"}, "is no chat: ValueError")],
)
def test_a_request_that_is_no_chat_is_refused(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    """With the status and the shape that the API's client understands."""
    said = chat(desk, **changes)
    assert said.status_code == 400
    assert reason in said.json()["error"]["message"]


def test_a_request_without_a_key_is_refused(desk: Desk) -> None:
    """As the API does."""
    assert httpx.post(f"{desk.url}/chat/completions", json={}).status_code == 401
