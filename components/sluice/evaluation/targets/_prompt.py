"""Where a prompt comes from, and how it becomes messages."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sluice.errors import InvalidFile, InvalidInput, Problem
from sluice.evaluation.failures import AskFailed, Failure
from sluice.evaluation.subject import Subject
from sluice.manifest.base import ManifestModel, Text
from sluice.manifest.load import inside


class PromptOptions(ManifestModel):
    """The files of a prompt. What is omitted is the version's own, as it is locked."""

    template: Text | None = None
    """A file of the project: a Jinja template that knows `input`, and its keys. Omitted: the version's."""
    examples: Text | None = None
    """A file of the project: lines of JSON with `input` and `output`. Omitted: the version's."""

    def files(self, subject: Subject) -> dict[str, str]:
        """Returns the digests of the files that the prompt is made of. Raises InvalidInput, InvalidFile."""
        return {role: _digest(content) for role, (_, content) in prompt_files(self, subject).items()}


class Shot(ManifestModel):
    """One of the few examples that a model is shown."""

    input: Any
    output: Any


@dataclass(frozen=True)
class Prompt:
    """How an input becomes what a model is told."""

    template: str | None = None
    """None: the input is told as it is."""
    shots: tuple[Shot, ...] = ()
    name: str = field(default="the template", compare=False)

    def messages(self, example_input: Any) -> list[dict[str, str]]:
        """
        Returns what is said, the examples first, each as a question and its answer.

        A template that names `examples` has a place for them, and they are not said again. Raises AskFailed.
        """
        said: list[dict[str, str]] = []
        for shot in () if self._places_shots else self.shots:
            said.append({"role": "user", "content": self._rendered(shot.input)})
            said.append({"role": "assistant", "content": _text(shot.output)})
        return [*said, {"role": "user", "content": self._rendered(example_input)}]

    def compile(self) -> None:
        """Raises jinja2.TemplateSyntaxError for what is no template."""
        _ = self._compiled, self._places_shots

    @cached_property
    def _compiled(self) -> Any:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        return SandboxedEnvironment(undefined=StrictUndefined).from_string(self.template or "")

    @cached_property
    def _places_shots(self) -> bool:
        from jinja2 import Environment, meta

        return "examples" in meta.find_undeclared_variables(Environment().parse(self.template or ""))

    def _rendered(self, example_input: Any) -> str:
        if self.template is None:
            return _text(example_input)
        from jinja2 import TemplateError

        parts = example_input if isinstance(example_input, dict) else {}
        known = {**parts, "input": example_input, "examples": [shot.model_dump() for shot in self.shots]}
        try:
            rendered: str = self._compiled.render(known)
        except (TemplateError, TypeError) as error:
            raise AskFailed(Failure.REQUEST, f"{self.name} does not fit the input: {error}") from error
        return rendered


def prompt_files(options: PromptOptions, subject: Subject) -> dict[str, tuple[Path, bytes]]:
    """
    Returns the files that a prompt is made of: `template`, `examples`.

    Raises InvalidInput for one that is not there, and for one that is not as the version was locked.
    """
    pin = subject.locked.data.pin
    locked = dict(zip(("template", "examples"), pin.files, strict=False)) if pin.source == "prompt" else {}
    found: dict[str, tuple[Path, bytes]] = {}
    for role, own in (("template", options.template), ("examples", options.examples)):
        name = own or (locked[role].name if role in locked else None)
        if name is None:
            continue
        path = inside(subject.root, name, f"target.{role}", "the plan")
        content = _read(path, role)
        if own is None and _digest(content) != locked[role].digest:
            reason = f"{path} is not what {subject.label} was locked with; lock it again, or restore the file"
            raise InvalidInput("the target", [Problem(f"{role}:", reason)])
        found[role] = path, content
    return found


def prompt_of(options: PromptOptions, subject: Subject) -> Prompt:
    """Returns the prompt. Raises InvalidInput, InvalidFile."""
    files = prompt_files(options, subject)
    shots = tuple(_shots(*files["examples"])) if "examples" in files else ()
    if "template" not in files:
        return Prompt(None, shots)
    from jinja2 import TemplateSyntaxError

    path, content = files["template"]
    prompt = Prompt(content.decode("utf-8"), shots, path.name)
    try:
        prompt.compile()
    except TemplateSyntaxError as error:
        problem = Problem(f"line {error.lineno}:", f"is no Jinja template: {error.message}")
        raise InvalidFile(str(path), [problem]) from None
    return prompt


def _read(path: Path, role: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = f"is {str(path)!r}, which cannot be read: {(error.strerror or '').lower()}"
        raise InvalidInput("the target", [Problem(role, reason)]) from None


def _shots(path: Path, content: bytes) -> Iterator[Shot]:
    adapter = TypeAdapter(Shot)
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield adapter.validate_json(line)
        except ValidationError:
            reason = 'is no example; expected {"input": ..., "output": ...}'
            raise InvalidFile(str(path), [Problem(f"line {number}:", reason)]) from None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
