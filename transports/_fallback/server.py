"""The server of the fallback transports, on aiohttp.

`/socket.io/1/` answers the handshake with `<session>:<heartbeat s>:<close s>:<transport>`. After
that the client uses `/socket.io/1/<transport>/<session>`: a GET is a poll, or a stream that does
not end; a POST carries the client's packets, and is answered with `1`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from functools import partial

from aiohttp import HttpVersion11, web

from lab.chat import commands
from lab.chat.effects import Member
from lab.chat.events import Why
from lab.compression import Compression
from lab.contract import Chat, ServeOptions
from transports._fallback import compressed, packets
from transports._fallback.closes import PendingCloses
from transports._fallback.format import PLAIN, Format, Packets, Polling, Streaming
from transports._fallback.packets import MalformedError, Packet
from transports._fallback.session import OutOfTurnError, Session, Timeouts
from transports._native import server as native
from transports._shared import origin as origin_
from transports._shared.aiohttp_admission import admit
from transports._shared.fairness import Share

SID_BYTES = 10
ROOT = "/socket.io/1"
NO_ANSWER = "this transport does not use such a query\n"
PAGE = "page"
"""The query parameter of a GET with the origin of its page, for a GET without `Origin`."""
OTHER_ORIGIN = frozenset({"cross-site", "same-site"})
"""Values of `Sec-Fetch-Site` in requests from a page of another origin, such as another port."""
ANSWER = b"1"
"""The body of the answer to a POST."""
OTHER_MESSAGES = ("3", "5", "6")
"""Other packets with an application's data: text, Socket.IO events, acknowledgements."""
ONLY_JSON = commands.BadCommandError(
    "bad_command", "a command must be a packet of type 4 (JSON)", None
)


class FallbackServer(native.NativeServer[Session]):
    """The server of one fallback: its sessions and their requests."""

    def __init__(self, chat: Chat, options: ServeOptions, form: Format, timeouts: Timeouts) -> None:
        super().__init__(chat)
        self._admission = origin_.Admission(options)
        self._form = form
        self._timeouts = timeouts
        self._compression = options.compression
        self._members: dict[str, Member] = {}
        self._pending_closes = PendingCloses()

    def routes(self) -> list[web.RouteDef]:
        """The routes. There is no HEAD, because it would take packets and throw them away."""
        session = f"{ROOT}/{self._form.name}/{{sid}}"
        return [
            web.get(f"{ROOT}/", self._handshake, allow_head=False),
            web.get(session, self._receive_get, allow_head=False),
            web.post(session, self._receive_post),
        ]

    def write(self, connections: Iterable[Session], text: bytes) -> None:
        packet = packets.message(text)
        for session in connections:
            session.put(packet)

    # The three kinds of requests: handshake, GET, POST.

    async def _handshake(self, request: web.Request) -> web.Response:
        self._admit_get(request)
        heartbeat_s, close_s = self._timeouts.announced_s
        text = f"{self._open()}:{heartbeat_s}:{close_s}:{self._form.name}"
        kind, body = self._form.encode_handshake(text.encode(), request.query)
        return web.Response(body=body, headers=_headers(request, kind))

    async def _receive_get(self, request: web.Request) -> web.StreamResponse:
        self._admit_get(request)
        if self._take_close(request):
            return self._poll_response(request, (packets.DISCONNECT,))
        session = self.connections[self._member(request)]
        try:
            if isinstance(self._form, Streaming):
                with session.reading(request.transport):
                    return await self._stream(request, session, self._form)
            # The server sees a stream break. It can't see that the answer to a poll is lost, but a
            # repeated stamp shows that.
            with session.reading(request.transport, request.query.get("t")):
                return await self._poll(request, session)
        except OutOfTurnError as error:
            session.end("lost")
            reason = f"{error}\n"
            raise web.HTTPBadRequest(text=reason, headers=_cors(request)) from None
        except ConnectionError:
            return web.Response()  # the client is gone

    async def _poll(self, request: web.Request, session: Session) -> web.Response:
        session.alive()
        found = await session.take()
        session.expect()
        if session.over:
            self._take_close(request)  # `found` ends with the close packet
        response = self._poll_response(request, found)
        # Written here and not by aiohttp after the handler: the session has to see a failure.
        await response.prepare(request)
        await response.write_eof()
        return response

    def _poll_response(self, request: web.Request, found: Packets) -> web.Response:
        body = self._form.encode(found, request.query)
        headers = _headers(request, self._form.content_type)
        if (compression := self._compression_for(request)) is not None:
            body = compressed.whole(body, compression)
            headers |= compressed.HEADERS
        return web.Response(body=body, headers=headers)

    async def _stream(
        self, request: web.Request, session: Session, form: Streaming
    ) -> web.StreamResponse:
        session.alive()
        headers, compression = _headers(request, form.content_type), self._compression_for(request)
        if compression is not None:
            headers |= compressed.HEADERS
        send, end = compressed.writes(compression)
        response = web.StreamResponse(headers=headers)
        if request.version >= HttpVersion11:  # RFC 9112 section 6.1; HTTP/1.0 has no chunks
            response.enable_chunked_encoding()
        await response.prepare(request)
        if prelude := form.prelude_for(request.query.get(PAGE)):
            await response.write(send(prelude))
        while found := await session.take():
            await response.write(send(form.encode(found, request.query)))
        await response.write_eof(end())
        return response

    def _compression_for(self, request: web.Request) -> Compression | None:
        """How the answer to this GET is compressed; None: not."""
        wanted = self._compression
        if wanted is None or wanted.kind != "set":
            return None  # aiohttp compresses nothing by itself
        accepted = request.headers.get("Accept-Encoding", "")
        return wanted if compressed.takes_gzip(accepted) else None

    async def _receive_post(self, request: web.Request) -> web.Response:
        self._admit(request)
        member = self._member(request)
        session = self.connections[member]
        try:
            found = await self._read(request)
        except web.HTTPRequestEntityTooLarge as error:
            session.end("lost")
            error.headers.update(_cors(request))
            raise
        except MalformedError as error:
            session.end("lost")
            reason = f"{error}\n"
            raise web.HTTPBadRequest(text=reason, headers=_cors(request)) from None
        share = Share()
        for packet in found:
            self._handle(session, member, packet)
            await share.taken()
        return web.Response(body=ANSWER, headers=_headers(request, PLAIN))

    async def _read(self, request: web.Request) -> list[Packet]:
        payload = self._form.decode_up(await request.read())
        most = self.chat.limits.frame_bytes
        if len(payload) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(payload))
        share, found = Share(), list[Packet]()
        for packet in packets.each(payload):
            found.append(packet)
            await share.taken()
        return found

    def _handle(self, session: Session, member: Member, packet: Packet) -> None:
        if packet.kind == "4":
            self.receive(member, session, packet.data)
        elif packet.kind == "2":
            if isinstance(self._form, Streaming):  # with polling, the polls are the signs of life
                session.alive()
        elif packet.kind == "0":
            session.end("closed")
        elif packet.kind in OTHER_MESSAGES:
            self.refuse(member, session, ONLY_JSON.refusal)

    # Sessions.

    def _open(self) -> str:
        """Open a session. Returns its id."""
        sid = secrets.token_hex(SID_BYTES)
        member = self._members[sid] = self.chat.attach(self)
        self.connections[member] = Session(
            self._timeouts,
            self._form.beat,
            self.chat.limits.queue_bytes,
            partial(self._ended, sid, member),
        )
        return sid

    def _member(self, request: web.Request) -> Member:
        """The member whose session this request names.

        Raises:
            HTTPNotFound: there is no such session.
        """
        member = self._members.get(request.match_info["sid"])
        if member is None:
            raise web.HTTPNotFound(text=packets.NOT_HANDSHAKEN, headers=_cors(request))
        return member

    def _take_close(self, request: web.Request) -> bool:
        """Take the close packet that waits for a poll of this ended session. False if none does."""
        return self._pending_closes.take(
            request.match_info["sid"], asyncio.get_running_loop().time()
        )

    def _ended(self, sid: str, member: Member, why: Why) -> None:
        loop = asyncio.get_running_loop()
        del self._members[sid]
        # Only a poll can come late. A stream that got an answer here would make an EventSource
        # reconnect for ever.
        if why == "closed" and isinstance(self._form, Polling):
            self._pending_closes.add(sid, loop.time())
        self.chat.detach(member, why)
        # During a broadcast the departure is sent afterwards, and that still looks the member up.
        loop.call_soon(self.connections.pop, member)

    def _admit_get(self, request: web.Request) -> None:
        """Check a GET.

        Raises:
            HTTPForbidden: see `_admit`.
            HTTPBadRequest: the transport can't answer this query.
        """
        self._admit(request)
        if not self._form.answers(request.query):
            raise web.HTTPBadRequest(text=NO_ANSWER, headers=_cors(request))

    def _admit(self, request: web.Request) -> None:
        """Check that the page behind a request may use this server.

        The GET of a script element or a frame has no `Origin`. Browsers of today still say that it
        comes from a page of another origin (Fetch Metadata, section 2.3). `Referer` names that
        origin, unless the page hides it.

        Raises:
            HTTPForbidden: the page may not use it.
        """
        headers = request.headers
        if "Origin" not in headers and headers.get("Sec-Fetch-Site") in OTHER_ORIGIN:
            admit(request, self._admission, origin_.of_referer(headers.get("Referer")))
        if (page := request.query.get(PAGE)) is not None:
            admit(request, self._admission, page)

    async def shut_down(self, _app: web.Application) -> None:
        """Close all sessions. If a client does not read, its connection is cut a moment later."""
        for member in list(self._members.values()):
            self.connections[member].end("closed")


def _headers(request: web.Request, content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, **_cors(request)}


def _cors(request: web.Request) -> dict[str, str]:
    """The headers that let an admitted page of another origin read the response or the refusal."""
    origin = request.headers.get("Origin")
    if origin is None:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
