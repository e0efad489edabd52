"""Shared by the fallback wires: their server on aiohttp. GET is down, POST is up, in a session.

Below `/socket.io/1/`, which answers the handshake with `<session>:<heartbeat s>:<close s>:<wire>`,
`<wire>/<session>` takes both: a GET is a poll, or a stream that does not end; a POST carries a
payload up, and is answered `1`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from functools import partial

from aiohttp import web

from lab.chat import commands
from lab.chat.effects import Member
from lab.chat.events import Why
from lab.contract import Chat, ServeOptions
from transports import _fallback_packets as packets
from transports import _native, _origin
from transports._fallback_format import PLAIN, Format, Packets, Polling, Streaming
from transports._fallback_goodbyes import Goodbyes
from transports._fallback_packets import MalformedError, Packet
from transports._fallback_session import OutOfTurnError, Patience, Session

SID_BYTES = 10
ROOT = "/socket.io/1"
NO_ANSWER = "this is not how this transport asks\n"
PAGE = "page"
"""In the query of a GET: the origin of the page that it is for, of which no `Origin` speaks."""
ELSEWHERE = frozenset({"cross-site", "same-site"})
"""How a browser's request is marked that a page of another origin makes: another port is enough."""
ANSWER = b"1"
"""What a POST is answered with."""
OTHER_MESSAGES = ("3", "5", "6")
"""Packets that carry an application's data too: text, Socket.IO's events, acknowledgements."""
ONLY_JSON = commands.BadCommandError("bad_command", "a command is a packet of type 4 (JSON)", None)


class FallbackServer(_native.NativeServer[Session]):
    """The server of one fallback: sessions, and the requests that belong to them."""

    def __init__(self, chat: Chat, options: ServeOptions, form: Format, patience: Patience) -> None:
        super().__init__(chat)
        self._options = options
        self._form = form
        self._patience = patience
        self._members: dict[str, Member] = {}
        self._goodbyes = Goodbyes()

    def routes(self) -> list[web.RouteDef]:
        """What is served. A HEAD would take packets and throw them away, so that there is none."""
        session = f"{ROOT}/{self._form.name}/{{sid}}"
        return [
            web.get(f"{ROOT}/", self._handshake, allow_head=False),
            web.get(session, self._down, allow_head=False),
            web.post(session, self._up),
        ]

    def write(self, connections: Iterable[Session], text: bytes) -> None:
        packet = packets.message(text)
        for session in connections:
            session.put(packet)

    # The three kinds of requests.

    async def _handshake(self, request: web.Request) -> web.Response:
        self._admit_get(request)
        heartbeat_s, close_s = self._patience.told_s
        text = f"{self._open()}:{heartbeat_s}:{close_s}:{self._form.name}"
        kind, body = self._form.encode_handshake(text.encode(), request.query)
        return web.Response(body=body, headers=_headers(request, kind))

    async def _down(self, request: web.Request) -> web.StreamResponse:
        self._admit_get(request)
        if self._take_goodbye(request):
            return self._brought(request, (packets.DISCONNECT,))
        session = self.connections[self._member(request)]
        try:
            if isinstance(self._form, Streaming):
                with session.reading(request.transport):
                    return await self._stream(request, session, self._form)
            # A stream is open when it breaks; of an answered poll nobody hears that it did.
            with session.reading(request.transport, request.query.get("t")):
                return await self._poll(request, session)
        except OutOfTurnError as error:
            session.end("lost")
            reason = f"{error}\n"
            raise web.HTTPBadRequest(text=reason, headers=_readable(request)) from None
        except ConnectionError:
            return web.Response()  # which nobody gets any more

    async def _poll(self, request: web.Request, session: Session) -> web.Response:
        session.alive()
        found = await session.take()
        session.expect()
        if session.over:
            self._take_goodbye(request)  # it is in what was found
        response = self._brought(request, found)
        # Here and not by aiohttp afterwards, so that the session knows whether it went out.
        await response.prepare(request)
        await response.write_eof()
        return response

    def _brought(self, request: web.Request, found: Packets) -> web.Response:
        body = self._form.encode(found, request.query)
        return web.Response(body=body, headers=_headers(request, self._form.content_type))

    async def _stream(
        self, request: web.Request, session: Session, form: Streaming
    ) -> web.StreamResponse:
        session.alive()
        response = web.StreamResponse(headers=_headers(request, form.content_type))
        response.enable_chunked_encoding()
        await response.prepare(request)
        if prelude := form.prelude_for(request.query.get(PAGE)):
            await response.write(prelude)
        while found := await session.take():
            await response.write(form.encode(found, request.query))
        await response.write_eof()
        return response

    async def _up(self, request: web.Request) -> web.Response:
        self._admit(request)
        member = self._member(request)
        session = self.connections[member]
        try:
            found = await self._read(request)
        except web.HTTPRequestEntityTooLarge as error:
            session.end("lost")
            error.headers.update(_readable(request))
            raise
        except MalformedError as error:
            session.end("lost")
            reason = f"{error}\n"
            raise web.HTTPBadRequest(text=reason, headers=_readable(request)) from None
        for packet in found:
            self._obey(session, member, packet)
        return web.Response(body=ANSWER, headers=_headers(request, PLAIN))

    async def _read(self, request: web.Request) -> list[Packet]:
        payload = self._form.decode_up(await request.read())
        most = self.chat.limits.frame_bytes
        if len(payload) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(payload))
        return packets.parse(payload)

    def _obey(self, session: Session, member: Member, packet: Packet) -> None:
        if packet.kind == "4":
            self.receive(member, session, packet.data)
        elif packet.kind == "2":
            if isinstance(self._form, Streaming):  # where polls are the sign of life, it is none
                session.alive()
        elif packet.kind == "0":
            session.end("closed")
        elif packet.kind in OTHER_MESSAGES:
            self.reply(session, ONLY_JSON.refusal)

    # The sessions.

    def _open(self) -> str:
        """A new session; returns its name."""
        sid = secrets.token_hex(SID_BYTES)
        member = self._members[sid] = self.chat.attach(self)
        self.connections[member] = Session(
            self._patience,
            self._form.beat,
            self.chat.limits.queue_bytes,
            partial(self._ended, sid, member),
        )
        return sid

    def _member(self, request: web.Request) -> Member:
        """Whose session this request names."""
        member = self._members.get(request.match_info["sid"])
        if member is None:
            raise web.HTTPNotFound(text=packets.NOT_HANDSHAKEN, headers=_readable(request))
        return member

    def _take_goodbye(self, request: web.Request) -> bool:
        """Whether a goodbye waits for this poll, whose session is over; from now on it does not."""
        return self._goodbyes.take(request.match_info["sid"], asyncio.get_running_loop().time())

    def _ended(self, sid: str, member: Member, why: Why) -> None:
        loop = asyncio.get_running_loop()
        del self._members[sid]
        # Where one stream is all, none can come late; and an EventSource would come again for ever.
        if why == "closed" and isinstance(self._form, Polling):
            self._goodbyes.owe(sid, loop.time())
        self.chat.detach(member, why)
        # In the midst of a broadcast the departure comes after it, and still asks for the member.
        loop.call_soon(self.connections.pop, member)

    def _admit_get(self, request: web.Request) -> None:
        """Raises HTTPForbidden as `_admit` does; HTTPBadRequest for another wire's way to ask."""
        self._admit(request)
        if not self._form.answers(request.query):
            raise web.HTTPBadRequest(text=NO_ANSWER, headers=_readable(request))

    def _admit(self, request: web.Request) -> None:
        """Raises HTTPForbidden where a page asks that may not.

        A script element or a frame says no Origin; but that it is part of a page of another one,
        today's browsers do say (Fetch Metadata, section 2.3), and of which, unless the page keeps
        that to itself.
        """
        headers = request.headers
        asking = headers.get("Origin")
        if asking is None and headers.get("Sec-Fetch-Site") in ELSEWHERE:
            asking = _origin.of_referer(headers.get("Referer"))
        host, listed = headers.get("Host"), self._options.origins
        for origin in (asking, request.query.get(PAGE)):
            if not _origin.allowed(origin, host, listed):
                raise web.HTTPForbidden(text="this Origin is not allowed\n")

    async def shut_down(self, _app: web.Application) -> None:
        """Say goodbye to all; a line that is clogged is cut a moment later."""
        for member in list(self._members.values()):
            self.connections[member].end("closed")


def _headers(request: web.Request, content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, **_readable(request)}


def _readable(request: web.Request) -> dict[str, str]:
    """A page of another origin, which has been admitted, may read the response, and be told why."""
    origin = request.headers.get("Origin")
    if origin is None:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
