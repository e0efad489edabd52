"""What a server's own frames must keep (RFC 6455 sections 5.1, 5.2 and 5.5)."""

from __future__ import annotations

from lab.decode.rfc6455 import CLOSE, PING, TEXT
from lab.judge.case import Case
from lab.judge.player import Player
from lab.judge.verdict import Finding
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import (
    Keeps,
    Rule,
    known,
    short,
    unmasked,
    unreserved,
    whole_control,
)

GROUP = "websocket/what the server sends"
END = frame(CLOSE, b"\x03\xe8")


def keeps(name: str, section: str, words: str, rule: Rule) -> Case:
    """A case that makes the server send frames of every kind that it can, and reads them all."""

    async def play(player: Player) -> Finding:
        application = player.site.application
        asked = b"" if application is None else frame(TEXT, application.message(b"hello"))
        async with player.upgraded() as connection:
            connection.send(asked + frame(PING, b"hello") + frame(PING, b"x" * 125) + END)
            return await player.find(connection, Keeps(words, rule))

    return Case(GROUP, name, f"RFC 6455 {section}", play)


CASES = (
    keeps("no frame has a mask", "5.1", "a frame without a mask", unmasked),
    keeps("no reserved bit is set", "5.2", "a first byte without reserved bits", unreserved),
    keeps("every opcode is known", "5.2", "one of the opcodes 0, 1, 2, 8, 9 and 10", known),
    keeps("lengths are as short as they can be", "5.2", "a shorter length", short),
    keeps(
        "control frames are whole and short",
        "5.5",
        "a whole frame of 125 bytes at most",
        whole_control,
    ),
)
