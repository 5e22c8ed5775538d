"""What another model says of an answer: a judge that is pinned, asked the same way each time, and never twice."""

import math
from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from sluice.errors import InvalidInput, Problem
from sluice.evaluation.scorers import BaseScorer, Context, Pair
from sluice.evaluation.scorers._files import read_text
from sluice.evaluation.scorers._judge_api import Question
from sluice.evaluation.scorers._judge_asking import replies
from sluice.evaluation.scorers._judge_options import JudgeOptions
from sluice.evaluation.scorers._judge_prompt import JudgePrompt
from sluice.evaluation.sets import Example
from sluice.manifest.base import Text
from sluice.manifest.canonical import digest
from sluice.manifest.model import ApiModel
from sluice.sources.api import refuse_floating
from sluice.sources.errors import SourceError
from sluice.sources.providers.catalog import Provider, catalog


class Options(JudgeOptions):
    """A judge, what it is told, and what its verdicts are worth."""

    prompt: Text | None = None
    """A Jinja template that knows `input`, `output` and `reference`. Sluice adds how the verdict is to be said."""
    prompt_file: Text | None = None
    """A file of the project: the template."""
    system: Text | None = None
    """Omitted: there is no system prompt."""
    scale: dict[Text, float] = Field(default={"pass": 1, "fail": 0}, min_length=2)
    """The verdicts, and what each is worth. Omitted: `pass: 1`, `fail: 0`."""

    @model_validator(mode="after")
    def _is_clear(self) -> Self:
        if (self.prompt is None) == (self.prompt_file is None):
            raise ValueError("exactly one of prompt, prompt_file")
        if not all(math.isfinite(value) for value in self.scale.values()):
            raise ValueError("scale has a verdict that is worth no finite number")
        if len({word.casefold() for word in self.scale}) < len(self.scale):
            raise ValueError("scale has verdicts that differ in case alone; a judge would not tell them apart")
        if odd := [word for word in self.scale if not word.replace(" ", "").replace("-", "").isalnum()]:
            raise ValueError(f"scale has the verdict {odd[0]!r}; use letters and digits")
        return self


class Scorer(BaseScorer):
    """
    The worth of the judge's verdict.

    None where the prompt names a reference and the example has none, and where the judge gave no verdict that is on
    the scale. What it said is kept in a file, so that the same answers are scored alike, and asked once.
    """

    def __init__(self, options: Options, context: Context) -> None:
        """Raises InvalidInput for an alias, and for a prompt that is none."""
        super().__init__()
        at = "prompt" if options.prompt_file is None else "prompt_file"
        template = options.prompt or read_text(context.root, options.prompt_file or "", "prompt_file")
        self._judged_by(options, context, JudgePrompt(template, options.scale, at), options.system)
        self.binary = set(options.scale.values()) <= {0.0, 1.0}

    def _judged_by(self, options: JudgeOptions, context: Context, prompt: JudgePrompt, system: str | None) -> None:
        _refuse_alias(options)
        self._options, self._context, self._prompt, self._system = options, context, prompt, system
        settings = {"temperature": options.temperature, "seed": options.seed, "max_tokens": options.max_tokens}
        told = digest({"system": system, "prompt": prompt.text})
        self.facts = {"judge": f"{options.provider} {options.model}", "prompt": told, **settings}

    async def score_all(self, pairs: Sequence[Pair]) -> list[float | None]:
        """Returns what the judge's verdicts are worth. Raises SluiceError when it cannot be asked."""
        questions = [self._question(output, example) for output, example in pairs]
        said = await replies([it for it in questions if it is not None], self._options, self._context)
        return [None if it is None else self._prompt.value(said[it.key]) for it in questions]

    def _question(self, output: Any, example: Example) -> Question | None:
        options = self._options
        reference = options.reference_of(example.reference)
        if reference is None and self._prompt.needs_reference:
            return None
        return Question(
            provider=options.provider,
            model=options.model,
            system=self._system,
            text=self._prompt.render(example.input, options.output_of(output), reference),
            max_tokens=options.max_tokens,
            temperature=options.temperature,
            seed=options.seed,
        )


def _refuse_alias(options: JudgeOptions) -> None:
    """Raises InvalidInput for what is known to be an alias; the provider is asked when the judge is."""
    provider: Provider = getattr(catalog(), options.provider)
    model = ApiModel(provider=options.provider, id=options.model)
    try:
        refuse_floating(model, provider.models.get(provider.plain(options.model)), provider)
    except SourceError as error:
        raise InvalidInput("judge", [Problem("model:", str(error))]) from None
