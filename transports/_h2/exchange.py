"""Translate one stream of HTTP/2 to HTTP/1.1 and back, without I/O. h11 reads and writes HTTP/1.1.

A WebSocket's extended CONNECT (RFC 8441) becomes an `Upgrade`, whose key and answer stay on this
side. After the answer the stream is a tunnel: its bytes are WebSocket frames, and nothing is
translated.
"""

from __future__ import annotations

__pure__ = True

import base64
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import h11

Fields = list[tuple[bytes, bytes]]

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
_KEY = base64.b64encode(bytes(16))
"""The key of every handshake on the server's side: it never leaves the process."""
_OF_ONE_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""Fields that HTTP/2 does not have (RFC 9113 section 8.2.2)."""
_OF_THE_KEY = frozenset({b"sec-websocket-key", b"sec-websocket-accept"})
"""Fields that a WebSocket over HTTP/2 does not have (RFC 8441 section 5)."""
_UPGRADE = [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]
_SWITCHING = 101
_MOST_HEAD_BYTES = 128 * 1024
"""More than the header block that either side admits."""


class Head(NamedTuple):
    """A header block to send."""

    fields: Fields


class Body(NamedTuple):
    """Bytes to send as DATA."""

    data: bytes


class End(NamedTuple):
    """END_STREAM follows what was sent."""


Part = Head | Body | End


class UntranslatableError(ValueError):
    """The message has no equivalent in the other version of HTTP."""


class NotImplementedHereError(UntranslatableError):
    """A CONNECT that asks for no WebSocket. The answer is 501 (RFC 9110 section 15.6.2)."""


class Exchange(Protocol):
    """What a stream needs to translate its two directions."""

    is_tunnel: bool
    """Whether the bytes are those of a WebSocket, unchanged in both directions."""

    def outgoing(self, data: bytes) -> Iterator[Part]:
        """Translate what the HTTP/1.1 side wrote; b"": it has closed.

        Raises:
            UntranslatableError: these bytes are no whole message.
        """

    def incoming_head(self, fields: Fields, *, ends: bool) -> bytes:
        """Translate a header block that arrived. `ends`: with END_STREAM."""

    def incoming(self, data: bytes) -> bytes:
        """Translate DATA that arrived."""

    def incoming_end(self) -> bytes:
        """Translate the END_STREAM that arrived."""


class _Translator(ABC):
    """Both directions of one stream; `_parser` plays the other side of the HTTP/1.1 connection."""

    def __init__(self, role: type[h11.CLIENT] | type[h11.SERVER]) -> None:
        self.is_tunnel = False
        self._parser = h11.Connection(role, _MOST_HEAD_BYTES)

    def outgoing(self, data: bytes) -> Iterator[Part]:
        """See `Exchange`."""
        if self.is_tunnel:
            if data:
                yield Body(data)
            return
        try:
            self._parser.receive_data(data)
            yield from self._read()
        except h11.RemoteProtocolError as error:
            raise UntranslatableError(str(error)) from error

    def incoming(self, data: bytes) -> bytes:
        """See `Exchange`."""
        return data if self.is_tunnel else self._send(h11.Data(data=data))

    def incoming_end(self) -> bytes:
        """See `Exchange`."""
        return b"" if self.is_tunnel else self._send(h11.EndOfMessage())

    def _read(self) -> Iterator[Part]:
        while not isinstance(event := self._parser.next_event(), type):
            match event:
                case h11.ConnectionClosed():
                    return
                case h11.Data(data=data):
                    yield Body(bytes(data))
                case h11.EndOfMessage():
                    yield from self._ended()
                case _:
                    yield from self._begun(event)
                    if self.is_tunnel:
                        yield from self._rest()
                        return

    @abstractmethod
    def _begun(self, event: h11.Event) -> Iterator[Part]:
        """Translate a head."""

    def _ended(self) -> Iterator[Part]:
        yield End()

    def _send(self, event: h11.Event) -> bytes:
        try:
            return self._parser.send(event) or b""
        except h11.LocalProtocolError as error:
            raise UntranslatableError(str(error)) from error

    def _rest(self) -> Iterator[Part]:
        """What came after the head of a tunnel, in the same bytes."""
        data, _closed = self._parser.trailing_data
        if data:
            yield Body(data)


class ServerExchange(_Translator):
    """For a stream of a server: the request arrives, the answer leaves."""

    def __init__(self) -> None:
        super().__init__(h11.CLIENT)
        self._asks_for_tunnel = False

    def incoming_head(self, fields: Fields, *, ends: bool) -> bytes:
        """See `Exchange`.

        Raises:
            UntranslatableError: also its subclass, for a CONNECT.
        """
        pseudo = {name: value for name, value in fields if name.startswith(b":")}
        method = pseudo[b":method"]
        if method == b"CONNECT":
            if pseudo.get(b":protocol", b"").lower() != b"websocket":
                raise NotImplementedHereError("CONNECT is for a WebSocket (RFC 8441)")
            self._asks_for_tunnel = True
            method = b"GET"
        headers = [*_host(pseudo), *_plain(fields), *self._of_one_hop(fields, ends)]
        try:
            request = h11.Request(method=method, headers=headers, target=pseudo[b":path"])
        except h11.LocalProtocolError as error:
            raise UntranslatableError(str(error)) from error
        head = self._send(request)
        # A tunnel's bytes are no body: for HTTP/1.1 the request ends with its head.
        return head + self._send(h11.EndOfMessage()) if self._asks_for_tunnel else head

    def _of_one_hop(self, fields: Fields, ends: bool) -> Fields:
        if self._asks_for_tunnel:
            return [*_UPGRADE, (b"sec-websocket-key", _KEY)]
        framed = ends or any(name == b"content-length" for name, _ in fields)
        chunked = [] if framed else [(b"transfer-encoding", b"chunked")]
        return [(b"connection", b"close"), *chunked]

    def _begun(self, event: h11.Event) -> Iterator[Part]:
        assert isinstance(event, h11.InformationalResponse | h11.Response)
        self.is_tunnel = event.status_code == _SWITCHING
        # RFC 8441 section 5: 200 answers a CONNECT, where 101 answers an `Upgrade`.
        status = 200 if self.is_tunnel else event.status_code
        yield Head([(b":status", b"%d" % status), *_plain(event.headers)])


class ClientExchange(_Translator):
    """For a stream of a client: the request leaves, the answer arrives."""

    def __init__(self, scheme: bytes) -> None:
        super().__init__(h11.SERVER)
        self._scheme = scheme
        self._key: bytes | None = None

    def incoming_head(self, fields: Fields, *, ends: bool) -> bytes:
        """See `Exchange`."""
        status = int(dict(fields)[b":status"])
        headers = _plain(fields)
        if self._key is not None and 200 <= status < 300:
            self.is_tunnel = True
            headers += [*_UPGRADE, (b"sec-websocket-accept", _accept(self._key))]
            return self._send(h11.InformationalResponse(status_code=_SWITCHING, headers=headers))
        if status < 200:
            return self._send(h11.InformationalResponse(status_code=status, headers=headers))
        return self._send(h11.Response(status_code=status, headers=headers))

    def _begun(self, event: h11.Event) -> Iterator[Part]:
        assert isinstance(event, h11.Request)
        given = dict(event.headers)
        method, protocol = event.method, []
        if given.get(b"upgrade", b"").lower() == b"websocket":
            self._key = given.get(b"sec-websocket-key", b"")
            method, protocol = b"CONNECT", [(b":protocol", b"websocket")]
        yield Head(
            [
                (b":method", method),
                *protocol,
                (b":scheme", self._scheme),
                (b":path", event.target),
                (b":authority", given.get(b"host", b"")),
                *(field for field in _plain(event.headers) if field[0] != b"host"),
            ]
        )

    def _ended(self) -> Iterator[Part]:
        # A tunnel stays open, although its request has no body.
        return iter(()) if self._key is not None else super()._ended()


def _accept(key: bytes) -> bytes:
    """The answer to the key of a handshake (RFC 6455 section 4.2.2, item 5.4)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def _host(pseudo: dict[bytes, bytes]) -> Fields:
    """The `Host` of a request. `:authority` is more than a field `host` (RFC 9113, 8.3.1)."""
    authority = pseudo.get(b":authority")
    return [] if authority is None else [(b"host", authority)]


def _plain(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The fields that both versions have."""
    found = list(fields)
    has_authority = any(name == b":authority" for name, _ in found)
    dropped = _OF_ONE_HOP | _OF_THE_KEY | ({b"host"} if has_authority else set())
    kept = [
        (name, value)
        for name, value in found
        if not name.startswith(b":") and name not in dropped and name != b"cookie"
    ]
    # RFC 9113 section 8.2.3: HTTP/2 may split what HTTP/1.1 has in one field.
    cookies = [value for name, value in found if name == b"cookie"]
    return [*kept, (b"cookie", b"; ".join(cookies))] if cookies else kept
