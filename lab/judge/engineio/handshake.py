"""How a session of Engine.IO begins, and which requests begin none.

The cases of the protocol authors' test suite (socketio/engine.io-protocol) are among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.handshakes.link import head_of
from lab.handshakes.request import Request
from lab.judge.case import Case
from lab.judge.engineio.session import (
    Frames,
    Packet,
    engine_of,
    in_posts,
    packets_in,
    terms_in,
    websocket,
)
from lab.judge.engineio.steps import Need, steps
from lab.judge.http import http
from lab.judge.player import STATUS_AT, Player, WrongError, status_words
from lab.judge.verdict import Finding, failed

GROUP = "engineio/handshake"
CLAUSE = "Engine.IO 4, Handshake"
QUERY = "Engine.IO 4, Query parameters"
Query = Mapping[str, str | None]
NOBODY = "nobody-is-here-0123456"
"""A session id that no server has issued."""


TERMS: dict[str, tuple[type, str]] = {
    "sid": (str, "a text"),
    "upgrades": (list, "an array"),
    "pingInterval": (int, "a whole number"),
    "pingTimeout": (int, "a whole number"),
    "maxPayload": (int, "a whole number"),
}
"""What an open packet says, and of which kind it is."""


def handshake_in(packet: Packet) -> dict[str, Any]:
    """All terms of an open packet. Raises WrongError where one is missing or of another kind."""
    terms = terms_in(packet)
    for name, (kind, words) in TERMS.items():
        if not isinstance(terms.get(name), kind):
            at = str(packet.data).find(f'"{name}"')
            raise packet.wrong(f"{name}, {words}", max(at, 1))
    return terms


async def a_poll_opens_a_session(player: Player) -> None:
    """The first poll gets an open packet with all terms; `upgrades` names what is offered."""
    async with http(player) as client:
        (packet, *_) = packets_in((await client.ask(engine_of(player).polling())).must_be(200))
        terms = handshake_in(packet)
        expected = ["websocket"] if engine_of(player).frames else []
        if not set(terms["upgrades"]) >= set(expected):
            at = str(packet.data).find('"upgrades"')
            raise packet.wrong(f"upgrades with {expected}", at)


async def a_websocket_opens_a_session(player: Player) -> None:
    """The first message is an open packet, without upgrades."""
    async with websocket(player) as session:
        packet = await session.due("an open packet, 0{…}")
        if handshake_in(packet)["upgrades"]:
            raise packet.wrong("upgrades: []", str(packet.data).find('"upgrades"'))


async def session_ids_differ(player: Player) -> None:
    """Two sessions have two ids."""
    async with in_posts(player) as one, in_posts(player) as other:
        assert one.polls is not other.polls
        if one.sid == other.sid:
            again = await other.poll()
            raise again.wrong("a session id that no other session has")


def refused_poll(name: str, query: Query, method: str = "GET") -> Case:
    """A case: a request with these parameters opens no session."""

    async def play(player: Player) -> None:
        request = engine_of(player).polling().asking(**query)._replace(method=method)
        async with http(player) as client:
            (await client.ask(request)).must_refuse()

    return steps(GROUP, name, QUERY, play, Need.POLLS)


def refused_websocket(name: str, query: Query) -> Case:
    """A case: an opening with these parameters is refused, or closed at once."""

    async def play(player: Player) -> Finding | None:
        return await no_session(player, engine_of(player).opening().asking(**query))

    return steps(GROUP, name, QUERY, play, Need.FRAMES)


async def no_session(player: Player, opening: Request) -> Finding | None:
    """Send an opening: it must get no 101, or a close without an open packet before."""
    async with player.dial() as connection:
        connection.send(opening.encode())
        response = await connection.response(player.site.patience_s)
        head, number = head_of(response), player.number_of(connection)
        if head is not None and head.status_code == 101:
            packet = await Frames(player, connection).next()
            if packet is None:
                return None
            raise packet.wrong("no session: a refusal, or a close")
        if head is None and not connection.ended:
            raise WrongError(failed("4xx", status_words(response), 0, number))
        if head is not None and not 400 <= head.status_code < 500:
            raise WrongError(failed("4xx", status_words(response), STATUS_AT, number))
        return None


_MISTAKES: Mapping[str, Query] = {
    "without a version": {"EIO": None},
    "of a version that is no number": {"EIO": "abc"},
    "without a transport": {"transport": None},
    "of an unknown transport": {"transport": "abc"},
    "of an unknown session": {"sid": NOBODY},
}

CASES = (
    steps(GROUP, "a poll opens a session", CLAUSE, a_poll_opens_a_session, Need.POLLS),
    steps(GROUP, "a WebSocket opens a session", CLAUSE, a_websocket_opens_a_session, Need.FRAMES),
    steps(GROUP, "session ids differ", CLAUSE, session_ids_differ, Need.POLLS),
    *(refused_poll(f"a poll {name}", query) for name, query in _MISTAKES.items()),
    *(refused_websocket(f"a WebSocket {name}", query) for name, query in _MISTAKES.items()),
    *(refused_poll(f"{method} opens no session", {}, method) for method in ("POST", "PUT")),
    refused_poll("a POST to an unknown session", {"sid": NOBODY}, "POST"),
)
