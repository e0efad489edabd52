"""Adapt python-engineio's driver for aiohttp to what a public server needs.

The adapted driver reads whole POST bodies and sets up aiohttp's WebSocket. It also keeps the state
of each session that the library does not keep.
"""

from __future__ import annotations

import base64
import binascii
import urllib.parse
from typing import Any, Protocol

import engineio
import engineio.exceptions
from aiohttp import WSMsgType, web
from engineio.async_drivers import aiohttp as driver

from transports._shared import aiohttp as aiohttp_server
from transports._shared.fairness import Share, read_little
from transports._shared.repeated_polls import Polls
from transports._shared.serving import CLOSE_TIMEOUT_S, close_or_abort

TOO_LONG = 2**62
"""Stands for the length of a body that is longer than every limit."""
INVALID_PAYLOAD = 1007
"""RFC 6455 section 7.4.1: the close code for a message with invalid content."""
SEPARATOR = "\x1e"
"""Engine.IO 4: stands between the packets of one payload."""
PACKET_KINDS = frozenset("0123456")


class Carrier(Protocol):
    """What carries the packets of a session: a WebSocket, or what the library takes for one."""

    async def end(self, code: int) -> None:
        """Close with this code."""

    def abort(self) -> None:
        """Drop the unsent bytes of a client that does not read, and close."""


class PeerState:
    """The state of one Engine.IO session that the library's socket does not keep.

    `broken`: the client sent something that is no packet, and the session ends. `carrier`: what it
    has beside polling. `sent_close`: the client has closed that in order.
    """

    __slots__ = ("broken", "carrier", "polls", "sent_close")

    def __init__(self) -> None:
        self.broken = False
        self.polls = Polls()
        self.sent_close = False
        self.carrier: Carrier | None = None


class WebSocket(driver.WebSocket):  # type: ignore[misc]
    """The driver's WebSocket, with the settings that the driver leaves at aiohttp's defaults."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self.environ = environ
        self._request: web.Request = environ["aiohttp.request"]
        self._sock = web.WebSocketResponse(
            autoclose=False,
            max_msg_size=self.server.max_http_buffer_size,
            timeout=CLOSE_TIMEOUT_S,
            compress=self.server.websocket_compression,
            autoping=False,  # the library answers a flood of pings without yielding to other tasks
        )
        self._share = Share()
        await self._sock.prepare(self._request)
        read_little(self._request.transport)
        self._peer: PeerState = self.server.peer(self.handler.__self__)
        await self.server.carry(self.handler, self)
        return self._sock

    async def wait(self) -> str | bytes:
        """Receive a message as the driver does, and note a close frame.

        The library takes a close frame for a broken connection. But its own client closes the
        WebSocket before its CLOSE packet has left the queue.
        """
        while (message := await self._sock.receive()).type in (WSMsgType.PING, WSMsgType.PONG):
            if message.type is WSMsgType.PING:
                await self._sock.pong(message.data)
            await self._share.taken()
        if message.type is WSMsgType.CLOSE:
            self._peer.sent_close = True
            await aiohttp_server.answer_close(self._sock, message.data)
        if not isinstance(message.data, str | bytes):
            raise OSError("the WebSocket has ended")
        return message.data

    async def end(self, code: int) -> None:
        """Close with this code. If that takes too long, cut the connection."""
        await close_or_abort(self._sock.close(code=code), self.abort)

    def abort(self) -> None:
        """Cut the connection, and drop the unsent bytes."""
        if self._request.transport is not None:
            self._request.transport.abort()


async def translate_whole(request: web.Request) -> dict[str, Any]:
    """Translate a request as the driver does, but read the whole body first.

    The library reads the body of a POST once, and gets the bytes that have arrived so far. If a
    body comes in several TCP segments, the rest is lost, and the answer is 200 all the same.
    """
    environ: dict[str, Any] = driver.translate_request(request)
    if request.body_exists:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            environ["CONTENT_LENGTH"] = str(TOO_LONG)  # the library answers that itself
            return environ
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = _Body(body)
    return environ


class _Body:
    """A body that has been read, with the method that the library reads it by."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, length: int) -> bytes:
        """Return the whole body.

        Raises:
            EngineIOError: the body is no payload. The library answers this error with 400. If its
                own decoder found the fault, the answer would be 200, and all packets of the body
                would be lost.
        """
        if not is_payload(self._body):
            raise engineio.exceptions.EngineIOError("no payload")
        return self._body[:length]


def is_payload(body: bytes) -> bool:
    """Whether the library's decoder accepts this body as packets."""
    try:
        text = body.decode()
        if text.startswith("d="):  # JSONP
            text = urllib.parse.parse_qs(text)["d"][0]
        return all(map(_is_packet, text.split(SEPARATOR)))
    except (ValueError, KeyError):
        return False


def _is_packet(text: str) -> bool:
    if text.startswith("b"):
        try:
            base64.b64decode(text[1:])
        except binascii.Error:
            return False
        return True
    return text[:1] in PACKET_KINDS
