"""TLS for all transports: the contexts of servers and clients, and a socket for the reactor."""

from __future__ import annotations

import functools
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from lab.contract import ClientTls, ServerTls


def scheme(plain: str, tls: ServerTls | None) -> str:
    """The scheme of a URL: `ws` or `http`, or with TLS `wss` or `https`."""
    return plain if tls is None else f"{plain}s"


def server_context(tls: ServerTls | None, alpn: Sequence[str] = ()) -> ssl.SSLContext | None:
    """The context of a server; None without TLS. `alpn`: the protocols to agree on (RFC 7301).

    Raises:
        OSError: a file can't be read, or the key is not that of the certificate.
    """
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(tls.certificate, tls.key)
    if alpn:
        context.set_alpn_protocols(alpn)
    context.sslsocket_class = NonBlockingSocket
    if tls.keys is not None:
        context.keylog_filename = tls.keys
    return context


@functools.lru_cache(maxsize=16)
def client_context(tls: ClientTls | None, alpn: tuple[str, ...] = ()) -> ssl.SSLContext | None:
    """The context of all clients with these options; None without TLS. `alpn`: see above.

    One context for all: a session can be resumed only by the context that has it, and to read the
    authority's file for each connection would be a cost of the client.

    Raises:
        OSError: the file of the authority can't be read.
    """
    if tls is None:
        return None
    made = _Resuming if tls.resume else ssl.SSLContext
    context = made(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(tls.authority)
    if alpn:
        context.set_alpn_protocols(alpn)
    if tls.keys is not None:
        context.keylog_filename = tls.keys
    return context


class _Resuming(ssl.SSLContext):
    """Offers the newest session of an earlier connection. asyncio has no option for that."""

    newest: ssl.SSLSession | None = None

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        made = super().wrap_bio(*args, **{**kwargs, "session": self.newest})
        assert isinstance(made, _Remembering)
        made.resuming = self
        return made


class _Remembering(ssl.SSLObject):
    """Keeps its session. In TLS 1.3 the ticket comes after the handshake (RFC 8446, 4.6.1).

    Only the first ticket is kept: `session` makes a copy, which costs more than to read a message.
    """

    resuming: _Resuming
    kept = False

    def read(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().read(*args, **kwargs)
        finally:
            if not self.kept and (session := self.session) is not None:
                self.kept = session.has_ticket
                if self.kept:
                    self.resuming.newest = session


_Resuming.sslobject_class = _Remembering


class NonBlockingSocket(ssl.SSLSocket):
    """A TLS socket with the errors and the ends of a TCP socket that never blocks.

    The handshake happens inside the first reads.
    """

    def recv(self, *args: Any) -> bytes:
        try:
            return super().recv(*args)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def send(self, *args: Any) -> int:
        try:
            return super().send(*args)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def shutdown(self, how: int) -> None:
        """Send the alert that nothing follows (RFC 8446 section 6.1), then end the sending half."""
        with suppress(OSError, ValueError):  # the alert is sent, and then the answer is missing
            self.unwrap()
        super().shutdown(how)


def accepted(sock: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    """Make an accepted socket never block, and with a context speak TLS.

    Raises:
        OSError: the client is gone already.
    """
    sock.setblocking(False)
    if context is None:
        return sock
    return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
