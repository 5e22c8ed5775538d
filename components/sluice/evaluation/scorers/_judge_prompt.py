"""What a judge is told, and what its answer means."""

import re
from collections.abc import Mapping
from typing import Any

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.scorers._values import text_of

_KNOWN = ("input", "output", "reference")
_VERDICT = re.compile(r"^\W*verdict\W*:\W*(.*?)\W*$", re.IGNORECASE | re.MULTILINE)


def _shown(value: Any) -> Any:
    from jinja2 import Undefined

    # What is not there raises when it is written, with its name.
    return value if isinstance(value, Undefined) else text_of(value)


class JudgePrompt:
    """A Jinja template that knows `input`, `output` and `reference`, and ends with how to say the verdict."""

    def __init__(self, template: str, scale: Mapping[str, float], at: str) -> None:
        """Raises InvalidInput, naming `at`, for what is no template, and for one that does not name the output."""
        from jinja2 import StrictUndefined, TemplateSyntaxError, meta
        from jinja2.sandbox import SandboxedEnvironment

        self._scale = {word.casefold(): value for word, value in scale.items()}
        environment = SandboxedEnvironment(undefined=StrictUndefined, finalize=_shown, keep_trailing_newline=True)
        try:
            self._template = environment.from_string(template)
            names = meta.find_undeclared_variables(environment.parse(template))
        except TemplateSyntaxError as error:
            reason = f"is no Jinja template: line {error.lineno}: {error.message}"
            raise InvalidInput("judge", [Problem(at, reason)]) from None
        if unknown := sorted(names - set(_KNOWN)):
            reason = f"names {', '.join(unknown)}; a judge is told: {', '.join(_KNOWN)}"
            raise InvalidInput("judge", [Problem(at, reason)])
        if "output" not in names:
            raise InvalidInput("judge", [Problem(at, "does not name the output; write {{ output }} where it belongs")])
        self.needs_reference = "reference" in names
        self.text = f"{template}{self._how()}"

    def render(self, example_input: Any, output: Any, reference: Any) -> str:
        """Returns what the judge is told; what is put in is never read as a template. Raises SluiceError."""
        from jinja2 import TemplateError

        try:
            filled = self._template.render(input=example_input, output=output, reference=reference)
        except (TemplateError, TypeError) as error:
            raise SluiceError(f"the judge's prompt does not fit the example: {error}") from error
        return f"{filled}{self._how()}"

    def value(self, reply: str | None) -> float | None:
        """Returns what the last verdict in a judge's answer is worth. None: it has none that is on the scale."""
        verdicts = _VERDICT.findall(reply or "")
        return self._scale.get(verdicts[-1].strip().casefold()) if verdicts else None

    def _how(self) -> str:
        words = ", ".join(self._scale)
        return f"\n\nEnd your answer with one more line, VERDICT: and then exactly one of these words: {words}"
