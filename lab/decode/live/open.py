"""Read a response that stays open, write by write, as the writes come.

Each write is read as soon as it is whole, and its bytes are dropped: the response may stay open for
hours.
"""

from __future__ import annotations

__pure__ = True

from lab.decode.fallbacks.parts import Splitter
from lab.decode.fallbacks.streams import Format
from lab.decode.live.window import Incoming
from lab.decode.messages import Purpose, message_node, rest
from lab.decode.tree import Node
from lab.decode.view import Stream

ENDING_BYTES_MAX = 16
"""The end of a write is no longer than that. It may come in pieces."""


class OpenResponse:
    """From its head to its end. The nodes that it returns are placed in the stream beside them."""

    def __init__(self, incoming: Incoming, exchange: int, purpose: Purpose, form: Format) -> None:
        self._incoming = incoming
        self._exchange = exchange
        self._purpose = purpose
        self._form = form
        self._text = bytearray()
        self._collected = 0
        """Up to where in the message its text has been collected."""
        self._searched = 0
        self._head_reported = False
        self._opened = False
        """Whether the first write has begun, by what its format begins with."""
        self._lost = False
        """What has come is no write and will not become one: the rest can't be read."""

    def read(self) -> tuple[Stream, list[Node]] | None:
        """What has come whole; None where nothing has."""
        self._collect()
        start = max(0, self._searched - ENDING_BYTES_MAX)
        self._search_opening()
        self._searched = len(self._text)
        if self._lost or not self._form.ending.search(self._text, start):
            return None
        if not self._head_reported and self._is_beginning():
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
        fresh, self._collected = self._incoming.body_after(self._collected)
        self._text += fresh

    def _search_opening(self) -> None:
        """Look for the first write in what is new: any text may stand before it."""
        opening = self._form.opening
        start = max(0, self._searched - len(opening))
        self._opened = self._opened or opening in self._text[start:]

    def _is_beginning(self) -> bool:
        """Whether all that has come may still stand before the first write."""
        if self._form.opening:
            return not self._opened
        match = self._form.beginning.match(self._text)
        return match is not None and match.end() == len(self._text)

    def _splitter(self, stream: Stream) -> Splitter:
        return Splitter(stream, self._incoming.piece(), self._exchange, self._form)

    def _head(self, splitter: Splitter, stream: Stream) -> list[Node]:
        if self._head_reported:
            return []
        self._head_reported = True
        head, content = splitter.head()
        return [message_node(stream, head, self._exchange, self._purpose, content)]
