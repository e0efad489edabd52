"""Read a compressed response that stays open, as its bytes come."""

from __future__ import annotations

__pure__ = True

from msgspec import structs

from lab.decode.fallbacks.pressed import PressedWrites
from lab.decode.fallbacks.streams import Format
from lab.decode.inflate import TAIL
from lab.decode.live.window import Incoming
from lab.decode.messages import Purpose, head_node, rest
from lab.decode.tree import Node
from lab.decode.view import Stream


class PressedResponse:
    """From its head to its end, as `OpenResponse` is for one that is not compressed."""

    def __init__(
        self, incoming: Incoming, exchange: int, purpose: Purpose, form: Format, coding: str
    ) -> None:
        self._incoming = incoming
        self._exchange = exchange
        self._purpose = purpose
        self._writes = PressedWrites(exchange, form, coding)
        self._head_reported = False
        self._looked_to = 0
        """Up to where in the message a marker was looked for."""
        self._last = b""
        """The last bytes of the body up to there: a marker may begin in them."""

    def read(self) -> tuple[Stream, list[Node]] | None:
        """What has come whole; None where nothing has."""
        if not self._is_marked() and self._head_reported:
            return None
        window = self._incoming.window
        stream = window.stream(len(window.data))
        nodes = self._nodes(stream, more=True)
        return (stream, nodes) if nodes else None

    def _is_marked(self) -> bool:
        """Whether a flush ends in what is new: only there can a write be whole."""
        fresh, self._looked_to = self._incoming.body_after(self._looked_to)
        looked = self._last + fresh
        self._last = looked[1 - len(TAIL) :]
        return TAIL in looked

    def finish(self) -> tuple[Stream, list[Node]]:
        """What is left of a response that is over, and, where it is broken, of its stream."""
        message, window = self._incoming.piece(), self._incoming.window
        stream = window.stream(len(window.data) if message.problem else message.end)
        nodes = self._nodes(stream, more=False)
        if message.problem and message.end < len(stream.data):
            nodes.append(rest(stream, message.end, message.problem, unfinished=not message.broken))
        return stream, nodes

    def _nodes(self, stream: Stream, *, more: bool) -> list[Node]:
        message = self._incoming.piece()
        parts = self._writes.parts(stream, message, more=more)
        if self._head_reported:
            return parts
        self._head_reported = True
        head = head_node(stream, message, self._exchange, self._purpose)
        return [structs.replace(head, complete=not more and message.complete), *parts]
