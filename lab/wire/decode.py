"""Beside the wire: from tapped bytes to a tree per connection. Pure; no input makes it raise.

    trace = decode(chunks, events)  # what the relay handed to its `tap` and its `watch`

HTTP/1.1 messages by h11; an exchange that ends in 101 turns the rest of the connection into
WebSocket frames; a target with `EIO=` in its query carries Engine.IO, in frames or in bodies, one
below `/socket.io/1/` a fallback's format. A connection may also be there for Flash's policy alone.
Each direction is decoded as one stream, so how the bytes were cut into chunks changes nothing but
the times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol

import h11

from lab.wire.fallbacks.policy import NOTHING_MORE, read_policy
from lab.wire.frames import FrameReader, deflate_of
from lab.wire.http1 import Message, read_request, read_response
from lab.wire.messages import (
    Purpose,
    http_nodes,
    is_websocket,
    purpose_of,
    read_message,
    rest,
    switched_to,
)
from lab.wire.tree import Connection, Direction, Node, Trace
from lab.wire.view import Stream

TUNNEL = "a tunnel begins here (RFC 9110 section 9.3.6)"


class TappedChunk(Protocol):
    """Bytes as they passed: `direction` is "up" or "down", `at_ns` is in nanoseconds."""

    @property
    def connection(self) -> int: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def at_ns(self) -> int: ...
    @property
    def data(self) -> bytes: ...


class LineEvent(Protocol):
    """What happened to a connection; of interest are the kinds "opened", "closed" and "fin"."""

    @property
    def connection(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def at_ns(self) -> int: ...
    @property
    def direction(self) -> str | None: ...


def decode(chunks: Iterable[TappedChunk], events: Iterable[LineEvent] = ()) -> Trace:
    """Decode what was tapped; `chunks` of one connection and direction in the order they came.

    Without `events`, connections count as still open where the bytes end.
    """
    tapped: dict[int, list[TappedChunk]] = {}
    for chunk in chunks:
        tapped.setdefault(chunk.connection, []).append(chunk)
    seen: dict[int, list[LineEvent]] = {}
    for event in events:
        seen.setdefault(event.connection, []).append(event)
    every = sorted(tapped.keys() | seen.keys())
    return Trace(tuple(_connection(n, tapped.get(n, []), seen.get(n, [])) for n in every))


def _connection(number: int, chunks: list[TappedChunk], events: list[LineEvent]) -> Connection:
    times = {event.kind: event.at_ns for event in events}
    dialogue = _Dialogue(_stream("up", chunks, events), _stream("down", chunks, events))
    return Connection(
        connection=number,
        opened_ns=times.get("opened"),
        closed_ns=times.get("closed"),
        up=tuple(dialogue.nodes["up"]),
        down=tuple(dialogue.nodes["down"]),
        up_bytes=dialogue.streams["up"].data,
        down_bytes=dialogue.streams["down"].data,
    )


def _stream(
    direction: Direction, chunks: Sequence[TappedChunk], events: Sequence[LineEvent]
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
        """What a connection for Flash's policy carries; nothing of any other."""
        for node in read_policy(self.streams["up"], self.streams["down"]):
            self.nodes[node.direction].append(node)
            self._at[node.direction] = node.end
        if self.nodes["up"]:
            self._abandon(NOTHING_MORE)

    def _left(self, direction: Direction) -> bool:
        return self._at[direction] < len(self.streams[direction].data)

    def _exchange(self, number: int) -> None:
        request, purpose = self._request(number)
        while self._left("down"):
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
        if not self._left("up"):
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
        protocol, extensions = switched_to(response)
        if not is_websocket(protocol):
            self._abandon(f"the connection was upgraded to {protocol!r}")
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
