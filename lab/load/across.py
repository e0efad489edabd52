"""Serves a transport on the far side of a link, for clients on the near one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from lab.contract import ClientTls, ConnectOptions, Transport
from lab.link import ADDRESS, Link
from lab.load.fleet import Connect
from lab.measure.server import ServerProcess


@contextmanager
def served_across(link: Link, transport: Transport, tls: bool = False) -> Iterator[Connect]:
    """Run a transport's server on the server's side. Yields how a client connects to it.

    Raises ServerDiedError.
    """
    arguments = ["--unpaced", "--host", ADDRESS["server"], "--share", *(["--tls"] if tls else [])]
    server = ServerProcess(transport.name, arguments)
    with link.inside("server"):
        server.__enter__()
    try:
        authority = server.ready.get("authority")
        options = ConnectOptions(tls=None if authority is None else ClientTls(authority))
        yield partial(transport.connect, server.url, options=options)
    finally:
        server.__exit__(None, None, None)
