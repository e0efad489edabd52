"""Chapter 2: an opening handshake by hand, and the first frame after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lab.course.learner import Learner, served
from lab.course.patience import patience_s
from lab.course.plain import Plain, plain
from lab.course.problem import WrongError
from lab.course.run import Check
from lab.decode.rfc6455 import TEXT
from lab.handshakes.link import dial, head_of
from lab.handshakes.request import handshake
from lab.judge.case import Case
from lab.judge.player import Player
from lab.judge.player import WrongError as Refused
from lab.judge.site import Site
from lab.judge.verdict import Finding, Verdict, first_difference
from lab.judge.websocket.build import frame
from lab.judge.websocket.openings import ACCEPTED, CASES, REFUSED

GREETING = "hello 안녕".encode()
RIGHT = (
    "the accept value of the RFC's key",
    "the accept value of another key",
    "Upgrade in the answer",
    "Connection in the answer",
)
WRONG = ("no key", "a key of 5 bytes", "version 99")
VERSION = "the answer to another version names the right one"
NO_UPGRADE = ("POST", "no Upgrade")
MISSING = "no such header"
"""What the judge says of an answer that lacks a header."""


async def accepts(subject: Learner) -> None:
    """A right handshake is answered with 101 and the right headers."""
    async with served(subject) as port:
        await _judge(port, ACCEPTED, RIGHT)


async def refuses(subject: Learner) -> None:
    """A wrong handshake is answered with 4xx, and another version with the right one."""
    async with served(subject) as port:
        await _judge(port, REFUSED, (*WRONG, VERSION))


async def greets(subject: Learner) -> None:
    """The first frame is a text."""
    async with served(subject) as port, plain(port, pongs=False) as client:
        await _greeted(client)


async def refuses_other_requests(subject: Learner) -> None:
    """A POST, and a request without Upgrade, are answered with 4xx."""
    async with served(subject) as port:
        await _judge(port, REFUSED, NO_UPGRADE)


async def one_path(subject: Learner) -> None:
    """/chat is open, another path is 404."""
    async with served(subject) as port:
        async with plain(port, "/chat", pongs=False) as client:
            await _greeted(client)
        async with dial("127.0.0.1", port) as connection:
            connection.send(handshake(f"ws://127.0.0.1:{port}/nowhere").encode())
            head = head_of(await connection.response(patience_s()))
    status = head.status_code if head is not None else None
    if status != 404:
        got = f"HTTP {status}" if status else "no answer"
        raise WrongError("another path is not refused", "HTTP 404", got, "RFC 6455 4.2.2, 4")


async def unmasks(subject: Learner) -> None:
    """A short text comes back without its mask."""
    async with served(subject) as port, plain(port, pongs=False) as client:
        await _greeted(client)
        client.send(b"hi")
        what = "a text does not come back without its mask"
        await client.expect(frame(TEXT, b"hi", masked=False), what, "RFC 6455 5.3")


async def _greeted(client: Plain) -> None:
    expected = frame(TEXT, GREETING, masked=False)
    await client.expect(expected, "the first frame is wrong", "RFC 6455 5.2")


async def _judge(port: int, group: str, names: Iterable[str]) -> None:
    """Play cases of the judge, until one fails."""
    site = Site("127.0.0.1", port, handshake(f"ws://127.0.0.1:{port}/"), patience_s=patience_s())
    cases = {(case.group, case.name): case for case in CASES}
    for name in names:
        await _play(site, cases[group, name])


async def _play(site: Site, case: Case) -> None:
    player = Player(site)
    try:
        finding = await case.play(player)
    except Refused as error:
        finding = error.finding
    if finding.verdict is not Verdict.OK:
        connection = player.connections[0]
        got = finding.got + _byte(finding, connection.received)
        ended = connection.ended
        raise WrongError(case.name, finding.expected, got, case.clause, ended=ended)


def _byte(finding: Finding, data: bytes) -> str:
    """The first wrong byte of the answer; nothing where a whole header is missing."""
    _, header, value = finding.expected.rpartition(": ")
    index = first_difference(finding.got.encode(), value.encode())
    at = len(data) if finding.at is None else finding.at + (0 if header else index)
    if finding.got == MISSING or at >= len(data) or index >= len(value):
        return ""
    return f" (byte {at} is {data[at]:02x}, not {ord(value[index]):02x})"


CHECKS: Mapping[str, Check] = {
    "a right handshake is accepted": accepts,
    "a wrong handshake is refused": refuses,
    "the first frame is right": greets,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"other requests are refused": refuses_other_requests},
    2: {"there is one path": one_path},
    3: {"a text comes back without its mask": unmasks},
}
