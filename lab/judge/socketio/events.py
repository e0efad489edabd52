"""Events of Socket.IO and their answers: acknowledgements, echoes, binary attachments.

The cases of the protocol authors' test suite (socketio/socket.io-protocol) are among them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import msgspec

from lab.judge.case import Case
from lab.judge.engineio.session import Data, Packet, Session
from lab.judge.engineio.steps import Need, steps
from lab.judge.player import Player
from lab.judge.site import Event
from lab.judge.socketio.entering import CARRIERS, Opening, enter

GROUP = "socketio/events"
ACKS = "socketio/acknowledgements"
BINARY = "socketio/binary"
EVENT = "Socket.IO 5, Sending and receiving data"
ACK = "Socket.IO 5, Acknowledgement"
BYTES = "Socket.IO 5, Packet encoding, Binary"
LARGEST = 2**31 - 1
"""The largest id of these cases; clients count from 0."""

Talk = Callable[[Session, Event], Awaitable[None]]
ARGUMENTS: dict[str, list[Any]] = {
    "several arguments": [1, "2", {"3": [True]}],
    "no arguments": [],
    "null": [None],
    "a text that is not ASCII": ["한글 👋 é"],
    "quotes and escapes": ['"\\\n\u2028\u0000'],
    "a record separator": ["a\x1eb"],
    "a nested object": [{"a": {"b": [[], {}, [1.5, -1]]}}],
    "a text of 20,000 bytes": ["x" * 20_000],
}


def with_event(group: str, name: str, clause: str, talk: Talk, *needs: Need) -> Iterator[Case]:
    """A case for each carrier, in the main namespace, with the event that is declared."""
    for carrier, (opening, need) in CARRIERS.items():

        async def play(player: Player, opening: Opening = opening) -> None:
            event = player.site.event
            assert event is not None, "the case needs an event"
            async with opening(player) as session:
                await enter(session)
                await talk(session, event)

        yield steps(group, f"{name}, {carrier}", clause, play, need, Need.EVENT, *needs)


def encoded(kind: str, number: int | None, said: Sequence[Any]) -> str:
    """A packet of Socket.IO in a message of Engine.IO."""
    return f"4{kind}{'' if number is None else number}{msgspec.json.encode(said).decode()}"


async def ask(session: Session, event: Event, number: int, said: Sequence[Any]) -> Packet:
    """Emit the event, and await what answers it; other events may come before."""
    asks = None if event.answer is not None else number
    await session.send(encoded("2", asks, [event.name, *said]))
    return await answer(session, event, number)


async def answer(session: Session, event: Event, number: int) -> Packet:
    """Await the answer to the event."""
    acked = event.answer is None
    beginning = f"43{number}[" if acked else f'42["{event.answer}"'
    expected = f"{beginning}…"
    while True:
        packet = await session.due(expected)
        text = packet.data
        if isinstance(text, str) and (text.startswith(beginning) or (acked and text[:2] == "43")):
            return packet.must_begin(beginning)


def arguments_of(packet: Packet, event: Event) -> list[Any]:
    """What an answer carries."""
    text = str(packet.data)
    at = text.index("[")
    try:
        said = msgspec.json.decode(text[at:], type=list[Any])
    except msgspec.DecodeError:
        raise packet.wrong("an array in JSON", at) from None
    return said if event.answer is None else said[1:]


def echo(said: list[Any]) -> Talk:
    """The answer carries the event's arguments."""

    async def talk(session: Session, event: Event) -> None:
        packet = await ask(session, event, 7, said)
        got = arguments_of(packet, event)
        if got != said:
            text = str(packet.data)
            raise packet.wrong(msgspec.json.encode(said).decode()[:80], text.index("[") + 1)

    return talk


async def answered(session: Session, event: Event) -> None:
    """The event is answered."""
    await ask(session, event, 0, [{}])


async def twice(session: Session, event: Event) -> None:
    """Each of two events has its answer, in order."""
    for number in (1, 2):
        await ask(session, event, number, [{}])


async def several_at_once(session: Session, event: Event) -> None:
    """Events that are sent together are answered in order, each under its id."""
    asks = event.answer is None
    packets = [encoded("2", n if asks else None, [event.name, {}]) for n in range(10)]
    await session.send(*packets)
    for number in range(10):
        await answer(session, event, number)


def acked(number: int) -> Talk:
    """The acknowledgement has the event's id."""

    async def talk(session: Session, event: Event) -> None:
        await ask(session, event, number, [{}])

    return talk


async def without_an_id(session: Session, event: Event) -> None:
    """An event without an id has no acknowledgement: the next one has the next answer."""
    await session.send(encoded("2", None, [event.name, {}]))
    packet = await ask(session, event, 9, [{}])
    packet.must_begin("439[")


def attachments(said: str, *data: bytes) -> Talk:
    """Bytes in the arguments come back as bytes."""

    async def talk(session: Session, event: Event) -> None:
        number = "7" if event.answer is None else ""
        name = msgspec.json.encode(event.name).decode()
        await session.send(f"45{len(data)}-{number}[{name},{said}]", *data)
        kind = "46" if event.answer is None else "45"
        head = (await session.due(f"{kind}{len(data)}-…")).must_begin(f"{kind}{len(data)}-{number}")
        if '"_placeholder":true' not in str(head.data).replace(" ", ""):
            raise head.wrong("a placeholder for each attachment", len(f"{kind}{len(data)}-"))
        for expected in data:
            (await session.due("an attachment")).must_be(expected)

    return talk


def placeholder(number: int) -> str:
    """What stands for an attachment."""
    return f'{{"_placeholder":true,"num":{number}}}'


ONE: tuple[str, tuple[Data, ...]] = (placeholder(0), (b"\x01\x02\x03",))

CASES = (
    *with_event(GROUP, "an event is answered", EVENT, answered),
    *with_event(GROUP, "two events, one after the other", EVENT, twice),
    *with_event(GROUP, "ten events at once", EVENT, several_at_once),
    *(
        case
        for name, said in ARGUMENTS.items()
        for case in with_event(GROUP, f"{name} come back", EVENT, echo(said), Need.ECHO)
    ),
    *(
        case
        for number in (0, 1, 456, LARGEST)
        for case in with_event(ACKS, f"the id {number}", ACK, acked(number), Need.ACK)
    ),
    *with_event(ACKS, "an event without an id", ACK, without_an_id, Need.ACK),
    *with_event(
        BINARY, "an attachment", BYTES, attachments(placeholder(0), b"\x01\x02\x03"), Need.ECHO
    ),
    *with_event(BINARY, "an empty attachment", BYTES, attachments(placeholder(0), b""), Need.ECHO),
    *with_event(
        BINARY,
        "two attachments",
        BYTES,
        attachments(f'{placeholder(0)},"and",{placeholder(1)}', b"\xff\x00", b"4hello"),
        Need.ECHO,
    ),
    *with_event(
        BINARY,
        "an attachment in an object",
        BYTES,
        attachments(f'{{"a":[{placeholder(0)}]}}', bytes(range(256))),
        Need.ECHO,
    ),
)
