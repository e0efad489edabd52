"""Decode captured bytes into a tree per connection. No input makes it raise.

    trace = decode(chunks, events)  # what the relay handed to its `tap` and its `watch`

h11 parses the HTTP/1.1 messages. After an exchange that ends in 101, the rest of the connection is
WebSocket frames. A target with `EIO=` in its query carries Engine.IO, in frames or in bodies. A
target below `/socket.io/1/` carries a fallback's format. A connection may also carry nothing but
Flash's policy, or begin with the preface of HTTP/2: `lab.decode.live.http2` reads it. Each
direction is decoded as one stream, so how the bytes were cut into chunks changes nothing but the
times.
"""

from __future__ import annotations

__pure__ = True

import sys
from collections.abc import Iterable, Sequence
from functools import partial
from operator import attrgetter

import h11

from lab.decode.fallbacks.policy import NOTHING_MORE, read_policy
from lab.decode.frames import FrameReader, deflate_of
from lab.decode.http1 import Message, after_empty_lines, read_request, read_response
from lab.decode.http2.frames import PREFACE
from lab.decode.live.http2 import Http2
from lab.decode.live.window import Window
from lab.decode.messages import (
    TUNNEL,
    Purpose,
    empty_lines,
    http_nodes,
    is_websocket,
    purpose_of,
    read_message,
    rest,
    switched_to,
)
from lab.decode.tapped import ConnectionEvent, TappedChunk
from lab.decode.tree import Connection, Direction, Node, Trace, shifted
from lab.decode.view import Stream


def decode(chunks: Iterable[TappedChunk], events: Iterable[ConnectionEvent] = ()) -> Trace:
    """Decode captured bytes; `chunks` of one connection and direction in the order they came.

    Without `events`, a connection counts as still open where its bytes end.
    """
    tapped: dict[int, list[TappedChunk]] = {}
    for chunk in chunks:
        tapped.setdefault(chunk.connection, []).append(chunk)
    seen: dict[int, list[ConnectionEvent]] = {}
    for event in events:
        seen.setdefault(event.connection, []).append(event)
    every = sorted(tapped.keys() | seen.keys())
    return Trace(tuple(_connection(n, tapped.get(n, []), seen.get(n, [])) for n in every))


def _connection(
    number: int, chunks: list[TappedChunk], events: list[ConnectionEvent]
) -> Connection:
    times = {event.kind: event.at_ns for event in events}
    up, down = _stream("up", chunks, events), _stream("down", chunks, events)
    nodes = _http2(number, chunks) if up.data.startswith(PREFACE) else _Dialogue(up, down).nodes
    return Connection(
        connection=number,
        opened_ns=times.get("opened"),
        closed_ns=times.get("closed"),
        up=tuple(nodes["up"]),
        down=tuple(nodes["down"]),
        up_bytes=up.data,
        down_bytes=down.data,
    )


def _http2(number: int, chunks: list[TappedChunk]) -> dict[Direction, list[Node]]:
    """The nodes of a connection of HTTP/2: one direction after the other, whole."""
    windows: dict[Direction, Window] = {"up": Window("up"), "down": Window("down")}
    for chunk in chunks:
        windows[chunk.direction].add(chunk.at_ns, chunk.data)
    reader = Http2(number, windows)
    reader.most_bytes = sys.maxsize  # all of it is here already
    for window in windows.values():
        window.ended = True
    nodes = [shifted(found.node, found.base) for found in reader.read()]
    nodes.sort(key=attrgetter("start", "end"))
    return {way: [node for node in nodes if node.direction == way] for way in windows}


def _stream(
    direction: Direction, chunks: Sequence[TappedChunk], events: Sequence[ConnectionEvent]
) -> Stream:
    ends = [e for e in events if e.kind == "closed" or (e.kind, e.direction) == ("fin", direction)]
    mine = [(chunk.at_ns, chunk.data) for chunk in chunks if chunk.direction == direction]
    return Stream(direction, mine, bool(ends))


class _Dialogue:
    """Reads a connection exchange by exchange: the nth response answers the nth request."""

    def __init__(self, up: Stream, down: Stream) -> None:
        self.streams: dict[Direction, Stream] = {"up": up, "down": down}
        self.nodes: dict[Direction, list[Node]] = {"up": [], "down": []}
        self._at: dict[Direction, int] = {"up": 0, "down": 0}
        self._policy()
        exchange = 0
        while self._left("up") or self._left("down"):
            self._exchange(exchange)
            exchange += 1

    def _policy(self) -> None:
        """Read what a connection for Flash's policy carries; leave any other alone."""
        for node in read_policy(self.streams["up"], self.streams["down"]):
            self.nodes[node.direction].append(node)
            self._at[node.direction] = node.end
        if self.nodes["up"]:
            self._abandon(NOTHING_MORE)

    def _left(self, direction: Direction) -> bool:
        return self._at[direction] < len(self.streams[direction].data)

    def _begins(self, direction: Direction) -> bool:
        """Whether a message begins, after whatever empty lines there are before it."""
        stream, at = self.streams[direction], self._at[direction]
        end = after_empty_lines(stream.data, at)
        if end > at:
            self.nodes[direction].append(empty_lines(stream, at, end))
            self._at[direction] = end
        return self._left(direction)

    def _exchange(self, number: int) -> None:
        request, purpose = self._request(number)
        while self._begins("down"):
            message = read_response(self.streams["down"], self._at["down"], request)
            self._add("down", message, number, purpose)
            head = message.head
            if isinstance(head, h11.Response):
                if purpose.method == "CONNECT" and head.status_code < 300:
                    self._abandon(TUNNEL)
                return
            if isinstance(head, h11.InformationalResponse) and head.status_code == 101:
                self._switch(head, number, purpose)
                return

    def _request(self, number: int) -> tuple[h11.Request | None, Purpose]:
        if not self._begins("up"):
            return None, Purpose()
        message = read_request(self.streams["up"], self._at["up"])
        request = message.head if isinstance(message.head, h11.Request) else None
        purpose = purpose_of(request) if request else Purpose()
        self._add("up", message, number, purpose)
        return request, purpose

    def _add(self, direction: Direction, message: Message, number: int, purpose: Purpose) -> None:
        stream = self.streams[direction]
        self.nodes[direction] += http_nodes(stream, message, number, purpose)
        self._at[direction] = message.end if message.complete else len(stream.data)

    def _switch(self, response: h11.InformationalResponse, number: int, purpose: Purpose) -> None:
        """101: the rest of the connection speaks another protocol (RFC 9110 section 15.2.2)."""
        protocols, extensions = switched_to(response)
        if not is_websocket(protocols):
            self._abandon(f"the connection was upgraded to {', '.join(protocols)!r}")
            return
        read = partial(read_message, engine_io=purpose.engine_io)
        for direction, stream in self.streams.items():
            deflate = deflate_of(extensions, direction)
            reader = FrameReader(stream, number, deflate, read)
            self.nodes[direction] += reader.nodes(self._at[direction])
            self._at[direction] = len(stream.data)

    def _abandon(self, reason: str) -> None:
        for direction, stream in self.streams.items():
            if self._left(direction):
                self.nodes[direction].append(rest(stream, self._at[direction], reason))
            self._at[direction] = len(stream.data)
