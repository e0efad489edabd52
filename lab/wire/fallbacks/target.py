"""Beside the wire: what a request's target says of a fallback (Socket.IO protocol revision 1).

`/socket.io/1/` is the handshake, `/socket.io/1/<transport>/<session>` all that follows it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TRANSPORTS = ("xhr-polling", "jsonp-polling", "xhr-multipart", "htmlfile", "sse")

_target = re.compile(r"/socket\.io/1/(?:(?P<transport>[^/?#]+)/(?P<session>[^/?#]+)/?)?(?:\?.*)?")


class Target(NamedTuple):
    """Both are "" in a handshake, which has no session yet and is alike for all transports."""

    transport: str
    session: str


def target_of(target: str) -> Target | None:
    """What is asked of a fallback; None where something else is."""
    match = _target.fullmatch(target)
    if match is None:
        return None
    found = Target(match["transport"] or "", match["session"] or "")
    return found if found.transport in ("", *TRANSPORTS) else None
