"""Formats the output of `lab reproduce quantum`: the paper's table beside the measured one.

The sentences of the verdict are in `lab.reproduce.quantum`.
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
    """Return a table with a row per transport: the cost of receiving and of sending a message."""
    made = table(
        f"Bytes for a message of {text_bytes} B, without the text itself",
        *("transport", "HTTP down", "HTTP up", "framing", "event", "all down", "all up", "to send"),
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
        made.add_row(one.transport, *(f"{size:.1f}" for size in sizes))
    return made


def bandwidths(measured: Sequence[Received]) -> Table:
    """Return both bandwidths, by what is counted; the paper's are of headers only."""
    made = table(
        "In bit/s, each client receiving one message a second",
        *("", "B/message", *(f"{clients:,} clients" for clients in CLIENTS)),
    )
    for level, (title, size_of) in LEVELS.items():
        made.add_row(title, style="bold")
        for row in rows(measured):
            if row.published and level == "overhead":
                continue  # the paper's messages have no event around their text
            size = size_of(row)
            rates = (bits_per_s(size, clients) for clients in CLIENTS)
            cells = (f"{size:,.1f}", *(f"{rate:,.0f}" for rate in rates))
            made.add_row(f"  {row.name}", *cells, style="cyan" if row.published else None)
    return made


def left_out(measured: Sequence[Received]) -> Iterator[str]:
    """Yield what the paper does not count, and the assumptions of the arithmetic here."""
    masked = [one for one in measured if not one.polls]
    seen = f"; {masked[0].transport} has {masked[0].said.up.framing:.3g} B up" if masked else ""
    yield f"Clients mask: {MASK_BYTES} B more in every frame up (RFC 6455 section 5.3){seen}."
    yield (
        "Their 2 bytes are 0x00 and 0xFF at any length, as in the draft of 2010. RFC 6455 has 2 up "
        "to 125 B of payload, 4 from 126 B, 10 from 64 KiB."
    )
    yield (
        "A message also holds the name, the room and the time (`event`), and on Socket.IO the "
        "event's name. Sending one gets a reply (`to send` counts the command and its reply)."
    )
    yield (
        f"TCP/IP: {TCP_IP_BYTES} B per segment. This is arithmetic, because the relay sees no "
        f"segments: IPv4, no options, one segment for each frame or HTTP message. {SEGMENTS} over "
        "WebSocket (the frame, an ACK) and over a long poll (response, next request), "
        f"{SHORT_POLL_SEGMENTS} over a short poll (request, response, ACK) on a kept connection."
    )
    yield (
        "Theirs is short polling: once a second, with or without a message, with the headers of a "
        "browser of 2010. The lab's is long-polling with a library's headers and one poll per "
        "message; under load, several messages share a poll."
    )
