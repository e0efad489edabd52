"""Chapter 1: what is sent comes back, as it was sent, to the client that sent it."""

from __future__ import annotations

from collections.abc import Mapping

from lab.course.learner import Learner, served
from lab.course.plain import Plain, plain
from lab.course.problem import WrongError
from lab.course.run import Check
from lab.decode.rfc6455 import BINARY, TEXT
from lab.judge.websocket.build import frame

KINDS = "RFC 6455 5.6"
MOST_BYTES = 1000
"""The longest message that exercise 3 takes."""


async def text_comes_back(subject: Learner) -> None:
    """A text comes back as a text, and the connection stays open for the next one."""
    async with served(subject) as port, plain(port) as client:
        await _echoed(client, TEXT, b"hello", "a text does not come back as it was sent")
        await _echoed(client, TEXT, "안녕".encode(), "a second text does not come back")


async def binary_comes_back(subject: Learner) -> None:
    """Bytes come back as bytes."""
    async with served(subject) as port, plain(port) as client:
        await _echoed(client, BINARY, b"\x00\xff", "binary does not come back as it was sent")


async def own_echo(subject: Learner) -> None:
    """What one client sends does not go to another one."""
    async with served(subject) as port, plain(port) as ada, plain(port) as bob:
        await _echoed(ada, TEXT, b"from ada", "a text does not come back")
        what = "a client gets something else than its own text"
        await _echoed(bob, TEXT, b"from bob", what)


async def greets(subject: Learner) -> None:
    """The first message is the text `welcome`, and the echo goes on."""
    async with served(subject) as port, plain(port) as client:
        client.send(b"hello")
        what = "a new client is not greeted with 'welcome'"
        await client.expect(_frame(TEXT, b"welcome"), what, "chapter 1, exercise 1")
        await client.expect(_frame(TEXT, b"hello"), "a text does not come back", KINDS)


async def closes_on_bye(subject: Learner) -> None:
    """The text `bye` ends the connection with 1000, and the reason `bye`."""
    async with served(subject) as port, plain(port) as client:
        client.send(b"bye")
        what = "'bye' does not close the connection in order"
        reason = await client.closes(1000, what, "RFC 6455 5.5.1")
        if reason != b"bye":
            raise WrongError(what, "the reason 'bye'", f"'{reason.decode()}'", "RFC 6455 7.1.6")


async def limits_length(subject: Learner) -> None:
    """A message of 1000 bytes comes back, a longer one ends its own connection with 1009."""
    async with served(subject) as port, plain(port) as ada, plain(port) as bob:
        what = f"a message of {MOST_BYTES} bytes does not come back"
        await _echoed(bob, BINARY, b"x" * MOST_BYTES, what)
        ada.send(b"x" * (MOST_BYTES + 1), BINARY)
        what = f"a message of {MOST_BYTES + 1} bytes is taken"
        await ada.closes(1009, what, "RFC 6455 7.4.1")
        await _echoed(bob, TEXT, b"hello", "another client loses its connection")


async def _echoed(client: Plain, opcode: int, payload: bytes, what: str) -> None:
    client.send(payload, opcode)
    await client.expect(_frame(opcode, payload), what, KINDS)


def _frame(opcode: int, payload: bytes) -> bytes:
    return frame(opcode, payload, masked=False)


CHECKS: Mapping[str, Check] = {
    "a text comes back as text": text_comes_back,
    "binary comes back as binary": binary_comes_back,
    "each client gets its own echo": own_echo,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"a new client is greeted": greets},
    2: {"'bye' closes the connection": closes_on_bye},
    3: {"a message has a limit": limits_length},
}
