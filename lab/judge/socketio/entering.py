"""How a client enters a namespace of Socket.IO, and leaves it.

The cases of the protocol authors' test suite (socketio/socket.io-protocol) are among them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial

import msgspec

from lab.judge.case import Case
from lab.judge.engineio.session import Packet, Session, in_frames, in_posts
from lab.judge.engineio.steps import Need, steps
from lab.judge.player import Player

GROUP = "socketio/namespaces"
CONNECT = "Socket.IO 5, Connection to a namespace"
DISCONNECT = "Socket.IO 5, Disconnection from a namespace"
UNKNOWN = "/lab-judge-unknown"

Opening = Callable[[Player], AbstractAsyncContextManager[Session]]
Dialogue = Callable[[Session], Awaitable[None]]
CARRIERS: dict[str, tuple[Opening, Need]] = {
    "in frames": (in_frames, Need.FRAMES),
    "in POSTs": (in_posts, Need.POLLS),
}
"""Both ways in which packets travel."""


def on_both(
    group: str, name: str, clause: str, dialogue: Dialogue, *needs: Need, lenient: bool = False
) -> Iterator[Case]:
    """A case for each way in which packets travel."""
    for carrier, (opening, need) in CARRIERS.items():

        async def play(player: Player, opening: Opening = opening) -> None:
            async with opening(player) as session:
                await dialogue(session)

        yield steps(group, f"{name}, {carrier}", clause, play, need, *needs, lenient=lenient)


async def enter(session: Session, auth: str = "") -> Packet:
    """Enter the main namespace; return the server's answer."""
    await session.send(f"40{auth}")
    while str((packet := await session.due("40{…}")).data).startswith("42"):
        pass  # an event that the server emits by itself
    return packet.must_begin("40")


async def the_main_namespace(session: Session) -> None:
    """A connect packet is answered with a connect packet that has a `sid`."""
    await has_sid(await enter(session))


async def with_a_payload(session: Session) -> None:
    """A connect packet may carry a payload."""
    await has_sid(await enter(session, '{"token":"123"}'))


async def has_sid(packet: Packet) -> None:
    """Check the payload of a server's connect packet."""
    text = str(packet.data)
    try:
        terms = msgspec.json.decode(text[2:])
    except msgspec.DecodeError:
        raise packet.wrong("an object in JSON behind 40", 2) from None
    if not isinstance(terms, dict) or not isinstance(terms.get("sid"), str):
        raise packet.wrong('{"sid": a text}', 2)


async def an_unknown_namespace(session: Session) -> None:
    """A namespace that there is not is refused, with a message."""
    await session.send(f"40{UNKNOWN},")
    beginning = f"44{UNKNOWN},"
    packet = (await session.due(f"{beginning}{{…}}")).must_begin(beginning)
    if '"message"' not in str(packet.data):
        raise packet.wrong("an object with a message", len(beginning))


async def _ids(opening: Opening, player: Player) -> None:
    """Two clients of a namespace have two ids."""
    async with opening(player) as one, opening(player) as other:
        first, second = await enter(one), await enter(other)
        if first.data == second.data:
            raise second.wrong("another sid", 2)


async def left_and_entered_again(session: Session) -> None:
    """A client that leaves may stay connected, and enter again."""
    await enter(session)
    await session.send("41")
    await has_sid(await enter(session))


async def an_event_before(session: Session) -> None:
    """A packet for a namespace that the client has not entered ends the connection."""
    await session.send('42["lab-judge"]')
    await session.must_end("an event before the namespace is entered")


async def an_event_after(session: Session) -> None:
    """A packet for a namespace that the client has left ends the connection, or is dropped."""
    await enter(session)
    await session.send("41", '42["lab-judge"]')
    await session.must_end("an event after the namespace is left")


CASES = (
    *on_both(GROUP, "the main namespace", CONNECT, the_main_namespace),
    *on_both(GROUP, "the main namespace with a payload", CONNECT, with_a_payload),
    *on_both(GROUP, "an unknown namespace", CONNECT, an_unknown_namespace),
    *(
        steps(GROUP, f"two clients have two ids, {carrier}", CONNECT, partial(_ids, opening), need)
        for carrier, (opening, need) in CARRIERS.items()
    ),
    *on_both(GROUP, "left and entered again", DISCONNECT, left_and_entered_again, lenient=True),
    *on_both(GROUP, "an event before it is entered", CONNECT, an_event_before),
    *on_both(GROUP, "an event after it is left", DISCONNECT, an_event_after, lenient=True),
)
