"""A client's connection to a target: its opening handshake, then texts in both directions."""

from __future__ import annotations

import re
import selectors
import socket
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Protocol
from urllib.parse import quote

import msgspec

from lab.load.raw import frames
from lab.load.raw.exchange import Counted, Pipe, RawError, TlsPipe
from lab.load.raw.polling import HEAD_END, Responses, request
from lab.load.raw.websocket import NO_STATUS, opening
from lab.load.scenario.reading import SEPARATOR, FrameIds, payload_ids
from lab.load.scenario.watch import Watch
from lab.target.endpoint import Endpoint
from lab.target.errors import TargetError
from lab.target.problems import not_http, problem_of
from lab.target.tls import tls

LONGEST_HEAD = 65_536
HINTS = {
    400: "check the path, the query and the protocol version",
    401: "give credentials in connect.headers or connect.auth",
    403: "give credentials, or an Origin, in connect.headers",
    404: "check connect.path",
    426: "the server may want a subprotocol or another version",
}
"""Status of a refused opening handshake -> what helps."""
REDIRECT = "a redirect is not followed: give the URL to which it leads, if it is yours"


class Receiver(Protocol):
    """What a link hands on: the client behind it."""

    count: int
    watch: Watch
    awaited: Container[bytes]

    def heard(self, text: bytes) -> None:
        """Take a text that has to be decoded."""

    def arrived(self, tags: list[bytes]) -> None:
        """Take the ids of messages that need not be decoded."""


class Site:
    """Where the links of a load lead: an endpoint, with the headers and the query of the URL.

    Secrets in both are revealed.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        path: str,
        headers: Mapping[str, str],
        query: str,
        timeout_s: float,
        *,
        insecure: bool = False,
    ) -> None:
        self.target = endpoint.target
        self.host = endpoint.target.authority
        self.headers = list(headers.items())
        self.timeout_s = timeout_s
        self._address = endpoint.address
        self._path = path
        self._query = query
        self._tls = tls(insecure) if endpoint.target.secure else None

    def resource(self, values: Mapping[str, str]) -> str:
        """Path and query of a request: the URL's own query, then these values."""
        pairs = [f"{name}={quote(value, safe='')}" for name, value in values.items()]
        query = "&".join([*filter(None, [self._query]), *pairs])
        return f"{self._path}?{query}" if query else self._path

    def pipe(
        self, selector: selectors.BaseSelector, receive: Callable[[bytes], int], owner: Counted
    ) -> Pipe:
        """A new connection. Raises TargetError where there is none within the time."""
        try:
            dialled = socket.create_connection((self._address, self.target.port), self.timeout_s)
            if self._tls is None:
                return Pipe(selector, dialled, receive, owner)
            wrapped = self._tls.wrap_socket(dialled, server_hostname=self.target.host)
            return TlsPipe(selector, wrapped, receive, owner)
        except OSError as error:
            raise problem_of(error, self.target, self.timeout_s) from error


class WebSocketLink:
    """One WebSocket. `ready` after its opening handshake."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        site: Site,
        receiver: Receiver,
        resource: str,
        subprotocols: list[str],
    ) -> None:
        self.ready = False
        self._site = site
        self._receiver = receiver
        self._head = b""
        self._fragments: list[bytes] = []
        self._ids = FrameIds(receiver.watch, receiver.awaited, self._other)
        self._pipe = site.pipe(selector, self._receive, receiver)
        offered = [("Sec-WebSocket-Protocol", ", ".join(subprotocols))] if subprotocols else []
        self._pipe.send(opening(resource, site.host, [*site.headers, *offered]))

    def send(self, texts: Iterable[bytes]) -> None:
        """Send texts in one write. Raises RawError if the connection is broken."""
        self._pipe.send(b"".join(map(frames.frame, texts)))

    def close(self) -> None:
        """Close the connection."""
        self._pipe.close()

    def _receive(self, data: bytes) -> int:
        if not self.ready:
            self._head += data
            head, found, data = self._head.partition(HEAD_END)
            if not found:
                check_head(self._head, self._site)
                return 0
            check_opened(head, self._site)
            self.ready = True
        if tags := self._ids.feed(data):
            self._receiver.arrived(tags)
        return len(tags)

    def _other(self, first: int, payload: bytes) -> None:
        opcode = first & 0x0F
        if opcode == frames.PING:
            self._pipe.send(frames.frame(payload, frames.PONG))
        elif opcode == frames.CLOSE:
            raise RawError(close_sentence(payload))
        elif opcode < frames.CLOSE:
            self._message(first, payload)

    def _message(self, first: int, payload: bytes) -> None:
        """A whole message, or a fragment of one (RFC 6455 section 5.4)."""
        self._fragments.append(payload)
        if first & frames.FINAL:
            text = b"".join(self._fragments)
            self._fragments.clear()
            self._receiver.heard(text)


class PollingLink:
    """Engine.IO's long-polling: a waiting GET on one connection, POSTs on another."""

    def __init__(
        self, selector: selectors.BaseSelector, site: Site, receiver: Receiver, resource: str
    ) -> None:
        self.ready = True
        self._site = site
        self._receiver = receiver
        self._resource = resource
        self._unsent: list[bytes] = []
        self._posting = False
        self._down = site.pipe(selector, Responses(self._polled).feed, receiver)
        self._up = site.pipe(selector, Responses(self._posted).feed, receiver)
        self._poll()

    def send(self, texts: Iterable[bytes]) -> None:
        """Send texts with the next POST. One at a time, so packets keep their order."""
        self._unsent += texts
        self._post()

    def close(self) -> None:
        """Close both connections."""
        self._down.close()
        self._up.close()

    def _poll(self) -> None:
        site = self._site
        self._down.send(request("GET", self._resource, site.host, b"", site.headers))

    def _post(self) -> None:
        if self._unsent and not self._posting:
            body, self._unsent, self._posting = SEPARATOR.join(self._unsent), [], True
            site = self._site
            self._up.send(request("POST", self._resource, site.host, body, site.headers))

    def _posted(self, body: bytes) -> int:
        self._posting = False
        self._post()
        return 0

    def _polled(self, body: bytes) -> int:
        self._poll()
        receiver = self._receiver
        tags = payload_ids(body, receiver.watch, receiver.awaited, receiver.heard)
        if tags:
            receiver.arrived(tags)
        return len(tags)


class Session:
    """The first poll of an Engine.IO session: `sid` as soon as it is open."""

    def __init__(
        self, selector: selectors.BaseSelector, site: Site, owner: Counted, resource: str
    ) -> None:
        self.sid: str | None = None
        self._site = site
        self._head = b""
        self._pipe = site.pipe(selector, self._receive, owner)
        self._responses = Responses(self._opened)
        self._pipe.send(request("GET", resource, site.host, b"", site.headers))

    def close(self) -> None:
        """Close the connection; the session stays."""
        self._pipe.close()

    def _receive(self, data: bytes) -> int:
        if b"\r\n" not in self._head:
            self._head += data
            check_head(self._head, self._site)
            if b"\r\n" not in self._head:
                return 0
            data = self._head
            check_status(data, 200, self._site)
        return self._responses.feed(data)

    def _opened(self, body: bytes) -> int:
        self.sid = opened_session(body, self._site)
        return 0


def opened_session(packet: bytes, site: Site) -> str:
    """The session id in an Engine.IO `open` packet. Raises TargetError if it is none."""
    try:
        if packet.startswith(b"0"):
            return str(msgspec.json.decode(packet[1:], type=dict[str, object])["sid"])
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError):
        pass
    raise TargetError(
        f"{site.host} does not speak Engine.IO: it answers with {packet[:40]!r}",
        'check connect.path, or give transport = "websocket"',
    )


def check_head(head: bytes, site: Site) -> None:
    """Raise TargetError if this can't be the beginning of an HTTP response."""
    if not b"HTTP/1.".startswith(head[:7]) or len(head) > LONGEST_HEAD:
        raise not_http(head, site.target)


def check_opened(head: bytes, site: Site) -> None:
    """Raise TargetError if this head does not open a WebSocket (RFC 6455 section 4.1)."""
    check_status(head, 101, site)
    if re.search(rb"\r\nsec-websocket-extensions:", head, re.IGNORECASE):
        raise TargetError(
            f"{site.host} chose a WebSocket extension that was not offered",
            "this breaks RFC 6455 section 4.1",
        )


def check_status(head: bytes, wanted: int, site: Site) -> None:
    """Raise TargetError, with a hint, for another status."""
    line = head.partition(b"\r\n")[0].decode(errors="replace")
    check_head(head, site)
    status = int(found[1]) if (found := re.match(r"HTTP/1\.[01] (\d{3})\b", line)) else 0
    if status == wanted:
        return
    what = "the opening handshake" if wanted == 101 else "the first poll"
    default = "`lab probe URL` shows what the server speaks"
    hint = REDIRECT if 300 <= status < 400 else HINTS.get(status, default)
    raise TargetError(f"{site.host} answered {what} with {line[:80]!r}", hint)


def close_sentence(payload: bytes) -> str:
    """Why a WebSocket was closed."""
    code = int.from_bytes(payload[:2]) if payload else NO_STATUS
    reason = payload[2:].decode(errors="replace")
    return f"closed with {code} {reason}".rstrip()


Link = WebSocketLink | PollingLink
