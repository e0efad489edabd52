"""A capture of TLS is opened: what was inside comes out, however the bytes were cut."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from lab.contract import ClientTls
from lab.decode.decode import decode
from lab.decode.sealed import SealedRecord, with_records
from lab.decode.tree import HttpRequest, TlsRecord
from lab.ledger.ledger import ledger
from lab.relay.capture import Chunk, Direction
from lab.tls.authority import certified
from lab.tls.opened import NO_KEY, NO_RECORD, Opened, opened
from lab.tls.records import Record, chosen_cipher, client_random, messages, records, secrets_of
from transports._shared.tls import client_context, server_context

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + bytes(40_000)
"""More than two records carry it."""


class Conversation:
    """A client and a server in memory. `captured`: what passed between them."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext) -> None:
        self._up, self._down = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self._down, self._up, server_hostname="localhost")
        self.server = server.wrap_bio(self._up, self._down, server_side=True)
        self._sent: dict[Direction, ssl.MemoryBIO] = {"up": self._up, "down": self._down}
        self._clock = count(1)
        self.captured: list[Chunk] = []

    def turn(self, direction: Direction, work: Callable[[], object]) -> None:
        """Let a side work, and capture what it sends."""
        with suppress(ssl.SSLWantReadError):
            work()
        sent = self._sent[direction]
        data = sent.read()
        self.captured.append(Chunk(1, direction, next(self._clock), data))
        sent.write(data)

    def exchange(self) -> None:
        """A handshake, a request and its response."""
        self.turn("up", self.client.do_handshake)
        self.turn("down", self.server.do_handshake)
        self.turn("up", self.client.do_handshake)
        self.turn("down", self.server.do_handshake)
        self.turn("up", lambda: self.client.read(1))  # the tickets
        self.turn("up", lambda: self.client.write(REQUEST))
        assert self.server.read(100) == REQUEST
        self.turn("down", lambda: self.server.write(RESPONSE))


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Chunk], str]:
    keys = tmp_path_factory.mktemp("keys") / "keys.log"
    with certified() as made:
        client = client_context(ClientTls(made.authority, keys=str(keys)))
        server = server_context(made.server)
        assert client is not None
        assert server is not None
        spoken = Conversation(client, server)
        spoken.exchange()
    return spoken.captured, Path(keys).read_text(encoding="ascii")


def cut(chunks: list[Chunk], size: int) -> list[Chunk]:
    """The same bytes in pieces of this size."""
    return [
        Chunk(1, chunk.direction, chunk.at_ns, chunk.data[at : at + size])
        for chunk in chunks
        for at in range(0, len(chunk.data), size)
    ]


def inside(found: Opened, direction: Direction) -> bytes:
    return b"".join(chunk.data for chunk in found.chunks if chunk.direction == direction)


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_what_was_inside_comes_out(talked: tuple[list[Chunk], str], size: int) -> None:
    captured, key_log = talked
    found = opened(cut(captured, size), key_log)
    assert inside(found, "up") == REQUEST
    assert inside(found, "down") == RESPONSE
    assert sum(record.size for record in found.records) == sum(len(c.data) for c in captured)
    assert sum(record.carried for record in found.records) == len(REQUEST) + len(RESPONSE)
    assert [r.says for r in found.records if r.direction == "up"] == [
        "TLS ClientHello",
        "TLS ChangeCipherSpec",
        "TLS Finished",
        "TLS application data",
    ]
    (hello, *_) = found.records
    assert hello.handshake
    assert not any(r.handshake for r in found.records if "Ticket" in r.says or r.carried)


def test_the_tree_has_the_bytes_of_tls_beside_those_inside(
    talked: tuple[list[Chunk], str],
) -> None:
    captured, key_log = talked
    found = opened(captured, key_log)
    trace = with_records(decode(found.chunks), found.records)
    (connection,) = trace.connections
    *before, request = connection.up
    assert all(isinstance(node, TlsRecord) for node in before)
    assert isinstance(request, HttpRequest)
    assert request.tls == 5 + 16 + 1, "head, tag and type of one record"
    assert connection.down[-1].tls == 3 * 22
    total = ledger(trace).total
    assert (total.up.total, total.down.total) == tuple(
        sum(len(c.data) for c in captured if c.direction == way) for way in ("up", "down")
    )


def test_what_cannot_be_opened_is_counted_and_says_why(talked: tuple[list[Chunk], str]) -> None:
    captured, key_log = talked
    size = sum(len(chunk.data) for chunk in captured)
    without = opened(captured, "")
    assert without.chunks == []
    assert sum(record.size for record in without.records) == size
    assert NO_KEY in {record.says for record in without.records}
    wrong = key_log.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    head, *_ = key_log.split()
    names = [line.split()[:2] for line in key_log.splitlines()]
    secrets = [line.split()[2] for line in wrong.splitlines()]
    mixed = "\n".join(" ".join([*name, each]) for name, each in zip(names, secrets, strict=True))
    assert head in mixed
    assert opened(captured, mixed).chunks == []
    plain = opened([Chunk(1, "up", 1, REQUEST), Chunk(1, "down", 2, RESPONSE)], key_log)
    assert [record.says for record in plain.records] == [NO_RECORD, NO_RECORD]
    shortened = [*captured[:-1], Chunk(1, "down", 9, captured[-1].data[:-1])]
    assert opened(shortened, key_log).records[-1].says == NO_RECORD


def test_records_are_read_as_far_as_they_are_whole() -> None:
    whole = b"\x17\x03\x03\x00\x02ab"
    (record,) = records(whole + whole[:4])
    assert record == Record(23, whole[:5], b"ab", 7)
    assert list(records(b"GET / HTTP/1.1\r\n")) == []
    assert list(records(b"\x17\x03\x03\xff\xff")) == []
    assert client_random(record) is None
    assert chosen_cipher(record) is None
    assert messages(b"\x08\0\0\x01x\x14\0\0\0\0") == [8, 20]
    assert secrets_of("# a comment\nLABEL 00 ff\nhalf a\n") == {("LABEL", b"\0"): b"\xff"}


def test_a_record_without_a_message_that_it_could_belong_to_stands_alone() -> None:
    lost = SealedRecord(1, "up", 5, 0, 10, 32, "TLS application data")
    (connection,) = with_records(decode([Chunk(1, "down", 1, b"\n")]), [lost]).connections
    (alone,) = connection.up
    assert (alone.tls, alone.summary) == (22, "TLS application data")
