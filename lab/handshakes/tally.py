"""Counts how many wrong handshakes get the answer that tutorials promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from lab.handshakes.answer import Answer
from lab.handshakes.cases import RIGHT
from lab.handshakes.survey import Column


class Tally(msgspec.Struct, frozen=True):
    """The number of wrong handshakes, and how many of them got a 4xx and a close.

    `otherwise`: the other answers with their counts, the most frequent first.
    """

    held: int
    sent: int
    otherwise: Mapping[str, int]

    def __str__(self) -> str:
        """Format the counts as a sentence."""
        said = f'"a 4xx, and the connection closed" holds for {self.held} of {self.sent}'
        rest = ", ".join(f"{kind}: {count}" for kind, count in self.otherwise.items())
        return f"{said}; otherwise {rest}" if rest else said


def tally(columns: Iterable[Column]) -> Tally:
    """Count over the servers that claim to answer opening handshakes."""
    answers = [
        answer for column in columns if column.websocket for answer in wrong_ones(column).values()
    ]
    others = Counter(answer.kind for answer in answers if not answer.by_the_documents)
    return Tally(len(answers) - others.total(), len(answers), dict(others.most_common()))


def wrong_ones(column: Column) -> dict[str, Answer]:
    """Case name -> the answer, without the control."""
    return {name: answer for name, answer in column.answers.items() if name != RIGHT.name}
