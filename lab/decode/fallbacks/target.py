"""Read from a request's target which fallback it is for (Socket.IO protocol revision 1).

`/socket.io/1/` is the handshake, `/socket.io/1/<transport>/<session>` every later request. A
transport over HTTP/2 has the format, and before `-h2` the name, of that over HTTP/1.1.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TRANSPORTS = ("xhr-polling", "jsonp-polling", "xhr-multipart", "htmlfile", "sse", "http-stream")

_target = re.compile(
    r"/socket\.io/1/(?:(?P<transport>[^/?#]+?)(?:-h2)?/(?P<session>[^/?#]+)/?)?(?:\?.*)?"
)


class Target(NamedTuple):
    """Both are "" in a handshake, which has no session yet and is alike for all transports."""

    transport: str
    session: str


def target_of(target: str) -> Target | None:
    """The fallback that a target is for; None where it is for something else."""
    match = _target.fullmatch(target)
    if match is None:
        return None
    found = Target(match["transport"] or "", match["session"] or "")
    return found if found.transport in ("", *TRANSPORTS) else None
