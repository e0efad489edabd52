"""Chapter 6: which pages and which clients the server lets in."""

from __future__ import annotations

from collections.abc import Mapping

from lab.course.learner import Learner, served
from lab.course.member import member
from lab.course.patience import patience_s
from lab.course.problem import WrongError, first_difference
from lab.course.run import Check
from lab.decode.http1 import Message
from lab.handshakes.link import RawConnection, dial, head_of
from lab.handshakes.request import HANDSHAKE, Request

PAGE = "http://localhost:5173"
"""The Origin of the learner's page, as Vite serves it."""
FOREIGN = "http://evil.example"
POLLING = "/socket.io/?EIO=4&transport=polling"
WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
CORS = "Fetch, CORS protocol"
NOTHING = "no answer: the server hangs up"
STATUS_LENGTH = len("HTTP/1.1 403")


async def page_may_read(subject: Learner) -> None:
    """A page of the listed Origin may read what the server answers."""
    async with served(subject) as port:
        await _allowed(port, PAGE)


async def foreign_page_may_not(subject: Learner) -> None:
    """A page of another site gets neither a session by polling nor a WebSocket."""
    async with served(subject) as port:
        await _refused(port, FOREIGN)


async def programs_may(subject: Learner) -> None:
    """A client without an Origin, which is no page, may connect."""
    async with served(subject) as port, member(port, "lab", "ada"):
        pass


async def second_page(subject: Learner) -> None:
    """PAGES lists the Origins, with commas between them."""
    pages = ["http://one.example", "http://two.example"]
    async with served(subject, PAGES=",".join(pages)) as port:
        for page in pages:
            await _allowed(port, page)
        await _refused(port, FOREIGN)


async def wrong_partner(subject: Learner) -> None:
    """A plain WebSocket client at / is refused in words."""
    async with served(subject) as port:
        status, text = await _ask(port, "/", HANDSHAKE)
    what, clause = "a plain WebSocket client at / learns nothing", "RFC 6455 4.2.2, 4"
    if status != 400 or "Socket.IO" not in text:
        expected = "HTTP 400 with the words 'Socket.IO' in its body"
        got = _words(status, text)
        raise WrongError(what, expected, got, clause, ended=status is None)


async def two_partners(subject: Learner) -> None:
    """Plain WebSocket at /ws and Socket.IO stand beside each other."""
    async with served(subject) as port:
        status, _ = await _ask(port, "/ws", HANDSHAKE)
        if status != 101:
            what = "a plain WebSocket client can't connect to /ws"
            clause, ended = "RFC 6455 4.2.2, 5", status is None
            raise WrongError(what, "HTTP 101", _words(status), clause, ended=ended)
        async with member(port, "lab", "ada"):
            pass


async def _allowed(port: int, origin: str) -> None:
    async with dial("127.0.0.1", port) as connection:
        response = await _get(connection, port, POLLING, {"Origin": origin})
        head = head_of(response)
    fields = dict(head.headers) if head is not None else {}
    allowed = bytes(fields.get(b"access-control-allow-origin", b"")).decode()
    if allowed != origin:
        got = f"'{allowed}'" if allowed else "no such header" if head else NOTHING
        what = f"a page of {origin} may not read the answer"
        expected = f"the header 'Access-Control-Allow-Origin: {origin}'"
        raise WrongError(what, expected, got, CORS, ended=head is None)


async def _refused(port: int, origin: str) -> None:
    for name, target, more in (("polling", POLLING, {}), ("WebSocket", WEBSOCKET, HANDSHAKE)):
        async with dial("127.0.0.1", port) as connection:
            response = await _get(connection, port, target, {"Origin": origin, **more})
            head, data = head_of(response), connection.received[:STATUS_LENGTH]
        status = head.status_code if head is not None else None
        if status is None or not 400 <= status < 500:
            what = f"a page of {origin} gets a session by {name}"
            got = f"{_words(status)} ({first_difference(b'HTTP/1.1 403', data)})"
            clause = "RFC 6455 4.2.2, 4 and 10.2"
            raise WrongError(what, "HTTP 403", got, clause, ended=status is None)


async def _ask(port: int, target: str, headers: Mapping[str, str]) -> tuple[int | None, str]:
    async with dial("127.0.0.1", port) as connection:
        response = await _get(connection, port, target, headers)
        head = head_of(response)
        status = head.status_code if head is not None else None
        return status, connection.body(response).decode(errors="replace")


async def _get(
    connection: RawConnection, port: int, target: str, headers: Mapping[str, str]
) -> Message:
    request = Request("GET", target, {"Host": f"127.0.0.1:{port}", **headers})
    connection.send(request.encode())
    return await connection.response(patience_s())


def _words(status: int | None, text: str = "") -> str:
    if status is None:
        return NOTHING
    return f"HTTP {status}" + (f" '{text[:80]}'" if text else "")


CHECKS: Mapping[str, Check] = {
    "the page may read the answers": page_may_read,
    "a page of another site is refused": foreign_page_may_not,
    "a client that is no page may connect": programs_may,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"the list of pages comes from PAGES": second_page},
    2: {"the wrong partner gets an answer in words": wrong_partner},
    3: {"both partners are served on one port": two_partners},
}
