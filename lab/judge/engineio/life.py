"""How a session of Engine.IO lives and ends: payloads, heartbeats, closes.

The cases of the protocol authors' test suite (socketio/engine.io-protocol) are among them.
"""

from __future__ import annotations

import asyncio

from lab.judge.engineio.session import Session, engine_of, in_frames, in_posts
from lab.judge.engineio.steps import Need, steps
from lab.judge.http import http, shown
from lab.judge.player import Player
from lab.judge.verdict import Finding, not_strict

PAYLOADS = "engineio/payloads"
HEARTBEATS = "engineio/heartbeats"
CLOSES = "engineio/closes"
PACKETS = "Engine.IO 4, Packet encoding"
HEARTBEAT = "Engine.IO 4, Heartbeat"
ENTER = "40"
"""Socket.IO's servers end a client that enters no namespace after 45 s (`connectTimeout`)."""
POLLING = "Engine.IO 4, HTTP long-polling"


async def a_post_is_answered_with_ok(player: Player) -> Finding | None:
    """A payload that is taken is answered with 200 and `ok`; clients read the status only."""
    async with in_posts(player) as session:
        answer = (await session.post("40")).must_be(200)
        if answer.body == b"ok":
            return None
        got = shown(answer.body)
        return not_strict("'ok'", got, answer.body_at, answer.connection)


async def no_payload(player: Player) -> None:
    """A payload that is none ends the session."""
    async with in_posts(player) as session:
        (await session.post_body(b"abc")).must_be(200, 400)
        await session.must_end("abc is no payload")


async def no_packet(player: Player) -> None:
    """A message that is no packet ends the session."""
    async with in_frames(player) as session:
        await session.send("abc")
        await session.must_end("abc is no packet")


async def a_second_poll(player: Player) -> None:
    """A poll beside a waiting poll ends the session; the waiting one gets a close packet."""
    async with in_posts(player) as session, http(player) as other:
        poll = engine_of(player).polling(session.sid)
        await session.polls.send(poll)
        await session.post("3")  # by now the first poll has come in
        (await other.ask(poll)).must_be(400, 500)
        (await session.polls.answer("a close packet, 1")).must_hold(b"1")
        await session.must_end("two polls at once")


async def pinged_in_posts(player: Player) -> None:
    """The server pings, and goes on after a pong."""
    async with in_posts(player) as session:
        await session.send(ENTER)
        for _ in range(_beats(player)):
            await pinged(player, session)
            await session.send("3")


async def pinged_in_frames(player: Player) -> None:
    """The server pings, and goes on after a pong."""
    async with in_frames(player) as session:
        await session.send(ENTER)
        for _ in range(_beats(player)):
            await pinged(player, session)
            await session.send("3")


def _beats(player: Player) -> int:
    """Three heartbeats, or as many as there is time for."""
    engine = engine_of(player)
    return max(1, min(3, int(engine.longest_s / engine.interval_s)))


async def pinged(player: Player, session: Session) -> None:
    """Await a ping; messages may come before."""
    wait_s = engine_of(player).interval_s + engine_of(player).margin_s
    packet = await session.arrived(wait_s)
    while packet is not None and packet.is_message:
        packet = await session.arrived(wait_s)
    if packet is None:
        session.ended_instead("a ping, 2")
    packet.must_be("2")


async def lost_in_posts(player: Player) -> None:
    """Without pongs the session is lost."""
    engine = engine_of(player)
    async with in_posts(player) as session:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        due_s = engine.interval_s + engine.timeout_s
        await asyncio.sleep(due_s)
        while (answer := await session.poll()).status == 200:
            if loop.time() - begin > due_s + engine.margin_s:
                raise answer.wrong("4xx: no pong came in time")
        answer.must_refuse()


async def lost_in_frames(player: Player) -> None:
    """Without pongs the connection is closed."""
    engine = engine_of(player)
    async with in_frames(player) as session:
        loop = asyncio.get_running_loop()
        due_s = engine.interval_s + engine.timeout_s + engine.margin_s
        end = loop.time() + due_s
        while (packet := await session.arrived(due_s)) is not None and packet.data != "1":
            packet.must_be("2")
            if loop.time() > end:
                raise packet.wrong("the end of the session: no pong came in time")


async def a_close_packet_in_a_post(player: Player) -> None:
    """A close packet ends the session, and the waiting poll with a NOOP."""
    async with in_posts(player) as session:
        await session.polls.send(engine_of(player).polling(session.sid))
        await session.post("3")  # by now the poll has come in
        (await session.post("1")).must_be(200)
        (await session.polls.answer("a NOOP, 6")).must_hold(b"6")
        (await session.poll()).must_refuse()


async def a_close_packet_in_a_frame(player: Player) -> None:
    """A close packet ends the connection."""
    async with in_frames(player) as session:
        await session.send("1")
        await session.must_end("a close packet")


async def ended_for_good(player: Player) -> None:
    """A session that has ended takes no POST."""
    async with in_posts(player) as session:
        (await session.post("1")).must_be(200)
        (await session.post("3")).must_refuse()


CASES = (
    steps(PAYLOADS, "a POST is answered with ok", POLLING, a_post_is_answered_with_ok, Need.POLLS),
    steps(PAYLOADS, "a payload that is none", PACKETS, no_payload, Need.POLLS),
    steps(PAYLOADS, "a message that is no packet", PACKETS, no_packet, Need.FRAMES),
    steps(PAYLOADS, "a second poll beside a waiting one", POLLING, a_second_poll, Need.POLLS),
    steps(HEARTBEATS, "pings in polls", HEARTBEAT, pinged_in_posts, Need.POLLS, Need.ONE_BEAT),
    steps(HEARTBEATS, "pings in frames", HEARTBEAT, pinged_in_frames, Need.FRAMES, Need.ONE_BEAT),
    steps(HEARTBEATS, "no pongs in POSTs", HEARTBEAT, lost_in_posts, Need.POLLS, Need.LOSS),
    steps(HEARTBEATS, "no pongs in frames", HEARTBEAT, lost_in_frames, Need.FRAMES, Need.LOSS),
    steps(CLOSES, "a close packet in a POST", POLLING, a_close_packet_in_a_post, Need.POLLS),
    # The reference server leaves it to the next heartbeat.
    steps(
        CLOSES,
        "a close packet in a frame",
        PACKETS,
        a_close_packet_in_a_frame,
        Need.FRAMES,
        lenient=True,
    ),
    steps(CLOSES, "a POST to a session that has ended", POLLING, ended_for_good, Need.POLLS),
)
