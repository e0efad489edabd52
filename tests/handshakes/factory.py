"""Columns of made-up answers."""

from __future__ import annotations

from lab.handshakes.answer import After, Answer
from lab.handshakes.asking import Exchange
from lab.handshakes.survey import Column
from lab.load.tapped import Tape
from lab.wire.tape import Traffic

REFUSED = Answer(400, After.CLOSED, "Bad Request")
KEPT = Answer(400, After.KEPT, "Bad Request")
OPENED = Answer(101, After.KEPT, "Switching Protocols")
SILENT = Answer(None, After.DEAF)


def exchange(answer: Answer) -> Exchange:
    """An answer of which no byte was kept."""
    return Exchange(answer, Tape([], [], Traffic()))


def column(name: str, answers: dict[str, Answer], *, websocket: bool = True) -> Column:
    """A server that answered so."""
    found = {case: exchange(answer) for case, answer in answers.items()}
    return Column(name, f"{name} 1.0", websocket, found)
