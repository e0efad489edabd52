"""What TLS records add to the nodes that they carried."""

from __future__ import annotations

from lab.decode.live import LiveDecoder
from lab.decode.sealed import SealedRecord
from lab.decode.tree import TlsRecord
from lab.page.secured import SecuredWays
from lab.relay.capture import Chunk

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
HEAD = 22


def carrying(at: int, size: int) -> SealedRecord:
    return SealedRecord(1, "up", 5, at, size, size + HEAD, "TLS application data")


def test_a_node_has_what_the_records_that_begin_in_it_add() -> None:
    ways, decoder = SecuredWays(), LiveDecoder()
    (hello,) = ways.take([SealedRecord(1, "up", 1, 0, 0, 225, "TLS ClientHello", handshake=True)])
    assert isinstance(hello.found.node, TlsRecord)
    assert (hello.end, hello.found.node.tls) == (225, 225)
    # Two records carry the first request and the beginning of the second one.
    cut = len(REQUEST) + 4
    assert ways.take([carrying(0, 10), carrying(10, cut - 10)]) == []
    (first,) = decoder.feed(Chunk(1, "up", 5, REQUEST + REQUEST[:4]))
    placed = ways.place(first)
    assert placed.found.node.tls == 2 * HEAD
    assert placed.end == 225 + cut + 2 * HEAD
    ways.take([carrying(cut, len(REQUEST) - 4)])
    (second,) = decoder.feed(Chunk(1, "up", 6, REQUEST[4:]))
    placed = ways.place(second)
    assert placed.found.node.tls == HEAD, "the second record was the first request's"
    assert placed.end == 225 + 2 * len(REQUEST) + 3 * HEAD
    assert ways.place(second).end == placed.end, "nothing is left to wait for"
    ways.closed(1)
    assert ways.take([carrying(0, 1)]) == []
