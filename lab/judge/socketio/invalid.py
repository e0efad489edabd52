"""Packets that are none of Socket.IO 5, in valid packets of Engine.IO.

The document says what a packet is; what a server does about another one it says of the first packet
only. The reference server closes the connection. To ignore one is not strict: a client that awaits
an answer would wait for ever.
"""

from __future__ import annotations

from lab.judge.engineio.session import Data, Session
from lab.judge.socketio.entering import Dialogue, enter, on_both

GROUP = "socketio/invalid packets"
FIRST = "socketio/invalid first packets"
ENCODING = "Socket.IO 5, Packet encoding"

INVALID: dict[str, tuple[Data, ...]] = {
    "an empty message": ("4",),
    "an event of nothing": ("42",),
    "an empty array": ("42[]",),
    "an object for an array": ("42{}",),
    "a text for an array": ('42"lab"',),
    "half an array": ('42["lab"',),
    "an id that is none": ('42abc["lab",1]',),
    "a kind that there is not": ("49",),
    "a text for a kind": ("4abc",),
    "an object": ('4{"type":"rooms"}',),
    "null": ("4null",),
    "an acknowledgement of nothing": ("43",),
    "half an acknowledgement": ("437[",),
    "a binary event of nothing": ("45-",),
    "attachments of nothing": ("451-", b"\0"),
    "attachments without a number": ("45-7[]", b"\0"),
    "a server's refusal": ('44{"message":"no"}',),
    "bytes without an event": (b'2["lab",{}]',),
    "no bytes without an event": (b"",),
    "two arrays": ('42["lab",{}]["lab",{}]',),
    "a text where bytes are due": ('451-["lab",{"_placeholder":true,"num":0}]', '42["lab"]'),
}


def ended(*packets: Data) -> Dialogue:
    """A client of the main namespace sends these: the session ends."""

    async def dialogue(session: Session) -> None:
        await enter(session)
        if await session.send(*packets):
            await session.must_end(f"{packets[0]!r} is no packet")

    return dialogue


def ended_at_first(packet: str) -> Dialogue:
    """A client sends this instead of a connect packet: the session ends."""

    async def dialogue(session: Session) -> None:
        if await session.send(packet):
            await session.must_end(f"{packet!r} is no connect packet")

    return dialogue


CASES = (
    *(
        case
        for name, packet in {"no packet": "4abc", "no array": "42{}"}.items()
        for case in on_both(FIRST, name, ENCODING, ended_at_first(packet))
    ),
    *(
        case
        for name, packets in INVALID.items()
        for case in on_both(GROUP, name, ENCODING, ended(*packets), lenient=True)
    ),
)
