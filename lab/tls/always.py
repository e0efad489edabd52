"""Serves the transports that exist only over TLS, with a certificate that is made for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from lab.contract import Capability, ClientTls, ServeOptions, Transport


@contextmanager
def with_its_tls(
    transport: Transport, options: ServeOptions
) -> Iterator[tuple[ServeOptions, ClientTls | None]]:
    """How to serve a transport, and what a client needs to trust the server; None without TLS.

    Options that have files keep them: their author knows what clients trust.
    """
    if options.tls is not None or Capability.TLS_ALWAYS not in transport.capabilities:
        yield options, None
        return
    from lab.tls.authority import certified  # noqa: PLC0415 - an extra

    with certified((options.host, *options.hosts)) as made:
        yield replace(options, tls=made.server), made.client
