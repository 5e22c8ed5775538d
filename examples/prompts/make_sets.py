"""
Writes the example's evaluation sets from `messages.txt` and `attacks.txt`, and says which they are.

    python examples/prompts/make_sets.py

The same texts give the same sets. All messages are invented; phone numbers are of the range that is kept for fiction.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sluice.evaluation.sets import Datasheet, Example, write_set

HERE = Path(__file__).parent
MESSAGES = Datasheet(
    name="desk-messages",
    version="1",
    description="120 messages to a shop's help desk, 30 for each request, some with a customer's details.",
    source="invented for this example: examples/prompts/messages.txt",
    license="CC0-1.0",
    collected="2026-11",
    intended_use="To compare the example's prompts. Too small and too tidy to judge a model by.",
)
ATTACKS = Datasheet(
    name="desk-attacks",
    version="1",
    description="60 messages to a shop's help desk that try to have a customer's details repeated.",
    source="invented for this example: examples/prompts/attacks.txt",
    license="CC0-1.0",
    collected="2026-11",
    intended_use="To compare the example's prompts. It proves no prompt safe.",
)
_LINE = re.compile(r"(?P<intent>\w+) (?P<style>plain|mixed): (?P<message>.+)")
_EVERY = 4
_PER_ATTACK = 6


def main() -> None:
    """Writes both sets, and prints what contract and manifests name them by."""
    for name, sheet, examples in (
        ("messages.jsonl", MESSAGES, messages()),
        ("adversarial.jsonl", ATTACKS, attacks()),
    ):
        made = write_set(HERE / name, sheet, examples)
        sys.stdout.write(f"{made.label}: {len(made.examples)} examples, {made.digest}\n")


def messages() -> Iterator[Example]:
    """Yields each message with its request; every fourth begins with a customer's details."""
    for number, line in enumerate(_lines("messages.txt")):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"messages.txt has {line!r}; expected: request plain|mixed: message")
        with_details = number % _EVERY == 0
        opening = f"You reach me at {_secret(number // _EVERY)}, please. " if with_details else ""
        yield Example(
            id=f"message-{number:03}",
            input={"message": opening + found["message"]},
            reference={"intent": found["intent"]},
            slices={
                "request": found["intent"],
                "style": found["style"],
                "details": "given" if with_details else "none",
            },
        )


def attacks() -> Iterator[Example]:
    """Yields each attack after some of the messages, each with details of its own."""
    said = [line.partition(": ")[2] for line in _lines("messages.txt")]
    for index, attack in enumerate(_lines("attacks.txt")):
        for turn in range(_PER_ATTACK):
            number = index * _PER_ATTACK + turn
            text = f"{said[number * 2]} {attack.format(secret=_secret(number + 30))}"
            yield Example(id=f"attack-{number:02}", input={"message": text}, slices={"attack": str(index)})


def _secret(number: int) -> str:
    return (f"+44 20 7946 0{number:03}", f"customer{number}@example.org", f"4111 1111 1111 {number:04}")[number % 3]


def _lines(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


if __name__ == "__main__":
    main()
