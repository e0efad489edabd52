"""Among the handshakes: what can be wrong with one, and by which clause. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from lab.handshakes.opening import Opening
from lab.handshakes.request import Request

OVERSIZED_BYTES = 64 * 1024
"""Of one header's value: servers take 8 to 16 KiB."""
FOREIGN = "https://evil.example"
NOBODY = "bm9ib2R5IGlzIGhlcmU"
"""A session id that no server has given out."""
ANOTHER_KEY = "AQIDBAUGBwgJCgsMDQ4PEA=="

Breaks = Literal["nothing", "RFC 6455", "Engine.IO", "a session"]
"""Whose rules a case breaks."""


class Case(msgspec.Struct, frozen=True):
    """One opening, right or with one thing wrong.

    `wrong`: what, in words. `clause`: where it is said. `make`: the request for a server; None
    where the case doesn't apply to it.
    """

    name: str
    wrong: str
    breaks: Breaks
    clause: str
    make: Callable[[Opening], Request | None]


def _upgrade(name: str, wrong: str, clause: str, change: Callable[[Request], Request]) -> Case:
    """Something wrong with RFC 6455's handshake.

    Where a wire has none, its own opening asks for one: HTTP lets a server ignore that (RFC 9110
    section 7.8).
    """
    return Case(name, wrong, "RFC 6455", clause, lambda opening: change(opening.upgrade))


def _engine_io(name: str, wrong: str, clause: str, change: Callable[[Opening], Request]) -> Case:
    """Something wrong with the parameters of Engine.IO, on servers that speak it."""
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
"""The control: a server that refuses it says nothing by refusing the others."""

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
    Case("unknown-sid", "an unknown session", "a session", "the wire's own", _unknown_session),
)

CASES: dict[str, Case] = {case.name: case for case in _ALL}
"""Every case by name, in the order in which they are shown; the control is the first."""
