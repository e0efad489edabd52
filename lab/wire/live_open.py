"""Beside the wire: a response that stays open, whose writes the live decoder reads as they come.

Each is read as soon as it is whole, and its bytes are dropped: it may stay open for hours. Pure.
"""

from __future__ import annotations

from lab.wire.fallbacks.parts import Splitter
from lab.wire.fallbacks.streams import Format
from lab.wire.live_window import Incoming
from lab.wire.messages import Purpose, message_node, rest
from lab.wire.tree import Node
from lab.wire.view import Stream

ENDING_BYTES_MAX = 16
"""What a write ends with is no longer than that, and may come in pieces."""


class OpenResponse:
    """From its head to its end. The nodes that it gives are placed in the stream beside them."""

    def __init__(self, incoming: Incoming, exchange: int, purpose: Purpose, form: Format) -> None:
        self._incoming = incoming
        self._exchange = exchange
        self._purpose = purpose
        self._form = form
        self._text = bytearray()
        self._collected = 0
        """Up to where in the message its text has been collected."""
        self._searched = 0
        self._head_told = False
        self._lost = False
        """What has come is no write and never will be one: the rest can be read by nobody."""

    def read(self) -> tuple[Stream, list[Node]] | None:
        """What has come whole; None where nothing has."""
        self._collect()
        start = max(0, self._searched - ENDING_BYTES_MAX)
        self._searched = len(self._text)
        if self._lost or not self._form.ending.search(self._text, start):
            return None
        if not self._head_told and self._is_beginning():
            return None
        stream = self._incoming.window.stream(len(self._incoming.window.data))
        splitter = self._splitter(stream)
        nodes = [*self._head(splitter, stream), *splitter.parts(more=True)]
        self._text[:] = splitter.left
        self._searched = len(self._text)
        self._lost = bool(self._form.ending.search(self._text)) and not self._form.write.match(
            self._text
        )
        return (stream, nodes) if nodes else None

    def finish(self) -> tuple[Stream, list[Node]]:
        """What is left of a response that is over, and, where it is broken, of its stream."""
        message = self._incoming.piece()
        stream = self._incoming.window.stream(
            len(self._incoming.window.data) if message.problem else message.end
        )
        splitter = self._splitter(stream)
        nodes = [*self._head(splitter, stream), *splitter.parts(), *splitter.rest()]
        if message.problem and message.end < len(stream.data):
            nodes.append(rest(stream, message.end, message.problem, unfinished=not message.broken))
        return stream, nodes

    def _collect(self) -> None:
        gone, data = self._incoming.dropped, self._incoming.window.data
        fresh = []
        for start, end in reversed(self._incoming.message.spans):
            if end <= self._collected:
                break
            fresh.append(data[max(start, self._collected) - gone : end - gone])
        self._text += b"".join(reversed(fresh))
        if fresh:
            self._collected = self._incoming.message.spans[-1][1]

    def _is_beginning(self) -> bool:
        """Whether all that has come may still stand before the first write."""
        match = self._form.beginning.match(self._text)
        return match is not None and match.end() == len(self._text)

    def _splitter(self, stream: Stream) -> Splitter:
        return Splitter(stream, self._incoming.piece(), self._exchange, self._form)

    def _head(self, splitter: Splitter, stream: Stream) -> list[Node]:
        if self._head_told:
            return []
        self._head_told = True
        head, content = splitter.head()
        return [message_node(stream, head, self._exchange, self._purpose, content)]
