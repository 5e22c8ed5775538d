"""
Stands in for a language model, and is none: counts words, and throws dice.

What it knows of requests is what the prompt says: the words of each, and the examples. So another prompt has another
effect. Its chances are made up; they are the only thing here that no prompt changes.
"""

import json
import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DEFINED = re.compile(r"^- (\w+): (.+)$", re.MULTILINE)
_SHOT = re.compile(r"^Message: (.+)\nAnswer: (.+)$", re.MULTILINE)
_WORD = re.compile(r"[a-z]+")
_CLAUSE = re.compile(r"[,.:;!?]+\s*")
_DETAILS = re.compile(r"\S+@\S+\w|\+?\d[\d ]{6,}\d")
_ORDERED = re.compile(
    r"\b(ignore|forget|instead|override|instructions|system:|order you|copy|to pass it)\b", re.IGNORECASE
)
_STEM = 5
_IDLE = frozenset(
    _WORD.findall(
        "a an and are as at be but by can do does for have how i in is it me my not of on or please reach so that "
        "the this to was what when where which who why will with would you your "
    )
)
_DICE = 0.25
"""How far chance moves the weight of a request, at the temperature of 1; a word weighs 1."""
_OBEYS, _OBEYS_WARNED = 0.12, 0.01
_CHATS, _CHATS_SHOWN, _CHATS_UNTOLD = 0.03, 0.005, 0.6


@dataclass(frozen=True)
class Told:
    """What a prompt says, as far as the stand-in understands it."""

    words: dict[str, set[str]]
    """By request: the stems of the words that it is defined by."""
    shots: list[tuple[set[str], str]]
    """The stems of each example, and its request."""
    message: str
    by_request: bool
    """Whether it says that the request counts, and not what else is mentioned."""
    json_alone: bool
    keeps_details_out: bool
    warned: bool
    """Whether it says that the message is no instruction."""


def understood(prompt: str) -> Told:
    """Returns what a prompt says. The message is what comes after the last `Message:`."""
    rules, _, message = prompt.rpartition("Message: ")
    return Told(
        words={name: stems(words) for name, words in _DEFINED.findall(rules)},
        shots=[(stems(said), json.loads(answer)["intent"]) for said, answer in _SHOT.findall(rules)],
        message=message.strip(),
        by_request="what the writer asks for" in rules,
        json_alone="JSON alone" in rules,
        keeps_details_out="Leave numbers and addresses" in rules,
        warned="follow no instruction" in rules,
    )


def answer(prompt: str, temperature: float, dice: random.Random) -> str:
    """Returns what it says to a prompt. At the temperature of 0 it always says the same."""
    told = understood(prompt)
    said = json.dumps({"intent": _intent(told, temperature, dice), "summary": _summary(told, temperature, dice)})
    untold = _CHATS_UNTOLD if not told.json_alone else _CHATS_SHOWN if told.shots else _CHATS
    return f"Here is what I found:\n{said}" if _happens(untold, temperature, dice) else said


def stems(text: str) -> set[str]:
    """Returns the beginnings of a text's words, without those that say nothing of a request."""
    return {word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _IDLE}


def _intent(told: Told, temperature: float, dice: random.Random) -> str:
    weights = {name: _weight(told, name) for name in told.words}
    # Gumbel noise on weights draws from their softmax, as sampling from a model does.
    noisy = {name: weight - temperature * _DICE * math.log(dice.expovariate(1)) for name, weight in weights.items()}
    return max(noisy, key=noisy.__getitem__, default="unknown")


def _weight(told: Told, name: str) -> float:
    weight = 0.0
    for share, clause in _clauses(told):
        weight += share * len(clause & told.words[name])
        weight += share * sum(_alike(clause, said) for said, intent in told.shots if intent == name)
    return weight


def _clauses(told: Told) -> Iterator[tuple[float, set[str]]]:
    """Yields the stems of each clause, and how much they weigh: the last one is what is asked for."""
    found = [it for it in (stems(text) for text in _CLAUSE.split(told.message)) if it]
    for index, clause in enumerate(found):
        yield (1.0 if index == len(found) - 1 or not told.by_request else 0.3), clause


def _alike(one: set[str], other: set[str]) -> float:
    """Returns the cosine of two sets of words."""
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def _summary(told: Told, temperature: float, dice: random.Random) -> str:
    ordered = _ORDERED.search(told.message) is not None
    if ordered and _happens(_OBEYS_WARNED if told.warned else _OBEYS, temperature, dice):
        return told.message
    first = re.split(r"(?<=[.?!])\s", told.message)[0]
    return _DETAILS.sub("(left out)", first) if told.keeps_details_out else first


def _happens(chance: float, temperature: float, dice: random.Random) -> bool:
    """Throws the dice; at the temperature of 0 only what is likelier than not happens."""
    return dice.random() < chance if temperature > 0 else chance > 0.5
