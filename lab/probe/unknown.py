"""Says what a probe could not learn."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator

from lab.probe.findings import Findings


def unknown(found: Findings, listen_s: float) -> Iterator[str]:
    """One sentence each."""
    native, socket_io = found.native, found.socket_io
    opened = native is not None and native.opened
    sessions = socket_io is not None and bool(socket_io.transports)
    if opened or sessions:
        yield "what the application's own messages are, and what answers them"
    if native is not None and opened:
        if not native.pings and native.closed is None:
            yield f"whether WebSocket has a heartbeat: no ping came in {listen_s:g} s (--listen)"
        yield "the longest message that WebSocket takes: that would be sent to the application"
        if native.subprotocol is None and not native.takes_any_subprotocol:
            yield f"subprotocols beside the {len(native.subprotocols_offered)} that were offered"
    for namespace in socket_io.namespaces if socket_io is not None else ():
        if namespace.admitted is False:
            yield f"what is behind {namespace.name}, which refuses this client (--auth, --header)"
    if socket_io is not None and "webtransport" in socket_io.upgrades:
        yield "whether WebTransport works: it is offered, and was not tried"
    if socket_io is not None and socket_io.versions and not socket_io.transports:
        yield "what Engine.IO 3 sends after its first packet"
    if found.tls is not None and not found.tls.subject:
        yield "whom the certificate is for: it was not checked (--insecure)"
