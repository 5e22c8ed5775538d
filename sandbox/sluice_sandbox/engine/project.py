"""A Pulumi project: its `Pulumi.yaml`, and what that says about stacks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from sluice.errors import InvalidFile, Problem
from sluice_sandbox.engine.yaml_file import kind, line_of, load_map
from sluice_sandbox.errors import NotInSandbox, SandboxError, UnknownStack


@dataclass(frozen=True)
class Project:
    """What `Pulumi.yaml` says."""

    file: Path
    name: str
    main: Path
    """The folder or file of the program."""
    config_folder: Path
    """Where `Pulumi.<stack>.yaml` files are."""
    config: CommentedMap
    """Defaults and declarations of configuration values."""
    language: str = "python"
    options: tuple[str, ...] = ()
    """The project's own, by their names."""

    @property
    def root(self) -> Path:
        return self.file.parent

    def stack_file(self, stack: str) -> Path:
        return self.config_folder / f"Pulumi.{stack}.yaml"

    def stacks(self) -> list[str]:
        """Returns the names of the stacks that have a configuration file."""
        files = self.config_folder.glob("Pulumi.*.yaml")
        return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)

    def require_runnable(self) -> None:
        """Raises NotInSandbox for a project whose programs only the CLI runs; the sandbox's AWS serves those too."""
        if self.language != "python":
            raise NotInSandbox(f"programs in {self.language}", str(self.file))
        if self.options:
            raise NotInSandbox(f"the project's options {', '.join(self.options)}", str(self.file))

    def require_stack(self, stack: str) -> None:
        """Raises UnknownStack, naming those that there are."""
        if not self.stack_file(stack).exists():
            known = ", ".join(self.stacks()) or "none"
            raise UnknownStack(
                f"no stack named {stack!r} found: there is no {self.stack_file(stack)}; known stacks: {known}"
            )


def find_project(start: Path) -> Project:
    """Returns the project of a folder or of the nearest one above it that has one. Raises SandboxError without one."""
    for folder in (start, *start.parents):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            if (folder / name).is_file():
                return load_project(folder / name)
    raise SandboxError(f"no Pulumi.yaml in {start} or above it; run this in a Pulumi project")


def load_project(file: Path) -> Project:
    """Returns the project that a `Pulumi.yaml` describes. Raises InvalidFile with every problem."""
    document = load_map(file)
    problems = [*_text_problems(document), *_config_problems(document)]
    runtime = document.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if not language:
        problems.append(Problem("runtime", "is missing; write `runtime: python`"))
    if problems:
        raise InvalidFile(str(file), problems)
    return Project(
        file=file,
        name=document["name"],
        main=(file.parent / document.get("main", ".")).resolve(),
        config_folder=(file.parent / document.get("stackConfigDir", ".")).resolve(),
        config=document.get("config") or CommentedMap(),
        language=str(language),
        options=tuple(document.get("options") or ()),
    )


def _text_problems(document: CommentedMap) -> list[Problem]:
    problems = []
    if "name" not in document:
        problems.append(Problem("name", "is missing; give the project one"))
    for key in ("name", "main", "stackConfigDir"):
        value: Any = document.get(key, "")
        if not isinstance(value, str):
            problems.append(Problem(f"{line_of(document, key)} {key}", f"is {kind(value)}; expected a text"))
    return problems


def _config_problems(document: CommentedMap) -> list[Problem]:
    config = document.get("config")
    if config is None or isinstance(config, CommentedMap):
        return []
    return [Problem(f"{line_of(document, 'config')} config", f"is {kind(config)}; expected a map of keys to values")]
