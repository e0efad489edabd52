"""One page of bytes for each protocol, made by the lab's own encoders and read by its decoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from lab.chat import events
from lab.decode.frames import FrameReader
from lab.decode.messages import read_message
from lab.decode.packets import read_payload
from lab.decode.tree import Direction, Node
from lab.decode.view import Stream, View
from lab.judge.websocket import build
from transports._codec import frames
from transports._tuned.engineio import packets

MASK = bytes.fromhex("37fa213d")
"""The mask of RFC 6455's own example (section 5.7)."""
UP: Direction = "up"
DOWN: Direction = "down"
SAID = events.Said(0, "lab", 7, 1_767_268_800_000)
MESSAGE = events.Message("lab", 7, "ada", "hello", 1_767_268_800_000)


class Example(NamedTuple):
    """Bytes and what they are for. `direction`: who sends them: up is the client."""

    purpose: str
    clause: str
    direction: Direction
    data: bytes


def frame_examples() -> list[Example]:
    """WebSocket frames (RFC 6455, section 5)."""

    def up(opcode: int, payload: bytes, first: int = 0x80) -> bytes:
        return build.frame(opcode, payload, first=first, mask=MASK)

    return [
        Example("a text", "5.6", DOWN, frames.frame(frames.TEXT, b"Hello")),
        Example("the same from a client: masked", "5.3", UP, up(frames.TEXT, b"Hello")),
        Example("binary data", "5.6", DOWN, frames.frame(frames.BINARY, b"\x00\x01\xff")),
        Example("first fragment", "5.4", UP, up(frames.TEXT, b"Hel", first=0)),
        Example("last fragment", "5.4", UP, up(frames.CONTINUATION, b"lo")),
        Example("ping", "5.5.2", DOWN, frames.frame(frames.PING, b"Hello")),
        Example("pong, with the ping's data", "5.5.3", UP, up(frames.PONG, b"Hello")),
        Example("close 1000", "7.4.1", DOWN, frames.close_frame(frames.NORMAL)),
        Example(
            "close with a reason", "5.5.1", DOWN, frames.close_frame(frames.TOO_BIG, "too big")
        ),
        Example("close without a code", "7.1.5", DOWN, frames.close_frame(frames.NO_CODE)),
    ]


def length_examples() -> list[Example]:
    """The three forms of a length (RFC 6455, section 5.2); only the beginning is shown."""
    return [
        Example(f"{size:,} B", "5.2", DOWN, frames.frame(frames.BINARY, bytes(size)))
        for size in (125, 126, 65_535, 65_536)
    ]


def engine_io_examples() -> list[Example]:
    """Packets of Engine.IO 4 in their text form."""
    first = packets.open_packet(
        "lv_VI97", upgrades=["websocket"], interval_s=25, timeout_s=20, most_bytes=1_000_000
    )

    def one(kind: int) -> bytes:
        return bytes([kind])

    return [
        Example("open: the session and its settings", "Handshake", DOWN, first),
        Example("ping", "Heartbeat", DOWN, one(packets.PING)),
        Example("pong", "Heartbeat", UP, one(packets.PONG)),
        Example("message", "Protocol", DOWN, one(packets.MESSAGE) + b'2["hi"]'),
        Example("probe of a new WebSocket", "Upgrade", UP, packets.PROBE),
        Example("answer to the probe", "Upgrade", DOWN, packets.PROBED),
        Example("upgrade", "Upgrade", UP, one(packets.UPGRADE)),
        Example("noop: ends the open poll", "Upgrade", DOWN, one(packets.NOOP)),
        Example("close", "Protocol", UP, one(packets.CLOSE)),
        Example(
            "two packets in one body, with 0x1e between",
            "HTTP long-polling",
            DOWN,
            packets.SEPARATOR.join([one(packets.PING), one(packets.MESSAGE) + b'2["hi"]']),
        ),
        Example("binary in a body: base64", "Packet encoding", DOWN, one(packets.BINARY) + b"AAH/"),
    ]


def socket_io_examples() -> list[Example]:
    """Packets of Socket.IO 5, each inside an Engine.IO message (`4`)."""
    return [
        Example("connect to the main namespace", "Connection to a namespace", UP, b"40"),
        Example("connect with credentials", "Connection to a namespace", UP, b'40{"token":"123"}'),
        Example("connected", "Connection to a namespace", DOWN, packets.connected("oSO0OpakMV_3")),
        Example("refused", "Connection to a namespace", DOWN, packets.no_namespace(b"/admin")),
        Example("event", "Sending and receiving data", DOWN, packets.event(MESSAGE)),
        Example(
            "event that asks for an acknowledgement",
            "Acknowledgement",
            UP,
            b'4212["say",{"room":"lab","text":"hello"}]',
        ),
        Example("acknowledgement 12", "Acknowledgement", DOWN, packets.acknowledgement(12, SAID)),
        Example("event in a namespace", "Packet encoding", UP, b'42/admin,["list"]'),
        Example("disconnect from a namespace", "Disconnection", UP, b"41/admin,"),
        Example(
            "event with one binary attachment",
            "Packet encoding",
            UP,
            b'451-["photo",{"_placeholder":true,"num":0}]',
        ),
    ]


def frame_nodes(examples: Iterable[Example]) -> list[list[Node]]:
    """What the decoder reads in frames; the examples of a direction follow each other."""
    return [list(_frame_reader(one).nodes(0)) for one in examples]


def _frame_reader(one: Example) -> FrameReader:
    stream = Stream(one.direction, [(0, one.data)], closed=True)
    return FrameReader(
        stream, 0, None, lambda view, text: read_message(view, text, engine_io=False)
    )


def packet_nodes(one: Example) -> tuple[Node, ...]:
    """What the decoder reads in the body of an Engine.IO request or response."""
    stream = Stream(one.direction, [(0, one.data)], closed=True)
    return read_payload(View(stream, ((0, len(one.data)),), one.data)).children


def websocket() -> str:
    """The table of frames."""
    return _table(frame_examples(), "RFC 6455", lambda one: f"`{one.data.hex(' ')}`")


def lengths() -> str:
    """The table of lengths."""
    lines = ["| payload | the frame begins | header |", "|---|---|---:|"]
    for one in length_examples():
        header = frames.frame(frames.BINARY, bytes(0))[:1] + one.data[1:10]
        size = {126: 4, 127: 10}.get(one.data[1], 2)
        lines.append(f"| {one.purpose} | `{header[:size].hex(' ')}` | {size} B |")
    return "\n".join(lines) + "\n"


def engine_io() -> str:
    """The table of Engine.IO's packets."""
    return _table(engine_io_examples(), "section", _as_text)


def socket_io() -> str:
    """The table of Socket.IO's packets."""
    return _table(socket_io_examples(), "section", _as_text)


def _table(examples: list[Example], clause: str, shown: Callable[[Example], str]) -> str:
    lines = [f"| what | sent by | bytes | {clause} |", "|---|---|---|---|"]
    for one in examples:
        sender = "client" if one.direction == UP else "server"
        lines.append(f"| {one.purpose} | {sender} | {shown(one)} | {one.clause} |")
    return "\n".join(lines) + "\n"


def _as_text(one: Example) -> str:
    text = one.data.decode().replace("\x1e", "␞").replace("|", "\\|")
    return f"`{text}`"
