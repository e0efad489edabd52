"""The page's control protocol, version 1: requests, answers and reports, as types.

One JSON text is one message; docs/page.md has them in a table.
"""

from __future__ import annotations

__pure__ = True

from typing import Annotated, Any, Literal

import msgspec

from lab.chat.limits import Limits
from lab.ledger.live import Account
from lab.page.race import Race

VERSION = 1
MESSAGE_BYTES_MAX = 4 << 20
"""The largest request: a race of all transports fits in it many times over."""

Id = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""Chosen by the page; no larger than a whole number in JavaScript."""
Key = Annotated[str, msgspec.Meta(max_length=64)]


class EmulatedNetwork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network as the page sets it. `delay_ms` is one way; `bandwidth_bit_per_s` None: no limit.

    Every connection and direction of a link has the bandwidth for itself.
    """

    delay_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 0
    jitter_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 0
    bandwidth_bit_per_s: Annotated[int, msgspec.Meta(ge=1000, le=10**12)] | None = None


class _Request(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    id: Id


class OpenLink(_Request, frozen=True, tag="open"):
    """Open a link to a transport's server."""

    transport: Key


class CloseLink(_Request, frozen=True, tag="close"):
    """End a link, once what is under way has passed."""

    line: Key


class EmulateNetwork(_Request, frozen=True, tag="emulate"):
    """Emulate another network on a link."""

    line: Key
    network: EmulatedNetwork


class StallLink(_Request, frozen=True, tag="stall"):
    """Carry nothing over a link, or go on; nothing is lost."""

    line: Key
    on: bool


class CutLink(_Request, frozen=True, tag="cut"):
    """Break all TCP connections of a link; new ones are accepted."""

    line: Key
    how: Literal["rst", "fin"]


class Inspect(_Request, frozen=True):
    """Begin to show, or show no longer, what crosses a link."""

    line: Key
    on: bool


class ReadClock(_Request, frozen=True, tag="clock"):
    """Say what time it is on the clock of a link's records."""

    line: Key


class ShowBytes(_Request, frozen=True, tag="bytes"):
    """Show the bytes of a record of a link."""

    line: Key
    record: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


class ExportLink(_Request, frozen=True, tag="export"):
    """Give the bytes of a link as a file: a capture for `lab why`, or an HTTP Archive."""

    line: Key
    form: Literal["capture", "har"]


class SaveRace(_Request, frozen=True, tag="save_race"):
    """Keep the outcome of a race as a run in `results/`."""

    race: Race


PageRequest = (
    OpenLink
    | CloseLink
    | EmulateNetwork
    | StallLink
    | CutLink
    | Inspect
    | ReadClock
    | ShowBytes
    | ExportLink
    | SaveRace
)

Code = Literal[
    "bad_message",
    "no_transport",
    "unavailable",
    "no_line",
    "too_many_lines",
    "bad_network",
    "forgotten",
    "not_saved",
]
"""Why a request failed."""


class RequestError(ValueError):
    """A request that can't be carried out; `code` for the page, the message for a person."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class TransportInfo(msgspec.Struct, frozen=True):
    """A transport as the picker shows it. `websocket`, `polling`: what a Socket.IO server allows.

    `reason`: why it can't be joined, None where it can; `unsafe`: see `Transport.unsafe`.
    `own_rooms`: its server is a program of its own, and nobody else is in its rooms.
    `webtransport`: its client is the browser's WebTransport. `http2`: a session is made of streams
    of HTTP/2, which browsers speak over TLS only. `relayed`: a link has a relay, which
    shows what crosses it and emulates a network; the views that need one leave out the others.
    `msgpack`: Socket.IO's packets are msgpack, for which its client is given another parser.
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
    own_rooms: bool = False
    webtransport: bool = False
    http2: bool = False
    relayed: bool = True
    msgpack: bool = False


class _Message(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    pass


class Hello(_Message, frozen=True):
    """The first message to a page."""

    version: int
    transports: list[TransportInfo]
    limits: Limits
    share: bool


class Failed(_Message, frozen=True):
    """A request was not carried out and changed nothing; `id` is null where none could be read."""

    id: int | None
    code: Code
    reason: str


class Connections(msgspec.Struct, frozen=True):
    """TCP connections of a link: accepted so far, and open now."""

    opened: int
    live: int


class Counters(_Message, frozen=True):
    """What has crossed a link so far, in its relay's own count, and what was found in it."""

    line: str
    connections: Connections
    requests: int
    up_bytes: int
    down_bytes: int
    commands: int
    deliveries: int
    undecoded_bytes: int


Kind = Literal[
    "opened", "closed", "fin", "request", "response", "part", "frame", "tls", "undecoded"
]


MeaningKind = Literal[
    "command",
    "reply",
    "event",
    "engineio",
    "socketio",
    "early",
    "frame",
    "request",
    "response",
    "tls",
    "policy",
    "bytes",
    "undecoded",
    "tcp",
    "more",
]
"""Whose word a meaning's name is: the room's, a protocol's, or what the lab calls it."""


class Meaning(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a packet, or a message without one, says: for a page to put into words.

    `values` are the parts of it that are the user's or the protocol's own: a room, a text, a code.
    """

    kind: MeaningKind
    name: str
    values: dict[str, str | int] = {}


class Record(msgspec.Struct, frozen=True):
    """One thing that crossed a link, in a line of text. `meaning`: a line for each packet inside.

    `says` has the same in fields, and of a message without a packet what it is for.

    `n` counts the link's records from 1; `at_ms` is since the link was opened. `http`, `framing`
    and `payload` are its bytes by label (see `lab.decode.tree.Label`), and `tls` what TLS adds.
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
    http: int = 0
    framing: int = 0
    payload: int = 0
    tls: int = 0
    says: list[Meaning] = []


class Records(_Message, frozen=True):
    """Records of an inspected link; `skipped` were too many to be shown, and only counted.

    `passed`: the numbers of records whose last byte has left the link by now, and when, in ms.
    """

    line: str
    records: list[Record]
    skipped: int
    passed: list[tuple[int, float]]


class LedgerNews(_Message, frozen=True, tag="ledger"):
    """What an inspected link has cost so far: see `lab.ledger.live`."""

    line: str
    account: Account


class Row(msgspec.Struct, frozen=True):
    """Up to 16 bytes of a record: where in the stream, in hex, as text, and what begins there."""

    offset: int
    hex: str
    text: str
    meaning: str


class FrameBits(msgspec.Struct, frozen=True):
    """The header of a WebSocket frame (RFC 6455 section 5.2). `rsv`: its three bits.

    `name`: of the opcode, "" of a reserved one. `length_bits`: in how many bits the length is.
    `mask`: in hex.
    """

    fin: bool
    rsv: str
    opcode: int
    name: str
    masked: bool
    length: int
    length_bits: int
    mask: str


class Detail(msgspec.Struct, frozen=True):
    """What is inside a record. `json`: the texts of the JSON values that it carries."""

    rows: list[Row]
    headers: list[tuple[str, str]]
    frame: FrameBits | None
    json: list[str]


class PresentMember(msgspec.Struct, frozen=True):
    """A member of a room, and the transport that it is on."""

    name: str
    transport: str


class Presence(_Message, frozen=True):
    """Who is in a room, on which transports; empty once the last has gone."""

    room: str
    members: list[PresentMember]


class Closed(_Message, frozen=True):
    """A link has ended without a request."""

    line: str
    reason: str


ServerMessage = Hello | Failed | Counters | Records | LedgerNews | Presence | Closed

_decoder: msgspec.json.Decoder[PageRequest] = msgspec.json.Decoder(PageRequest)
_encoder = msgspec.json.Encoder()


class _Numbered(msgspec.Struct):
    id: Id | None = None


def decode(text: str) -> PageRequest:
    """Read a request. Raises RequestError `bad_message`, with what is wrong where."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RequestError("bad_message", f"this is no message of the protocol: {error}") from None


def id_of(text: str) -> int | None:
    """The id of a message that may be none; None where it can't be read."""
    try:
        return msgspec.json.decode(text, type=_Numbered).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def done(request: PageRequest, **carried: Any) -> str:
    """The answer to a request that was carried out."""
    return _encoder.encode({"type": "done", "id": request.id, **carried}).decode()


def encode(message: ServerMessage) -> str:
    """One message to the page."""
    return _encoder.encode(message).decode()
