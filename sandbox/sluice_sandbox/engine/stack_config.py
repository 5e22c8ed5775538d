"""
Stack configuration, read as the Pulumi CLI reads it.

`Pulumi.<stack>.yaml` over the defaults of `Pulumi.yaml`; scalars become texts, objects JSON, encrypted values are
decrypted, and a key without a namespace is the project's.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ruamel.yaml.comments import CommentedMap

from sluice.errors import InvalidFile, Problem
from sluice_sandbox.engine.config_types import type_problems
from sluice_sandbox.engine.project import Project
from sluice_sandbox.engine.secrets import Crypter, Keys
from sluice_sandbox.engine.yaml_file import kind, line_of, load_map
from sluice_sandbox.errors import NotInSandbox

_KEY = re.compile(r"([^:]+:(config:)?)?[^:]+")


@dataclass(frozen=True)
class StackConfig:
    """The configuration that a program sees."""

    values: dict[str, str] = field(default_factory=dict)
    """From `namespace:key` to the value as text."""
    secrets: frozenset[str] = frozenset()
    """The keys whose values are, or contain, secrets."""

    def package(self, name: str) -> dict[str, str]:
        """Returns the values in a package's namespace, `aws:region` as `region`."""
        return {key.partition(":")[2]: value for key, value in self.values.items() if key.partition(":")[0] == name}


def encryption_salt(project: Project, stack: str) -> str | None:
    """Returns the salt that a stack's configuration names, or None."""
    document = load_map(project.stack_file(stack))
    salt: str | None = document.get("encryptionsalt")
    return salt


def load_config(project: Project, stack: str, keys: Keys) -> StackConfig:
    """
    Returns a stack's configuration.

    Raises InvalidFile with every problem, NotInSandbox for Pulumi ESC and other secrets providers, and WrongPassphrase.
    """
    file = project.stack_file(stack)
    document = load_map(file)
    _refuse_foreign(document, str(file))
    reader = _Reader(project.name, str(file), keys, document.get("encryptionsalt"))
    stack_values = _section(document, str(file))
    reader.read_defaults(project.config)
    reader.read_stack(stack_values)
    reader.check_declared(project.config, stack)
    if reader.problems:
        raise InvalidFile(str(file), reader.problems)
    return StackConfig(reader.values, frozenset(reader.secrets))


def _section(document: CommentedMap, file: str) -> CommentedMap:
    config = document.get("config")
    if config is None:
        return CommentedMap()
    if not isinstance(config, CommentedMap):
        where = f"{line_of(document, 'config')} config"
        raise InvalidFile(file, [Problem(where, f"is {kind(config)}; expected a map of keys to values")])
    return config


def _refuse_foreign(document: CommentedMap, file: str) -> None:
    if document.get("environment"):
        raise NotInSandbox("Pulumi ESC environments", file)
    provider = document.get("secretsprovider")
    if provider not in (None, "", "passphrase", "default") or document.get("encryptedkey"):
        raise NotInSandbox(f"the secrets provider {provider!r}", file)


class _Reader:
    """Collects values and problems of one stack."""

    def __init__(self, namespace: str, file: str, keys: Keys, salt: str | None) -> None:
        self.values: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.problems: list[Problem] = []
        self._raw: dict[str, Any] = {}
        self._places: dict[str, str] = {}
        self._namespace = namespace
        self._file = file
        self._keys = keys
        self._salt = salt

    def read_defaults(self, config: CommentedMap) -> None:
        for key, declared in config.items():
            default = _default(declared)
            if default is not _ABSENT:
                self._put(self._full(key), default, str(key))

    def read_stack(self, config: CommentedMap) -> None:
        for key, value in config.items():
            where = f"{line_of(config, key)} {key}"
            if _KEY.fullmatch(str(key)) is None:
                self.problems.append(Problem(where, "is not a configuration key; write `<namespace>:<name>`"))
                continue
            if str(key).startswith("pulumi:") and key != "pulumi:tags":
                raise NotInSandbox(f"the setting {key}", self._file)
            self._places[self._full(key)] = where
            self._put(self._full(key), value, where)

    def check_declared(self, config: CommentedMap, stack: str) -> None:
        """Adds a problem for each declared value that is missing, of a wrong type, or secret and not encrypted."""
        for key, declared in config.items():
            if not isinstance(declared, dict) or "type" not in declared:
                continue
            full = self._full(key)
            if full not in self.values:
                fix = f"set it with `pulumi config set {key} ... --stack {stack}` or in the file"
                self.problems.append(Problem(f"config.{full}", f"is missing and has no default; {fix}"))
            elif declared.get("secret") and full not in self.secrets:
                fix = f"set it with `pulumi config set --secret {key} ...`"
                self.problems.append(Problem(f"config.{full}", f"is declared secret and is not encrypted; {fix}"))
            else:
                where = self._places.get(full, f"config.{full}")
                secret = full in self.secrets
                self.problems.extend(type_problems(self._raw[full], declared, where, secret=secret))

    def _full(self, key: Any) -> str:
        namespace, _, name = str(key).rpartition(":")
        # An old spelling says `aws:config:region`.
        return f"{namespace.removesuffix(':config') or self._namespace}:{name}"

    def _put(self, key: str, value: Any, where: str) -> None:
        # A value that follows another of its key decides alone whether the key is secret.
        self.secrets.discard(key)
        plain = self._decrypted(value, key, where)
        self._raw[key] = plain
        self.values[key] = as_text(plain)

    def _decrypted(self, value: Any, key: str, where: str) -> Any:
        if isinstance(value, dict) and set(value) == {"secure"}:
            self.secrets.add(key)
            crypter = self._crypter(where)
            return crypter.decrypt(value["secure"], f"{self._file}: {where}") if crypter else ""
        if isinstance(value, dict):
            return {str(name): self._decrypted(item, key, f"{where}.{name}") for name, item in value.items()}
        if isinstance(value, list):
            return [self._decrypted(item, key, f"{where}[{index}]") for index, item in enumerate(value)]
        return value

    def _crypter(self, where: str) -> Crypter | None:
        if self._salt is None:
            fix = "copy the file's `encryptionsalt`, or set the secret again"
            self.problems.append(Problem(where, f"is encrypted and the file has no `encryptionsalt`; {fix}"))
            return None
        return self._keys.open(self._salt, self._file)


_ABSENT = object()


def _default(declared: Any) -> Any:
    if not isinstance(declared, dict):
        return declared
    return declared.get("default", declared.get("value", _ABSENT))


def as_text(value: Any) -> str:
    """Returns a value as the CLI passes it to programs: objects as JSON with sorted keys, scalars as texts."""
    if isinstance(value, dict | list):
        return json.dumps(_jsonable(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    scalar = _jsonable(value)
    if scalar is None:
        return ""
    return scalar if isinstance(scalar, str) else json.dumps(scalar)


def _jsonable(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _jsonable(item) for key, item in value.items()}
        case list():
            return [_jsonable(item) for item in value]
        case bool() | None:
            return value
        case datetime() | date():
            return _go_time(value)
        case int():
            return int(value)
        case float():
            return int(value) if value.is_integer() and abs(value) < 1e21 else float(value)
    return str(value)


def _go_time(value: date) -> str:
    clock = f"{value:%H:%M:%S}" if isinstance(value, datetime) else "00:00:00"
    return f"{value:%Y-%m-%d} {clock} +0000 UTC"
