"""The cases: what can be wrong with an opening handshake, and which clause it breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from lab.handshakes.opening import Opening
from lab.handshakes.request import Request

OVERSIZED_BYTES = 64 * 1024
"""The size of one header's value; servers accept 8 to 16 KiB."""
FOREIGN = "https://evil.example"
NOBODY = "bm9ib2R5IGlzIGhlcmU"
"""A session id that no server has issued."""
ANOTHER_KEY = "AQIDBAUGBwgJCgsMDQ4PEA=="

Breaks = Literal["nothing", "RFC 6455", "Engine.IO", "a session"]
"""The rules that a case breaks."""


class Case(msgspec.Struct, frozen=True):
    """An opening handshake that is right or has one thing wrong.

    `wrong`: the fault, in words. `clause`: its source. `make`: builds the request for a server;
    None where the case does not apply.
    """

    name: str
    wrong: str
    breaks: Breaks
    clause: str
    make: Callable[[Opening], Request | None]


def _upgrade(name: str, wrong: str, clause: str, change: Callable[[Request], Request]) -> Case:
    """Return a case with a fault in RFC 6455's handshake.

    Where a transport has no such handshake, its own first request asks for an upgrade: HTTP lets a
    server ignore that (RFC 9110 section 7.8).
    """
    return Case(name, wrong, "RFC 6455", clause, lambda opening: change(opening.upgrade))


def _engine_io(name: str, wrong: str, clause: str, change: Callable[[Opening], Request]) -> Case:
    """Return a case with a fault in Engine.IO's parameters, for servers that speak it."""
    return Case(
        name,
        wrong,
        "Engine.IO",
        clause,
        lambda opening: change(opening) if opening.engine_io else None,
    )


def _unknown_session(opening: Opening) -> Request | None:
    return opening.request.asking(sid=NOBODY) if opening.engine_io else opening.over


RIGHT = Case("right", "nothing", "nothing", "RFC 6455 4.1", lambda opening: opening.request)
"""The control: a server that refuses it shows nothing by refusing the other cases."""

_ALL = (
    RIGHT,
    _upgrade("no-upgrade", "no Upgrade", "RFC 6455 4.2.1, 3", lambda r: r.without("Upgrade")),
    _upgrade(
        "no-connection", "no Connection", "RFC 6455 4.2.1, 4", lambda r: r.without("Connection")
    ),
    _upgrade(
        "wrong-version",
        "version 99",
        "RFC 6455 4.2.2, 4",
        lambda r: r.having({"Sec-WebSocket-Version": "99"}),
    ),
    _upgrade(
        "no-version",
        "no version",
        "RFC 6455 4.2.1, 6",
        lambda r: r.without("Sec-WebSocket-Version"),
    ),
    _upgrade("no-key", "no key", "RFC 6455 4.2.1, 5", lambda r: r.without("Sec-WebSocket-Key")),
    _upgrade(
        "short-key",
        "a key of 5 bytes",
        "RFC 6455 4.2.1, 5",
        lambda r: r.having({"Sec-WebSocket-Key": "c2hvcnQ="}),
    ),
    _upgrade(
        "two-keys",
        "two keys",
        "RFC 6455 11.3.1",
        lambda r: r.repeating("Sec-WebSocket-Key", ANOTHER_KEY),
    ),
    _upgrade("post", "POST", "RFC 6455 4.2.1, 1", lambda r: r._replace(method="POST")),
    _upgrade("http-1.0", "HTTP/1.0", "RFC 6455 4.2.1, 1", lambda r: r._replace(version="1.0")),
    _upgrade("no-host", "no Host", "RFC 6455 4.2.1, 2", lambda r: r.without("Host")),
    _upgrade(
        "wrong-path",
        "another path",
        "RFC 6455 4.2.2, 4",
        lambda r: r._replace(target="/nowhere"),
    ),
    _upgrade(
        "foreign-origin",
        "a foreign Origin",
        "RFC 6455 4.2.2, 4",
        lambda r: r.having({"Origin": FOREIGN}),
    ),
    _upgrade(
        "oversized-header",
        "a header of 64 KiB",
        "RFC 6585 5",
        lambda r: r.having({"X-Padding": "x" * OVERSIZED_BYTES}),
    ),
    _engine_io(
        "no-eio", "no EIO", "Engine.IO, Query parameters", lambda o: o.request.asking(EIO=None)
    ),
    _engine_io(
        "eio-3", "EIO=3", "Engine.IO, Query parameters", lambda o: o.request.asking(EIO="3")
    ),
    _engine_io(
        "eio-5", "EIO=5", "Engine.IO, Query parameters", lambda o: o.request.asking(EIO="5")
    ),
    _engine_io(
        "no-transport",
        "no transport",
        "Engine.IO, Query parameters",
        lambda o: o.request.asking(transport=None),
    ),
    _engine_io(
        "unknown-transport",
        "transport=pigeon",
        "Engine.IO, Query parameters",
        lambda o: o.request.asking(transport="pigeon"),
    ),
    _engine_io(
        "polling-upgrade",
        "transport=polling on an upgrade",
        "Engine.IO, Query parameters",
        lambda o: o.upgrade.asking(transport="polling"),
    ),
    Case("unknown-sid", "an unknown session", "a session", "the transport's own", _unknown_session),
)

CASES: dict[str, Case] = {case.name: case for case in _ALL}
"""Every case by name, in the order of the tables; the control is the first."""
