"""Opens a link for an experiment, with a transport's server on its other side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from lab.claims._support.claim import needs
from lab.contract import ClientTls, ConnectOptions
from lab.link import ADDRESS, Conditions, Link, Network, unavailable
from lab.link.kernel import is_able
from lab.load.fleet import Connect
from lab.measure.server import ServerProcess
from transports import registry

UNABLE = "a link is opened as root, or in a user namespace: unshare -Urn lab claims NAME"


@contextmanager
def opened_link(way_ns: int) -> Iterator[Link]:
    """A link with this delay in each direction. Raises NotTestable, LinkError."""
    # An ordinary user may open one, but this process has threads: see unshare(2), CLONE_NEWUSER.
    needs(unavailable() or (None if is_able() else UNABLE))
    way = Conditions(delay_ns=way_ns)
    with Link(Network(up=way, down=way)) as link:
        yield link


@contextmanager
def served_across(link: Link, name: str) -> Iterator[Connect]:
    """Run a transport's server on the server's side. Yields how a client connects to it.

    Raises UnavailableError.
    """
    transport = registry.load(name)
    server = ServerProcess(name, ["--unpaced", "--host", ADDRESS["server"], "--share"])
    with link.inside("server"):
        server.__enter__()
    try:
        authority = server.ready.get("authority")
        options = ConnectOptions(tls=None if authority is None else ClientTls(authority))
        yield partial(transport.connect, server.url, options=options)
    finally:
        server.__exit__(None, None, None)
