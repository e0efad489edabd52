"""Counts the HTTP responses that carry messages, in tapped bytes.

This is for Engine.IO over polling, and for the load's own texts, in which no HTTP status line can
occur. So it cuts a stream at its status lines without a parser, a hundred times faster than the
decoder. A test compares it with the decoder.
"""

from __future__ import annotations

__pure__ = True

import re
from collections.abc import Iterable, Iterator

import msgspec

from lab.relay.capture import Chunk, Direction

_REQUEST = re.compile(rb"(?:GET|POST) \S*[?&]sid=([^&\s]+)\S* HTTP/1\.1\r\n|(?:GET|POST) \S* HTTP")
_STATUS = b"HTTP/1.1 "
_JOIN = re.compile(rb'\["join",\{[^}]*?"name":"([^"]*)"')
_MESSAGE = re.compile(rb'42\["message",\{"room":"[^"]*","seq":\d+,"name":"([^"]*)"')


class Responses(msgspec.Struct, frozen=True):
    """HTTP responses that carry at least one message, and the number of those messages.

    `to_others`: the same without the copies that a sender gets of its own messages.
    """

    responses: int
    deliveries: int
    responses_to_others: int
    deliveries_to_others: int

    @property
    def share(self) -> float:
        """Responses per delivery: 1 where each message came alone; NaN without any."""
        return self.responses / self.deliveries if self.deliveries else float("nan")

    @property
    def share_to_others(self) -> float:
        """The same without the senders' own copies."""
        if not self.deliveries_to_others:
            return float("nan")
        return self.responses_to_others / self.deliveries_to_others


class _Exchange(msgspec.Struct, frozen=True):
    """A request's session and body, and the whole response to it."""

    sid: bytes
    sent: bytes
    received: bytes


def count_responses(chunks: Iterable[Chunk]) -> Responses:
    """Count in tapped chunks, in their order.

    A response counts as CometD's load client counts it: if it carries at least one message.
    """
    exchanges = list(_exchanges(chunks))
    names = {each.sid: found[1] for each in exchanges if (found := _JOIN.search(each.sent))}
    total = own = full = full_of_others = 0
    for each in exchanges:
        senders = _MESSAGE.findall(each.received)
        mine = senders.count(names.get(each.sid, b""))
        total += len(senders)
        own += mine
        full += bool(senders)
        full_of_others += len(senders) > mine
    return Responses(full, total, full_of_others, total - own)


def _exchanges(chunks: Iterable[Chunk]) -> Iterator[_Exchange]:
    """Yield request and response in pairs; no client pipelines on a connection."""
    streams: dict[int, dict[Direction, list[bytes]]] = {}
    for chunk in chunks:
        both = streams.setdefault(chunk.connection, {"up": [], "down": []})
        both[chunk.direction].append(chunk.data)
    for both in streams.values():
        up, down = b"".join(both["up"]), b"".join(both["down"])
        heads = list(_REQUEST.finditer(up))
        ends = [head.start() for head in heads[1:]] + [len(up)]
        # The last request may have no response.
        for head, end, received in zip(heads, ends, down.split(_STATUS)[1:], strict=False):
            yield _Exchange(head[1] or b"", up[head.end() : end], received)
