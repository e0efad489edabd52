"""Sessions of Engine.IO 4 without a library: in frames, or in requests.

https://socket.io/docs/v4/engine-io-protocol/. Packets are texts, whose first character is their
kind, or bytes, which are messages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, NoReturn

import msgspec

from lab.decode.rfc6455 import BINARY, CLOSE, TEXT
from lab.decode.rfc6455 import PING as PING_FRAME
from lab.decode.rfc6455 import PONG as PONG_FRAME
from lab.handshakes.link import RawConnection
from lab.judge.http import Answer, Http, http, shown
from lab.judge.player import Player, WrongError
from lab.judge.site import Engine
from lab.judge.verdict import Finding, Verdict, failed, first_difference
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import PROBE, STAYS_OPEN
from lab.judge.websocket.received import Received, frames_in, messages_in

PING, PONG, MESSAGE, NOOP = "2", "3", "4", "6"
SEPARATOR = b"\x1e"
"""Between the packets of one payload."""
MOST_POLLS = 4
"""How many polls a session that has ended may still answer."""
Data = str | bytes


class Packet(NamedTuple):
    """A packet that has come. `at` is where it begins in the server's bytes on `connection`."""

    data: Data
    at: int
    connection: int

    @property
    def is_message(self) -> bool:
        """Whether it is a message of the application."""
        return isinstance(self.data, bytes) or self.data.startswith(MESSAGE)

    def wrong(self, expected: str, index: int = 0) -> WrongError:
        """The error that it is wrong from character `index` on."""
        return WrongError(failed(expected, said(self.data), self.at + index, self.connection))

    def must_be(self, expected: Data) -> Packet:
        """Raise WrongError unless it is this packet."""
        if self.data != expected:
            one, other = _bytes(self.data), _bytes(expected)
            raise self.wrong(said(expected), first_difference(one, other))
        return self

    def must_begin(self, beginning: str) -> Packet:
        """Raise WrongError unless it is a text that begins like this."""
        if not isinstance(self.data, str) or not self.data.startswith(beginning):
            at = first_difference(_bytes(self.data), beginning.encode())
            raise self.wrong(f"a packet that begins with {beginning}", at)
        return self


def said(data: Data) -> str:
    """A packet in words."""
    return shown(_bytes(data)) if isinstance(data, str) else f"the bytes {data[:16].hex(' ')}"


def _bytes(data: Data) -> bytes:
    return data.encode() if isinstance(data, str) else data


class Session(ABC):
    """One session. It answers pings by itself, unless `next` is asked for them."""

    @abstractmethod
    async def send(self, *packets: Data) -> bool:
        """Send packets in one go. False if the server answers them with an error."""

    @abstractmethod
    async def arrived(self, patience_s: float | None = None) -> Packet | None:
        """The next packet of any kind; None if the session has ended.

        Raises:
            WrongError: nothing came in time.
        """

    async def next(self) -> Packet | None:
        """The next packet that is no ping and no NOOP; pings are answered."""
        while (packet := await self.arrived()) is not None:
            if packet.data == PING:
                await self.send(PONG)
            elif packet.data != NOOP:
                return packet
        return None

    async def due(self, expected: str) -> Packet:
        """The next packet, which has to come.

        Raises:
            WrongError: the session ends, or nothing comes in time.
        """
        try:
            packet = await self.next()
        except WrongError as error:
            finding = msgspec.structs.replace(error.finding, expected=expected)
            raise WrongError(finding) from None
        return packet if packet is not None else self.ended_instead(expected)

    async def until(self, beginning: str) -> list[Packet] | None:
        """The packets up to one that begins like this; None if the session ends before."""
        seen: list[Packet] = []
        while (packet := await self.next()) is not None:
            seen.append(packet)
            if isinstance(packet.data, str) and packet.data.startswith(beginning):
                return seen
        return None

    @abstractmethod
    async def close(self) -> None:
        """Close in the transport's own way."""

    @abstractmethod
    def stop_reading(self) -> None:
        """Read nothing more."""

    @abstractmethod
    def ended_instead(self, expected: str) -> NoReturn:
        """Raise WrongError: the session ended, where something was expected."""

    @abstractmethod
    async def must_end(self, why: str) -> None:
        """Wait until the server ends the session.

        Raises:
            WrongError: it does not.
        """


class Frames(Session):
    """A session on a WebSocket: each packet is a message. Pings of RFC 6455 are answered."""

    def __init__(self, player: Player, connection: RawConnection) -> None:
        self._player = player
        self._connection = connection
        self._at = connection.position
        self._over = False
        self._parts: list[Received] = []
        self._packets: deque[Packet] = deque()
        self._number = player.number_of(connection)

    async def send(self, *packets: Data) -> bool:
        frames = (
            frame(TEXT, data.encode()) if isinstance(data, str) else frame(BINARY, data)
            for data in packets
        )
        self._connection.send(b"".join(frames))
        return True

    async def arrived(self, patience_s: float | None = None) -> Packet | None:
        patience_s = self._player.site.patience_s if patience_s is None else patience_s
        await self._connection.until(lambda: self._closed() or bool(self._packets), patience_s)
        if self._packets:
            return self._packets.popleft()
        if self._closed():
            return None
        raise WrongError(self._missing("a packet", "nothing came in time"))

    async def close(self) -> None:
        self._connection.send(frame(CLOSE, b"\x03\xe8"))
        await self._connection.until(self._closed, self._player.site.patience_s)

    def stop_reading(self) -> None:
        self._connection.stop_reading()

    def break_off(self) -> None:
        """End the connection without a close frame."""
        self._connection.close_now()

    def ended_instead(self, expected: str) -> NoReturn:
        raise WrongError(self._missing(expected, "the connection ended"))

    async def must_end(self, why: str) -> None:
        patience_s = self._player.site.patience_s
        await self._connection.until(self._closed, patience_s)
        if not self._closed():
            raise WrongError(self._missing(f"the end of the connection: {why}", "it stays open"))

    async def must_stay_open(self) -> None:
        """Raise WrongError unless the server answers a ping of RFC 6455."""
        self._connection.send(frame(PING_FRAME, PROBE))
        finding = await self._player.find(self._connection, STAYS_OPEN)
        if finding.verdict is Verdict.FAILED:
            raise WrongError(finding)

    def _closed(self) -> bool:
        self._take()
        return self._over or self._connection.ended

    def _take(self) -> None:
        # Each frame is read once: a member of a busy room gets thousands.
        for each in frames_in(self._connection.received, self._at):
            self._at = each.header.end
            self._over = self._over or each.opcode == CLOSE
            self._parts.append(each)
            if each.opcode == PING_FRAME and not self._connection.ended:
                self._connection.send(frame(PONG_FRAME, each.payload))
        for message in messages_in(self._parts):
            text = message.opcode == TEXT
            data = message.data.decode(errors="replace") if text else message.data
            self._packets.append(Packet(data, message.place(0), self._number))
            self._parts = [each for each in self._parts if each.start > message.frames[-1].start]

    def _missing(self, expected: str, got: str) -> Finding:
        return failed(expected, got, len(self._connection.received), self._number)


class Posts(Session):
    """A session over HTTP: polls on one connection, POSTs on another."""

    def __init__(self, player: Player, sid: str, polls: Http, posts: Http) -> None:
        assert player.site.engine is not None
        self._player = player
        self._engine = player.site.engine
        self.sid = sid
        self.polls = polls
        self._posts = posts
        self._waiting: list[Packet] = []
        self._last: Answer | None = None

    async def poll(self) -> Answer:
        """Poll once."""
        return await self.polls.ask(self._engine.polling(self.sid))

    async def post(self, *packets: Data) -> Answer:
        """POST a payload."""
        return await self.post_body(payload(packets))

    async def post_body(self, body: bytes) -> Answer:
        """POST these bytes."""
        request = self._engine.polling(self.sid)._replace(method="POST", body=body)
        return await self._posts.ask(request.having({"Content-Type": "text/plain;charset=UTF-8"}))

    async def send(self, *packets: Data) -> bool:
        self._last = await self.post(*packets)
        return self._last.status == 200

    async def arrived(self, patience_s: float | None = None) -> Packet | None:
        while not self._waiting:
            await self.polls.send(self._engine.polling(self.sid))
            answer = self._last = await self.polls.answer("a packet in a poll", patience_s)
            if answer.status != 200:
                return None
            self._waiting = list(packets_in(answer))
        packet = self._waiting.pop(0)
        return None if packet.data == "1" else packet

    async def close(self) -> None:
        await self.post("1")

    def stop_reading(self) -> None:
        """Nothing is to be done: without a poll nothing is read."""

    def ended_instead(self, expected: str) -> NoReturn:
        assert self._last is not None, "a session over HTTP ends by an answer"
        self._last.must_be(200)
        raise self._last.wrong(expected)

    async def must_end(self, why: str) -> None:
        """Poll until a poll is refused; what the session had to say may come before."""
        expected = f"4xx, the end of the session: {why}"
        try:
            for _ in range(MOST_POLLS):
                answer = await self.poll()
                if answer.status != 200:
                    break
        except WrongError as error:
            waits = "a poll waits: the session is open"
            finding = msgspec.structs.replace(error.finding, expected=expected, got=waits)
            raise WrongError(finding) from None
        answer.must_refuse()


def payload(packets: Sequence[Data]) -> bytes:
    """A body with these packets; bytes are in base64."""
    return SEPARATOR.join(
        data.encode() if isinstance(data, str) else b"b" + b64encode(data) for data in packets
    )


def packets_in(answer: Answer) -> list[Packet]:
    """The packets in the body of a poll's answer."""
    found, at = [], answer.body_at
    for part in answer.body.split(SEPARATOR):
        is_bytes = part[:1] == b"b"
        data: Data = b64decode(part[1:]) if is_bytes else part.decode(errors="replace")
        found.append(Packet(data, at, answer.connection))
        at += len(part) + 1
    return found


def terms_in(packet: Packet) -> dict[str, Any]:
    """The terms in a server's first packet (Engine.IO, Handshake).

    Raises:
        WrongError: it is no open packet.
    """
    text = str(packet.must_begin("0").data)
    try:
        return msgspec.json.decode(text[1:], type=dict[str, Any])
    except msgspec.DecodeError:
        raise packet.wrong("an object in JSON behind the 0", 1) from None


@asynccontextmanager
async def in_posts(player: Player) -> AsyncIterator[Posts]:
    """A session that a poll has just opened."""
    async with http(player) as polls, http(player) as posts:
        opened = (await polls.ask(engine_of(player).polling())).must_be(200)
        packet = packets_in(opened)[0]
        sid = terms_in(packet).get("sid")
        if not isinstance(sid, str):
            raise packet.wrong("an open packet with a sid", 1)
        yield Posts(player, sid, polls, posts)


@asynccontextmanager
async def in_frames(player: Player) -> AsyncIterator[Frames]:
    """A session that a WebSocket has just opened."""
    async with websocket(player) as session:
        terms_in(await session.due("an open packet, 0{…}"))
        yield session


@asynccontextmanager
async def websocket(player: Player, sid: str | None = None) -> AsyncIterator[Frames]:
    """A WebSocket: of a session that polls, or of a new one."""
    async with player.dial() as connection:
        await player.upgrade(connection, engine_of(player).opening(sid))
        yield Frames(player, connection)


def engine_of(player: Player) -> Engine:
    """How Engine.IO is asked for; such a case is played only where that is known."""
    assert player.site.engine is not None, "this server does not speak Engine.IO"
    return player.site.engine
