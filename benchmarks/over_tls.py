"""The server and the client of a transport over TLS or with compression, as its label says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from lab.contract import ConnectOptions, Transport
from lab.measure.replicas import compression_of, over_tls
from lab.measure.server import ServerProcess
from lab.tls.keys import client_tls


def server_arguments(transport: Transport) -> list[str]:
    """The options of `lab serve`."""
    compression = compression_of(transport.name)
    return [
        *([] if over_tls(transport.name) is None else ["--tls"]),
        *([] if compression is None else ["--compression", str(compression)]),
    ]


@contextmanager
def counted_options(
    transport: Transport, options: ConnectOptions, server: ServerProcess
) -> Iterator[ConnectOptions]:
    """How a client connects whose secrets are kept, so that its bytes can be counted."""
    # A server of an earlier version does not say so.
    with client_tls(server.ready.get("authority")) as tls:
        resumed = tls and replace(tls, resume=over_tls(transport.name) == "resumed")
        compression = compression_of(transport.name)
        yield replace(options, tls=resumed, compression=compression)


def without_keys(options: ConnectOptions) -> ConnectOptions:
    """How a client connects where time is measured: to keep secrets takes time."""
    return replace(options, tls=options.tls and replace(options.tls, keys=None))
