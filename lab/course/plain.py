"""A client that speaks plain WebSocket by hand: it sees each byte that the server sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lab.course.patience import patience_s
from lab.course.problem import WrongError, first_difference
from lab.decode.rfc6455 import CLOSE, PING, PONG, TEXT
from lab.handshakes.link import RawConnection, dial, head_of
from lab.handshakes.request import handshake
from lab.judge.websocket.build import frame
from lab.judge.websocket.received import Received, frames_in

MASK = b"\x9a\x3c\x51\xf7"
PINGS = 50
"""A server that has answered so many pings since has nothing more to say."""
HALF_A_PONG = b"\x8a"
"""A pong that is whole has been skipped."""
SHOWN_BYTES = 16


class Plain:
    """One open connection. What the server sends is taken frame by frame; pongs are left out.

    `pongs`: the server answers pings, so that nothing more is awaited once it has answered some.
    """

    def __init__(self, connection: RawConnection, pongs: bool) -> None:
        self._connection = connection
        self._pongs = pongs
        self._at = connection.position
        self._pinged = 0

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Send one frame."""
        self._connection.send(frame(opcode, payload, mask=MASK))

    async def expect(self, expected: bytes, what: str, clause: str) -> None:
        """Take exactly these bytes.

        Raises:
            WrongError: others come, or none.
        """

        def got() -> bytes:
            data = self._connection.received[self._skipped() :]
            return b"" if data[:1] == HALF_A_PONG else data[: len(expected)]

        await self._await(lambda: got() == expected or not expected.startswith(got()))
        if got() != expected:
            raise self._wrong(what, _hex(expected), clause, expected, got())
        self._at = self._skipped() + len(expected)

    async def next(self, what: str, expected: str, clause: str) -> Received:
        """Take the next frame.

        Raises:
            WrongError: there is none.
        """
        await self._await(lambda: bool(self._frames()))
        if not self._frames():
            raise self._wrong(what, expected, clause)
        found = self._frames()[0]
        self._at = found.header.end
        return found

    async def closes(self, code: int, what: str, clause: str) -> bytes:
        """Wait for a close frame with this code; gives its reason.

        Raises:
            WrongError: another frame comes, or none.
        """
        expected = f"a close frame 88 with {code} ({_hex(code.to_bytes(2))})"
        came = await self.next(what, expected, clause)
        if came.opcode != CLOSE or came.payload[:2] != code.to_bytes(2):
            first = self._connection.received[came.start : came.header.end]
            raise WrongError(what, expected, _hex(first), clause)
        return came.payload[2:]

    async def ends(self, what: str, clause: str) -> None:
        """Wait for the end of the connection, whatever comes before.

        Raises:
            WrongError: it does not end.
        """
        await self._connection.until(lambda: False, patience_s())
        if not self._connection.ended:
            got = f"none in {patience_s():g} s"
            raise WrongError(what, "the end of its connection", got, clause)

    def _frames(self) -> list[Received]:
        frames = frames_in(self._connection.received, self._at)
        return [each for each in frames if each.opcode != PONG]

    def _skipped(self) -> int:
        """Where the next frame begins that is no pong."""
        at = self._at
        for each in frames_in(self._connection.received, at):
            if each.opcode != PONG:
                break
            at = each.header.end
        return at

    async def _await(self, done: Callable[[], bool]) -> None:
        """Wait until `done`, until the connection ends, or until nothing more is to be expected."""
        if not self._pongs:
            await self._connection.until(done, patience_s())
        for _ in range(PINGS if self._pongs else 0):
            if done() or self._connection.ended:
                break
            await self._ping(done)

    async def _ping(self, done: Callable[[], bool]) -> None:
        # Each payload is new: the pong of an earlier answer may still be on its way.
        self._pinged += 1
        payload = str(self._pinged).encode()
        pong = frame(PONG, payload, masked=False)
        self.send(payload, PING)
        await self._connection.until(
            lambda: done() or pong in self._connection.received[self._at :], patience_s()
        )

    def _wrong(
        self, what: str, words: str, clause: str, expected: bytes = b"", got: bytes = b""
    ) -> WrongError:
        ended = self._connection.ended and not got
        shown = "the end of the connection" if ended else "nothing"
        if got:
            upto = next((at for at in range(len(got)) if got[at] != expected[at]), len(got))
            shown = f"{_hex(got[: upto + 1])} ({first_difference(expected, got)})"
        return WrongError(what, words, shown, clause, ended=self._connection.ended)


@asynccontextmanager
async def plain(port: int, path: str = "/", *, pongs: bool = True) -> AsyncIterator[Plain]:
    """A client whose connection is open.

    Raises:
        WrongError: the server does not accept its handshake.
    """
    async with dial("127.0.0.1", port) as connection:
        connection.send(handshake(f"ws://127.0.0.1:{port}{path}").encode())
        await connection.until(lambda: b"\r\n\r\n" in connection.received, patience_s())
        head = head_of(await connection.response(0))
        if head is None or head.status_code != 101:
            got = "no answer" if head is None else f"HTTP {head.status_code}"
            raise WrongError("no client can connect", "HTTP 101", got, "RFC 6455 4.2.2", ended=True)
        yield Plain(connection, pongs)


def _hex(data: bytes) -> str:
    return data[:SHOWN_BYTES].hex(" ") + (" …" if len(data) > SHOWN_BYTES else "")
