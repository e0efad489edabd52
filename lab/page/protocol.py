"""The page's control protocol, version 1: what is asked, answered and pushed, as types. Pure.

One JSON text is one message; docs/page.md has them in a table.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from lab.chat.limits import Limits
from lab.page.race import Race

VERSION = 1
MESSAGE_BYTES_MAX = 4 << 20
"""The largest ask: a race of all wires fits in it many times over."""

Id = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""Chosen by the page; no larger than a whole number in JavaScript."""
Key = Annotated[str, msgspec.Meta(max_length=64)]


class Bend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network as the page sets it. `delay_ms` is one way; `bandwidth_bit_per_s` None: no limit.

    Every connection and direction of a line has the bandwidth for itself.
    """

    delay_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 0
    jitter_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 0
    bandwidth_bit_per_s: Annotated[int, msgspec.Meta(ge=1000, le=10**12)] | None = None


class _Ask(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    id: Id


class OpenLine(_Ask, frozen=True, tag="open"):
    """Ask for a line to a wire's server."""

    wire: Key


class CloseLine(_Ask, frozen=True, tag="close"):
    """End a line, once what is under way has passed."""

    line: Key


class BendLine(_Ask, frozen=True, tag="bend"):
    """Put another network under a line."""

    line: Key
    network: Bend


class StallLine(_Ask, frozen=True, tag="stall"):
    """Carry nothing over a line, or carry on; nothing is lost."""

    line: Key
    on: bool


class CutLine(_Ask, frozen=True, tag="cut"):
    """Break all TCP connections of a line; new ones are accepted."""

    line: Key
    how: Literal["rst", "fin"]


class Inspect(_Ask, frozen=True):
    """Begin to show, or show no longer, what crosses a line."""

    line: Key
    on: bool


class Bytes(_Ask, frozen=True):
    """Ask for the bytes of a record of a line."""

    line: Key
    record: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


class SaveRace(_Ask, frozen=True, tag="save_race"):
    """Keep the outcome of a race as a run in `results/`."""

    race: Race


Ask = OpenLine | CloseLine | BendLine | StallLine | CutLine | Inspect | Bytes | SaveRace

Code = Literal[
    "bad_message",
    "no_wire",
    "unavailable",
    "no_line",
    "too_many_lines",
    "bad_network",
    "forgotten",
    "not_saved",
]
"""Why an ask failed."""


class AskError(ValueError):
    """An ask that can't be fulfilled; `code` for the page, the message for a person."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class WireInfo(msgspec.Struct, frozen=True):
    """A wire as the picker shows it. `websocket`, `polling`: what a Socket.IO server allows.

    `reason`: why it can't be joined, None where it can; `unsafe`: see `Transport.unsafe`.
    """

    name: str
    summary: str
    family: Literal["native", "socketio", "fallback"]
    websocket: bool
    polling: bool
    available: bool
    reason: str | None
    unsafe: str | None
    group: str


class _Told(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    pass


class Hello(_Told, frozen=True):
    """The first message to a page."""

    version: int
    wires: list[WireInfo]
    limits: Limits
    share: bool


class Failed(_Told, frozen=True):
    """An ask was not fulfilled and changed nothing; `id` is null where none could be read."""

    id: int | None
    code: Code
    reason: str


class Connections(msgspec.Struct, frozen=True):
    """TCP connections of a line: accepted so far, and open now."""

    opened: int
    live: int


class Counters(_Told, frozen=True):
    """What has crossed a line so far, in its relay's own count, and what was found in it."""

    line: str
    connections: Connections
    requests: int
    up_bytes: int
    down_bytes: int
    commands: int
    deliveries: int
    undecoded_bytes: int


Kind = Literal["opened", "closed", "fin", "request", "response", "part", "frame", "undecoded"]


class Record(msgspec.Struct, frozen=True):
    """One thing that crossed a line, in a line of text. `meaning`: a line for each packet inside.

    `n` counts the line's records from 1; `at_ms` is since the line was opened.
    """

    n: int
    at_ms: float
    connection: int
    direction: Literal["up", "down", "none"]
    kind: Kind
    title: str
    bytes: int
    meaning: list[str]
    exchange: int | None


class Records(_Told, frozen=True):
    """Records of an inspected line; `skipped` were too many to be shown, and only counted."""

    line: str
    records: list[Record]
    skipped: int


class Row(msgspec.Struct, frozen=True):
    """Up to 16 bytes of a record: where in the stream, in hex, as text, and what begins there."""

    offset: int
    hex: str
    text: str
    meaning: str


class Standing(msgspec.Struct, frozen=True):
    """A member of a room, and the wire that it is on."""

    name: str
    wire: str


class Presence(_Told, frozen=True):
    """Who is in a room, on which wires; empty once the last has gone."""

    room: str
    members: list[Standing]


class Closed(_Told, frozen=True):
    """A line has ended without being asked to."""

    line: str
    reason: str


Told = Hello | Failed | Counters | Records | Presence | Closed

_decoder: msgspec.json.Decoder[Ask] = msgspec.json.Decoder(Ask)
_encoder = msgspec.json.Encoder()


class _Numbered(msgspec.Struct):
    id: Id | None = None


def decode(text: str) -> Ask:
    """Read an ask. Raises AskError `bad_message`, saying what is wrong where."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise AskError("bad_message", f"this is no message of the protocol: {error}") from None


def id_of(text: str) -> int | None:
    """The id of a message that may be none; None where it can't be read."""
    try:
        return msgspec.json.decode(text, type=_Numbered).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def done(ask: Ask, **carried: Any) -> str:
    """The answer to an ask that was fulfilled."""
    return _encoder.encode({"type": "done", "id": ask.id, **carried}).decode()


def encode(told: Told) -> str:
    """One message to the page."""
    return _encoder.encode(told).decode()
