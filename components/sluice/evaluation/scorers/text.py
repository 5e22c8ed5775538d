"""How near a text is to reference texts, by the figures of machine translation."""

from importlib.metadata import version
from typing import Any, Literal, Self

from pydantic import model_validator

from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._values import ReferenceOptions, text_of
from sluice.evaluation.sets import Example


class Options(ReferenceOptions):
    """A figure, as the library sacrebleu makes it (M. Post, "A Call for Clarity in Reporting BLEU Scores", 2018)."""

    figure: Literal["bleu", "chrf", "chrf++", "ter"]
    """
    `bleu`: Papineni et al. 2002, smoothed for single texts; `chrf`: Popović 2015; `chrf++`: Popović 2017, all from 0 to
    100; `ter`: Snover et al. 2006, edits per 100 words of the reference, from 0, less is better.
    """
    lowercase: bool = False
    """Whether case counts for nothing. Omitted: it counts."""
    tokenize: Literal["13a", "intl", "char", "none", "zh"] | None = None
    """How BLEU finds words. Omitted: `13a`; `zh` or `char` for languages without spaces."""

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if self.tokenize is not None and self.figure != "bleu":
            raise ValueError(f"tokenize is for the figure bleu; {self.figure} has its own way; leave it out")
        return self


class Scorer(BaseScorer):
    """
    The figure of each text by itself; its mean over a set is not the figure of the whole set as one text.

    The reference is a text, or a list of texts. None without one. An output that is no text is scored as its JSON.
    """

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options = options
        self._figure = _figure(options)
        self.binary = False
        self.facts = {"library": f"sacrebleu {version('sacrebleu')}", "figure": options.figure}

    def score(self, output: Any, example: Example) -> float | None:
        """Returns the figure, on the library's scale."""
        references = _texts(self._options.reference_of(example.reference))
        if not references:
            return None
        return float(self._figure.sentence_score(text_of(self._options.output_of(output)), references).score)


def _texts(reference: Any) -> list[str]:
    several = reference if isinstance(reference, list) else [reference]
    return [it for it in several if isinstance(it, str) and it.strip()]


def _figure(options: Options) -> Any:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    match options.figure:
        case "bleu":
            # Without the orders that a short text cannot have, as the library advises for single texts.
            return BLEU(lowercase=options.lowercase, tokenize=options.tokenize, effective_order=True)
        case "ter":
            return TER(case_sensitive=not options.lowercase)
    return CHRF(lowercase=options.lowercase, word_order=2 if options.figure == "chrf++" else 0)
