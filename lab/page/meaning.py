"""What a record says, in fields that a page puts into the words of a language."""

from __future__ import annotations

__pure__ = True

from typing import Any

from lab.decode.chat_json import printable, read_json
from lab.decode.fallbacks.target import target_of
from lab.decode.live import FoundNode
from lab.decode.messages import query_of
from lab.decode.packed import read_packed
from lab.decode.rfc6455 import CLOSE, NAMES
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    EarlyPacket,
    EngineIoPacket,
    FlashPolicy,
    Frame,
    Http2Frame,
    HttpRequest,
    HttpResponse,
    Incomplete,
    Node,
    SocketIoPacket,
    Text,
    TlsRecord,
    Undecodable,
    leaves,
)
from lab.ledger.show import cleared
from lab.page.protocol import Meaning, MeaningKind

MEANINGS_MAX = 20
TEXT_CHARS = 120

STREAMS = ("sse", "http-stream", "htmlfile", "xhr-multipart")
"""The fallbacks whose GET is answered by a response that stays open."""
FIELDS = {"room": "room", "name": "who", "text": "text", "code": "code", "seq": "seq", "why": "why"}
"""Of the chat's JSON: field -> what a meaning calls it."""
LISTS = ("members", "events", "rooms")
KINDS: dict[type[Node], MeaningKind] = {
    EngineIoPacket: "engineio",
    SocketIoPacket: "socketio",
    EarlyPacket: "early",
    FlashPolicy: "policy",
    Undecodable: "undecoded",
    Incomplete: "undecoded",
}


def clear_of(found: FoundNode) -> bytes:
    """What was found, without its mask. Only frames are masked: there is no copy of other bytes."""
    if isinstance(found.node, Frame):
        return cleared(found.data, (found.node,))
    return found.data


def meanings_of(found: FoundNode, clear: bytes) -> list[Meaning]:
    """A meaning for each packet inside; of a message without one, what it is for."""
    said = [
        packet_meaning(node, clear) for node in leaves((found.node,)) if not isinstance(node, Text)
    ]
    packets = [each for each in said if each is not None]
    if not packets:
        return [_outer(found.node, clear)]
    if len(packets) > MEANINGS_MAX:
        left = len(packets) - MEANINGS_MAX
        packets[MEANINGS_MAX:] = [Meaning("more", "more", {"n": left})]
    return packets


def packet_meaning(node: Node, clear: bytes) -> Meaning | None:
    """What a packet says; None of what is no packet."""
    if isinstance(node, ChatCommand | ChatEvent):
        kind: MeaningKind = "command" if isinstance(node, ChatCommand) else "event"
        kind = "reply" if isinstance(node, ChatEvent) and node.reply else kind
        return Meaning(kind, node.name, _said(fields_of(node, clear)))
    if isinstance(node, Undecodable | Incomplete):
        return Meaning("undecoded", "undecoded", {"reason": node.reason})
    for of, kind in KINDS.items():
        if isinstance(node, of):
            return Meaning(kind, getattr(node, "name", kind), _data(getattr(node, "data", None)))
    return None


def fields_of(node: Node, clear: bytes) -> dict[str, Any]:
    """The object that a command or event carries, where it can be read in the clear."""
    text = text_of(node, clear)
    valid, value = read_json(text)
    if not valid:
        _, value = read_packed(text)
    if isinstance(value, list):
        value = next((each for each in value if isinstance(each, dict)), {})
    return value if isinstance(value, dict) else {}


def text_of(node: Node, clear: bytes) -> bytes:
    """The text that a node owns, its escapes left out; b"" where it came compressed."""
    if node.whole:
        return b""
    own = (segment for segment in node.segments if segment.layer != "escape")
    return b"".join(clear[segment.start : segment.end] for segment in own)


def _said(fields: dict[str, Any]) -> dict[str, str | int]:
    values: dict[str, str | int] = {
        FIELDS[key]: value if type(value) is int else printable(str(value), TEXT_CHARS)
        for key, value in fields.items()
        if key in FIELDS
    }
    counted = next((fields[key] for key in LISTS if isinstance(fields.get(key), list)), None)
    return values if counted is None else {**values, "n": len(counted)}


def _data(data: Any) -> dict[str, str | int]:
    """Of what a packet of Engine.IO or Socket.IO carries: the text of a probe, a session."""
    if isinstance(data, str) and data:
        return {"text": printable(data, TEXT_CHARS)}
    return {"sid": printable(str(data["sid"]))} if isinstance(data, dict) and "sid" in data else {}


def _outer(node: Node, clear: bytes) -> Meaning:
    """What a message without a packet is for."""
    if isinstance(node, HttpRequest):
        return Meaning("request", _purpose(node), {"method": node.method})
    if isinstance(node, HttpResponse):
        return Meaning("response", _outcome(node.status), {"status": node.status})
    if isinstance(node, Frame):
        return _frame(node, clear)
    if isinstance(node, Http2Frame):
        return Meaning("frame", "http2", {"reason": printable(node.summary, TEXT_CHARS)})
    if isinstance(node, TlsRecord):
        return Meaning("tls", "tls", {"reason": node.summary})
    return Meaning("bytes", "bytes", {"n": node.end - node.start})


def _purpose(request: HttpRequest) -> str:
    """What a request is for, as far as its head says so."""
    if request.method == "OPTIONS":
        return "preflight"
    if any(name == "upgrade" for name, _ in request.headers):
        return "upgrade"
    fallback, query = target_of(request.target), query_of(request.target)
    if fallback is None and "EIO" not in query:
        return "other"
    if request.method != "GET":
        return "post"
    if fallback is not None:
        streams = fallback.transport in STREAMS
        return ("stream" if streams else "poll") if fallback.session else "open"
    return "poll" if "sid" in query else "open"


def _outcome(status: int) -> str:
    if status == 101:  # Switching Protocols (RFC 9110 section 15.2.2)
        return "switched"
    return "ok" if status < 400 else "error"


def _frame(frame: Frame, clear: bytes) -> Meaning:
    name = NAMES.get(frame.opcode, "other")
    if frame.opcode < CLOSE and (not frame.fin or name == "continuation"):
        return Meaning("frame", "fragment", {"n": frame.payload_bytes})
    payload = b"".join(clear[start:end] for start, end in frame.payload)
    if frame.opcode == CLOSE and len(payload) > 1:
        code, reason = int.from_bytes(payload[:2], "big"), payload[2:].decode(errors="replace")
        return Meaning("frame", name, {"code": code, "reason": printable(reason, TEXT_CHARS)})
    return Meaning("frame", name, {"n": frame.payload_bytes})
