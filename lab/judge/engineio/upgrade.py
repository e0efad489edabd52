"""How a session of Engine.IO moves from polls to a WebSocket.

The cases of the protocol authors' test suite (socketio/engine.io-protocol) are among them.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.handshakes.request import Request
from lab.judge.case import Case
from lab.judge.engineio.handshake import no_session
from lab.judge.engineio.session import Frames, engine_of, in_posts, websocket
from lab.judge.engineio.steps import Need, steps
from lab.judge.http import http
from lab.judge.player import Player

GROUP = "engineio/upgrade"
HALF = "engineio/half an upgrade"
CLAUSE = "Engine.IO 4, Upgrade"
BOTH = (Need.POLLS, Need.FRAMES)

HALVES: dict[str, Callable[[Request], Request]] = {
    "Connection: close": lambda right: right.having({"Connection": "close"}),
    "Connection: keep-alive": lambda right: right.having({"Connection": "keep-alive"}),
    "no Connection": lambda right: right.without("Connection"),
    "no Upgrade": lambda right: right.without("Upgrade"),
    "another Upgrade": lambda right: right.having({"Upgrade": "h2c"}),
    "no key": lambda right: right.without("Sec-WebSocket-Key"),
    "a key that is too short": lambda right: right.having({"Sec-WebSocket-Key": "c2hvcnQ="}),
    "no version": lambda right: right.without("Sec-WebSocket-Version"),
    "another version": lambda right: right.having({"Sec-WebSocket-Version": "99"}),
    "no headers at all": lambda right: right.without(
        "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"
    ),
}
"""Wrong openings for a session that polls."""


async def probed(socket: Frames) -> None:
    """Probe the WebSocket of a session."""
    await socket.send("2probe")
    (await socket.due("3probe")).must_be("3probe")


async def a_session_moves(player: Player) -> None:
    """The probe is answered, the waiting poll ends with a NOOP, and packets go on in frames."""
    async with in_posts(player) as session, websocket(player, session.sid) as socket:
        await probed(socket)
        (await session.poll()).must_hold(b"6")
        await socket.send("5", "40")
        (await socket.due("40{…}")).must_begin("40")


async def a_waiting_poll_is_ended(player: Player) -> None:
    """A poll that waits when the probe comes ends with a NOOP."""
    async with in_posts(player) as session, websocket(player, session.sid) as socket:
        await session.polls.send(engine_of(player).polling(session.sid))
        (await session.post("3")).must_be(200)  # by now the poll has come in
        await probed(socket)
        (await session.polls.answer("a NOOP, 6")).must_hold(b"6")


async def polls_after_the_move(player: Player) -> None:
    """Requests of a session that has moved are refused."""
    async with in_posts(player) as session, websocket(player, session.sid) as socket:
        await moved(socket)
        (await session.poll()).must_refuse()
        async with http(player) as other:
            request = engine_of(player).polling(session.sid)
            (await other.ask(request._replace(method="POST", body=b"3"))).must_refuse()


async def another_websocket(player: Player) -> None:
    """Another WebSocket of the session is refused, and the first one stays."""
    async with in_posts(player) as session, websocket(player, session.sid) as socket:
        await moved(socket)
        await no_session(player, engine_of(player).opening(session.sid))
        await socket.must_stay_open()


async def data_in_the_upgrade_packet(player: Player) -> None:
    """The upgrade packet may carry data."""
    async with in_posts(player) as session, websocket(player, session.sid) as socket:
        await probed(socket)
        await socket.send("52", "40")
        (await socket.due("40{…}")).must_begin("40")


async def a_probe_that_is_given_up(player: Player) -> None:
    """A WebSocket that ends after the probe takes nothing: the session goes on polling."""
    async with in_posts(player) as session:
        async with websocket(player, session.sid) as socket:
            await probed(socket)
        (await session.post("40")).must_be(200)
        packets = await session.until("40")
        if packets is None:
            session.ended_instead("40{…} in a poll")


async def moved(socket: Frames) -> None:
    """Move a session to its WebSocket, and enter the main namespace there."""
    await probed(socket)
    await socket.send("5", "40")
    (await socket.due("40{…}")).must_begin("40")


def half(name: str, change: Callable[[Request], Request]) -> Case:
    """A case: a wrong opening for a session that polls is refused, and takes no packets of it."""

    async def play(player: Player) -> None:
        async with in_posts(player) as session, http(player) as other:
            (await session.post("40")).must_be(200)
            opening = change(engine_of(player).opening(session.sid))
            (await other.ask(opening)).must_refuse()
            packet = await session.due("40{…}, which waits for a poll")
            packet.must_begin("40")

    return steps(HALF, name, f"{CLAUSE}; RFC 6455 4.2.1", play, Need.POLLS)


CASES = (
    steps(GROUP, "a session moves to a WebSocket", CLAUSE, a_session_moves, *BOTH),
    steps(GROUP, "a waiting poll ends with a NOOP", CLAUSE, a_waiting_poll_is_ended, *BOTH),
    steps(GROUP, "requests after the move", CLAUSE, polls_after_the_move, *BOTH),
    steps(GROUP, "another WebSocket after the move", CLAUSE, another_websocket, *BOTH),
    steps(GROUP, "data in the upgrade packet", CLAUSE, data_in_the_upgrade_packet, *BOTH),
    steps(GROUP, "a probe that is given up", CLAUSE, a_probe_that_is_given_up, *BOTH),
    *(half(name, change) for name, change in HALVES.items()),
)
