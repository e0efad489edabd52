"""Columns of invented answers."""

from __future__ import annotations

from lab.handshakes.answer import After, Answer
from lab.handshakes.client import Exchange
from lab.handshakes.survey import Column
from lab.load.tapped import Capture
from lab.relay.capture import Traffic

REFUSED = Answer(400, After.CLOSED, "Bad Request")
KEPT = Answer(400, After.KEPT, "Bad Request")
OPENED = Answer(101, After.KEPT, "Switching Protocols")
SILENT = Answer(None, After.DEAF)


def exchange(answer: Answer) -> Exchange:
    """An answer without a capture."""
    return Exchange(answer, Capture([], [], Traffic()))


def column(name: str, answers: dict[str, Answer], *, websocket: bool = True) -> Column:
    """A server with these answers."""
    found = {case: exchange(answer) for case, answer in answers.items()}
    return Column(name, f"{name} 1.0", websocket, found)
