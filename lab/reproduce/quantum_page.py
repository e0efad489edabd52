"""What `lab reproduce quantum` prints: their table beside the measured one, and what they left out.

The verdict's sentences are in `lab.reproduce.quantum`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from lab.reproduce.quantum import (
    CLIENTS,
    LEVELS,
    MASK_BYTES,
    SEGMENTS,
    SHORT_POLL_SEGMENTS,
    TCP_IP_BYTES,
    bits_per_s,
    rows,
)
from lab.reproduce.received import Received
from lab.reproduce.tables import table


def overheads(measured: Sequence[Received], text_bytes: int) -> Table:
    """A row a wire: what it costs to receive a message, and to say one."""
    made = table(
        f"Bytes for a message of {text_bytes} B, the text itself left out",
        *("wire", "HTTP down", "HTTP up", "framing", "event", "all down", "all up", "to say"),
    )
    for one in measured:
        sizes = (
            one.cost.down.http,
            one.cost.up.http,
            one.framing_bytes,
            one.envelope_bytes,
            one.cost.down.total - text_bytes,
            one.cost.up.total,
            one.said_overhead_bytes,
        )
        made.add_row(one.wire, *(f"{size:.1f}" for size in sizes))
    return made


def bandwidths(measured: Sequence[Received]) -> Table:
    """Theirs and the lab's in bit/s, by what is counted; theirs is printed for headers alone."""
    made = table(
        "In bit/s, each client receiving one message a second",
        *("", "B/message", *(f"{clients:,} clients" for clients in CLIENTS)),
    )
    for level, (title, size_of) in LEVELS.items():
        made.add_row(title, style="bold")
        for row in rows(measured):
            if row.published and level == "overhead":
                continue  # they have no message around their text
            size = size_of(row)
            rates = (bits_per_s(size, clients) for clients in CLIENTS)
            cells = (f"{size:,.1f}", *(f"{rate:,.0f}" for rate in rates))
            made.add_row(f"  {row.name}", *cells, style="cyan" if row.published else None)
    return made


def left_out(measured: Sequence[Received]) -> Iterator[str]:
    """Sentences: what the paper does not count, with the assumptions of what is arithmetic here."""
    masked = [one for one in measured if not one.polls]
    seen = f"; {masked[0].wire} has {masked[0].said.up.framing:.3g} B up" if masked else ""
    yield f"Clients mask: {MASK_BYTES} B more in every frame up (RFC 6455 section 5.3){seen}."
    yield (
        "Their 2 bytes are 0x00 and 0xFF, the draft of 2010, at any length. RFC 6455 has 2 up to "
        "125 B of payload, 4 from 126 B, 10 from 64 KiB."
    )
    yield (
        "A message says more than its text: who, where, when (`event`), and Socket.IO its event's "
        "name. To say one is answered, too (`to say` has the command and its reply)."
    )
    yield (
        f"TCP/IP: {TCP_IP_BYTES} B a segment. Arithmetic, since the relay sees no segments: "
        f"IPv4, no options, one segment for each frame or HTTP message. {SEGMENTS} by WebSocket "
        f"(the frame, an ACK) and by a long poll (response, next request), {SHORT_POLL_SEGMENTS} "
        "by a short poll (request, response, ACK), its connection kept alive."
    )
    yield (
        "Theirs is short polling, once a second, message or none, with the headers of a browser of "
        "2010. The lab's is long-polling with a library's headers, a poll for each message; under "
        "load, several share one."
    )
