"""An EventSource can read the transport `sse` (WHATWG HTML section 9.2.6)."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.transports.fallbacks import STREAMING, TEXTS, read, said

TRANSPORT = STREAMING["sse"]


def events_of(stream: bytes) -> list[tuple[str, str]]:
    """Type and data of each event that an EventSource would dispatch.

    The fields `id` and `retry` change no event, so this reader ignores them.
    """
    events: list[tuple[str, str]] = []
    kind, data = "", ""
    # "Decode as UTF-8" drops a BOM; a line ends in CRLF, LF or CR; what no empty line ends is
    # discarded at the end of the stream, and so is what follows the last line end.
    lines = re.split("\r\n|\n|\r", stream.decode("utf-8-sig"))[:-1]
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                events.append((kind or "message", data.removesuffix("\n")))
            kind, data = "", ""
        elif name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
    return events


def test_the_examples_of_the_standard_are_read_as_it_says() -> None:
    # The four blocks of section 9.2.6, and the last of its notes.
    stream = (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event"
    )
    assert events_of(stream) == [("message", "first event"), ("message", "second event")]
    assert events_of(b"data\n\ndata\ndata\n\ndata:") == [("message", ""), ("message", "\n")]
    assert events_of(b"data:test\n\ndata: test\n\n") == [("message", "test")] * 2


@given(texts=TEXTS, gathered=st.integers(1, 3))
def test_an_event_source_reads_the_packets_that_were_written(
    texts: list[str], gathered: int
) -> None:
    sent = [said(text) for text in texts]
    writes = [tuple(sent[at : at + gathered]) for at in range(0, len(sent), gathered)]
    stream = b"".join(TRANSPORT.encode(write, {}) for write in writes)
    assert events_of(stream) == [("message", packet.decode()) for packet in sent]
    # And what reads it here reads the same.
    assert [f"4:::{packet.data}" for packet in read(TRANSPORT, stream, [])] == [
        data for _, data in events_of(stream)
    ]
