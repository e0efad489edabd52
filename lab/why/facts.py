"""Reads from a capture what bears on the end of its connections."""

from __future__ import annotations

__pure__ = True

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

import msgspec

from lab.decode.frames import payload_of
from lab.decode.rfc6455 import CLOSE, PING, PONG
from lab.decode.tree import (
    Connection,
    Direction,
    EarlyPacket,
    EngineIoPacket,
    FlashPolicy,
    Frame,
    HttpRequest,
    HttpResponse,
    Node,
    SocketIoPacket,
    Trace,
    walk,
)
from lab.relay.capture import ConnectionEvent

SECOND_NS = 1_000_000_000
NO_CODE = 1005
"""A close frame without a code (RFC 6455, section 7.1.5)."""
_SESSION = re.compile(r"/socket\.io/1/[a-z-]+/([^/?]+)|/(?:session|events?|poll|send)/([^/?]+)")


class Close(msgspec.Struct, frozen=True):
    """A protocol's own word that it ends: a close frame with its code, or a packet (code None)."""

    direction: Direction
    at_ns: int
    code: int | None
    reason: str


class Refusal(msgspec.Struct, frozen=True):
    """An HTTP answer of 400 and more, and what its request said."""

    status: int
    target: str
    origin: str | None
    host: str | None
    session: str | None
    body: str
    at_ns: int


class End(msgspec.Struct, frozen=True):
    """The end of one direction of a TCP connection: by FIN, by RST, or not connected at all.

    `direction`: "up" if the client ended, "down" if the server's side did. `carried`: bytes that
    the connection had carried.
    """

    kind: str
    direction: Direction
    at_ns: int
    carried: int


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a capture says of the end of a conversation. Times in seconds.

    `ends`: in order, without those that follow from an earlier one. `silent_s`: without any byte,
    until the first end, or until the capture's. `longest_gap_s`: the longest silence before that.
    `unanswered_s`: since the server's last heartbeat, if nothing came from the client after it.
    `largest_up`, `last_up`: bytes of the client's largest message and of its last one.
    `flood_bytes`: the most that the server sent while the client sent nothing. `reopened`: a later
    connection carried bytes of the server. `open`: nothing has ended or was refused.
    """

    closes: list[Close]
    refusals: list[Refusal]
    ends: list[End]
    refused: bool
    reopened: bool
    silent_s: float
    longest_gap_s: float
    unanswered_s: float | None
    largest_up: int
    last_up: int
    flood_bytes: int
    open: bool

    @property
    def first_end(self) -> End | None:
        """The end from which the others follow."""
        return self.ends[0] if self.ends else None

    def close_by(self, direction: Direction) -> Close | None:
        """The first close of the client ("up") or of the server ("down")."""
        return next((close for close in self.closes if close.direction == direction), None)


def read_facts(trace: Trace, events: Iterable[ConnectionEvent], until_ns: int) -> Facts:
    """Read the facts of one conversation. `until_ns`: when the capture was taken."""
    seen = list(events)
    nodes = list(walk(node for one in trace.connections for node in one.nodes()))
    ends = list(_ends(trace, seen))
    times = sorted(node.last_ns for node in nodes if node.end > node.start)
    closes = sorted(_closes(trace), key=lambda close: close.at_ns)
    refusals = list(_refusals(trace))
    stops = [[one.at_ns for one in found] for found in (ends, closes, refusals)]
    end_ns = min(itertools.chain(*stops), default=until_ns)
    before = [at for at in times if at < end_ns] or times[:1]
    ups = [node for one in trace.connections for node in one.up]
    return Facts(
        closes=closes,
        refusals=refusals,
        ends=ends,
        refused=any(event.kind == "refused" for event in seen),
        reopened=_reopened(trace, end_ns),
        silent_s=(end_ns - before[-1]) / SECOND_NS if before else 0.0,
        longest_gap_s=max((b - a for a, b in itertools.pairwise(before)), default=0) / SECOND_NS,
        unanswered_s=_unanswered_s(nodes, end_ns),
        largest_up=max((node.end - node.start for node in ups), default=0),
        last_up=max(((node.last_ns, node.end - node.start) for node in ups), default=(0, 0))[1],
        flood_bytes=_flood(nodes_of_streams(trace), end_ns),
        open=not ends and not closes and not refusals,
    )


def _closes(trace: Trace) -> Iterator[Close]:
    for one in trace.connections:
        for node in walk(one.nodes()):
            if (close := _close(one, node)) is not None:
                yield close


def _close(one: Connection, node: Node) -> Close | None:
    direction, at_ns = node.direction, node.last_ns
    if isinstance(node, Frame) and node.opcode == CLOSE:
        return Close(direction, at_ns, *_code(payload_of(node, one.bytes_of(direction))))
    if isinstance(node, EngineIoPacket) and node.name == "close":
        return Close(direction, at_ns, None, "Engine.IO packet 1 (close)")
    if isinstance(node, SocketIoPacket | EarlyPacket) and node.name == "disconnect":
        return Close(direction, at_ns, None, "Socket.IO packet disconnect")
    return None


def _code(payload: bytes) -> tuple[int, str]:
    """Code and reason of a close frame (RFC 6455, section 5.5.1)."""
    if len(payload) < 2:
        return NO_CODE, ""
    return int.from_bytes(payload[:2], "big"), payload[2:].decode("utf-8", "replace")


def _refusals(trace: Trace) -> Iterator[Refusal]:
    for one in trace.connections:
        requests = {node.exchange: node for node in one.up if isinstance(node, HttpRequest)}
        for node in one.down:
            if isinstance(node, HttpResponse) and node.status >= 400:
                yield _refusal(node, requests.get(node.exchange), one.down_bytes)


def _refusal(answer: HttpResponse, request: HttpRequest | None, data: bytes) -> Refusal:
    headers = dict(request.headers) if request else {}
    target = request.target if request else ""
    head = answer.segments[0].end if answer.segments else answer.start
    return Refusal(
        status=answer.status,
        target=target,
        origin=headers.get("origin"),
        host=headers.get("host"),
        session=_session(target),
        body=data[head : answer.end].decode("utf-8", "replace")[:200],
        at_ns=answer.last_ns,
    )


def _session(target: str) -> str | None:
    """The session that a request names, in its query or in its path."""
    query = parse_qs(urlsplit(target).query)
    if "sid" in query:
        return query["sid"][0]
    found = _SESSION.search(target)
    return next((part for part in found.groups() if part), None) if found else None


def _ends(trace: Trace, events: Sequence[ConnectionEvent]) -> Iterator[End]:
    """The first end of each connection, but for those that may end: nothing was under way."""
    carried = {one.connection: len(one.up_bytes) + len(one.down_bytes) for one in trace.connections}
    ended = {one.connection for one in trace.connections if _is_policy(one)}
    idle = {one.connection for one in trace.connections if _is_answered(one)}
    for event in events:
        if event.kind in ("fin", "reset") and event.direction and event.connection not in ended:
            ended.add(event.connection)
            if event.kind == "fin" and event.connection in idle:
                continue
            yield End(event.kind, event.direction, event.at_ns, carried.get(event.connection, 0))


def _is_policy(one: Connection) -> bool:
    """Whether a connection only fetched Flash's policy file: its server always ends it."""
    nodes = one.nodes()
    return bool(nodes) and all(isinstance(node, FlashPolicy) for node in nodes)


def _is_answered(one: Connection) -> bool:
    """Whether each request has its whole answer: HTTP ends such a connection when it likes.

    Clients without kept connections, as socket.io-client in Node, end one after each answer (RFC
    9112, section 9.6).
    """
    down = [node for node in one.down if isinstance(node, HttpResponse)]
    answered = {node.exchange for node in down if node.complete and 200 <= node.status < 400}
    return bool(one.up) and all(
        isinstance(node, HttpRequest) and node.complete and node.exchange in answered
        for node in one.up
    )


def _reopened(trace: Trace, end_ns: int) -> bool:
    later = (one for one in trace.connections if (one.opened_ns or 0) > end_ns)
    return any(one.down_bytes for one in later)


def _unanswered_s(nodes: Sequence[Node], end_ns: int) -> float | None:
    """Seconds since the server's last heartbeat, if the client said nothing after it.

    A request with GET says nothing: it asks for what the server has next.
    """
    beats = [node.last_ns for node in nodes if _is_beat(node) and node.last_ns <= end_ns]
    ups = [node.last_ns for node in nodes if node.direction == "up" and _says(node)]
    if not beats or any(max(beats) < at <= end_ns for at in ups):
        return None
    return (end_ns - max(beats)) / SECOND_NS


def _says(node: Node) -> bool:
    return node.end > node.start and not (isinstance(node, HttpRequest) and node.method == "GET")


def _is_beat(node: Node) -> bool:
    if node.direction != "down":
        return False
    if isinstance(node, Frame):
        return node.opcode in (PING, PONG)
    if isinstance(node, EngineIoPacket):
        return node.name == "ping"
    return isinstance(node, EarlyPacket) and node.name == "heartbeat"


def nodes_of_streams(trace: Trace) -> list[Node]:
    """The outermost nodes of all connections, by the time of their last byte."""
    found = [node for one in trace.connections for node in (*one.up, *one.down)]
    return sorted(found, key=lambda node: node.last_ns)


def _flood(nodes: Iterable[Node], end_ns: int) -> int:
    most = flood = 0
    for node in nodes:
        if node.last_ns > end_ns:
            break
        flood = 0 if node.direction == "up" else flood + node.end - node.start
        most = max(most, flood)
    return most
