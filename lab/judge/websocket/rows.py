"""How the rows of RFC 6455 become cases: bytes to send, and what has to come back.

A row either sends frames that mean nothing to an application, or it sends a message that the
application answers. The second kind is played where such a message is known.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.decode.rfc6455 import BINARY, PING, TEXT
from lab.judge.application import Application
from lab.judge.case import Case
from lab.judge.player import Player
from lab.judge.verdict import Finding, Verdict, not_asked, not_strict
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import PROBE, STAYS_OPEN, Comes, Expectation, Fails
from lab.judge.websocket.received import closed

NO_APPLICATION = "needs a message that the server answers: declare --echo"
NO_ECHO = "needs a server that sends each message back: declare --echo"

Cut = Callable[[bytes], bytes]
"""Turns a message into the frames that carry it."""


def sends(group: str, name: str, section: str, sent: bytes, expect: Expectation) -> Case:
    """A case that sends frames, and expects something."""

    async def play(player: Player) -> Finding:
        async with player.upgraded() as connection:
            connection.send(sent)
            return await player.find(connection, expect, probe=isinstance(expect, Fails))

    return Case(group, name, f"RFC 6455 {section}", play)


def fails(group: str, name: str, section: str, sent: bytes, code: int = 1002, *also: int) -> Case:
    """A case that sends broken frames: the server has to fail the connection."""
    return sends(group, name, section, sent, Fails(code, also))


def stays_open(group: str, name: str, section: str, sent: bytes) -> Case:
    """A case that sends frames which a server has to take without closing the connection."""
    return sends(group, name, section, sent + frame(PING, PROBE), STAYS_OPEN)


def fails_at_once(
    group: str, name: str, section: str, early: bytes, rest: bytes, *, in_frame: bool = False
) -> Case:
    """A case whose first bytes are wrong already, before the message is over.

    The server must fail the connection in the end, and is strict if it does so at once. `in_frame`:
    the first bytes end within a frame, so that a ping can't ask whether the server has read them.
    """

    async def play(player: Player) -> Finding:
        async with player.upgraded() as connection:
            start = connection.position
            connection.send(early)
            wait_s = player.site.early_s if in_frame else player.site.patience_s
            expect = Fails(1007, lenient=in_frame)
            found = await player.find(connection, expect, probe=not in_frame, patience_s=wait_s)
            if connection.ended or closed(connection.received, start):
                return found
            connection.take()
            connection.send(rest)
            late = await player.find(connection, Fails(1007), probe=True)
            if late.verdict is Verdict.FAILED:
                return late
            return not_strict(
                "the same before the message is over", "it came after its end", found.at
            )

    return Case(group, name, f"RFC 6455 {section}", play)


def answers(
    group: str,
    name: str,
    section: str,
    cut: Cut = lambda message: frame(TEXT, message),
    *,
    text: bytes = b"hello",
    size: int | None = None,
    opcode: int = TEXT,
) -> Case:
    """A case that sends a message in the frames of `cut`, which the application has to answer.

    `text`: what the message holds. `size`: make it of this many bytes instead. A binary message is
    answered by an echo only, and so is one that is smaller than what the application reads.
    """

    async def play(player: Player) -> Finding:
        application = player.site.application
        if application is None:
            return not_asked(NO_APPLICATION)
        message = application.message(text) if size is None else application.of_size(size)
        if message is None or (opcode == BINARY and not application.echoes):
            return not_asked(NO_ECHO)
        async with player.upgraded() as connection:
            connection.send(cut(message))
            return await player.find(connection, answer_to(application, message, opcode))

    return Case(group, name, f"RFC 6455 {section}", play)


def echoes(group: str, name: str, section: str, text: bytes) -> Case:
    """A case whose text only an echo can be sent: no JSON holds it as it is."""
    whole = answers(group, name, section, text=text)

    async def play(player: Player) -> Finding:
        application = player.site.application
        if application is None or not application.echoes:
            return not_asked(NO_ECHO)
        return await whole.play(player)

    return Case(group, name, whole.clause, play)


def then_fails(group: str, name: str, section: str, sent: bytes, code: int = 1002) -> Case:
    """A case that breaks the protocol after a message which the application takes."""

    async def play(player: Player) -> Finding:
        application = player.site.application
        if application is None:
            return not_asked(NO_APPLICATION)
        async with player.upgraded() as connection:
            connection.send(frame(TEXT, application.message(b"hello")) + sent)
            return await player.find(connection, Fails(code), probe=True)

    return Case(group, name, f"RFC 6455 {section}", play)


def answer_to(application: Application, message: bytes, opcode: int = TEXT) -> Comes:
    """What has to come back for a message."""
    return Comes(opcode, message, application.answer, application.skipped)
