"""Repeats Lubbers and Greco's "quantum leap": their numbers, and the same with all bytes counted.

Published: Peter Lubbers and Frank Greco (Kaazing), "HTML5 Web Sockets: A Quantum Leap in
Scalability for the Web", 2010-03-11, http://www.websocket.org/quantum.html and
http://soa.sys-con.com/node/1315473. It computes with what `lab.reproduce.received` measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from lab.reproduce.received import Received

CLIENTS = (1_000, 10_000, 100_000)
"""Their use cases A, B and C; each client receives one message a second."""
POLLING_BYTES = 871
"""HTTP headers of one poll, request and response, from their browser and server of 2010."""
WEBSOCKET_BYTES = 2
"""Per message: 0x00 before and 0xFF after the text, in the protocol of that time (hixie-76)."""
POLLING_BITS_PER_S = (6_968_000, 69_680_000, 696_800_000)
WEBSOCKET_BITS_PER_S = (16_000, 160_000, 1_600_000)
PUBLISHED_MBPS = ((6.6, 66, 665), (0.015, 0.153, 1.526))
"""As printed: polling, WebSocket. They divide by 2**20 and call the result Mbps."""

TCP_IP_BYTES = 40
"""Per segment: 20 B IPv4 (RFC 791) and 20 B TCP (RFC 9293), without options. Linux adds 12 B of
timestamps by default, and IPv6 has 20 B more."""
SEGMENTS = 2
"""For one message. Over WebSocket: its segment and an acknowledgement. Over a long poll: the
response, and the next request, which acknowledges it."""
SHORT_POLL_SEGMENTS = 3
"""The request, the response, and an acknowledgement, because the next request comes a second
later. This is with the connection kept alive; otherwise its opening and closing are added."""
MASK_BYTES = 4
"""Added to every frame that a client sends (RFC 6455 section 5.3)."""


class Row(msgspec.Struct, frozen=True):
    """The cost of one received message, in bytes; `published` marks the paper's rows.

    `header_bytes`: HTTP headers and framing in both directions, which is what the paper counts.
    `overhead_bytes`: everything but the text.
    """

    name: str
    header_bytes: float
    overhead_bytes: float
    segments: int
    published: bool = False

    @property
    def with_tcp_ip_bytes(self) -> float:
        """Everything but the text, plus the headers of the fewest segments that carry it."""
        return self.overhead_bytes + TCP_IP_BYTES * self.segments


LEVELS: dict[str, tuple[str, Callable[[Row], float]]] = {
    "headers": ("headers and framing", lambda row: row.header_bytes),
    "overhead": ("all but the text", lambda row: row.overhead_bytes),
    "with_tcp_ip": ("the same with TCP/IP", lambda row: row.with_tcp_ip_bytes),
}
"""What can be counted: key -> a title and a function that reads it from a row."""


def bits_per_s(overhead_bytes: float, clients: int) -> float:
    """Return the bandwidth of `clients` that receive one message a second each."""
    return overhead_bytes * 8 * clients


def frame_header_bytes(payload_bytes: int, masked: bool = False) -> int:
    """Return the size of a WebSocket frame's header (RFC 6455 section 5.2)."""
    length = 2 if payload_bytes <= 125 else 4 if payload_bytes < 1 << 16 else 10
    return length + MASK_BYTES * masked


def rows(measured: Sequence[Received]) -> list[Row]:
    """Return the paper's rows, then the lab's."""
    theirs = [
        Row("paper: polling", POLLING_BYTES, POLLING_BYTES, SHORT_POLL_SEGMENTS, True),
        Row("paper: WebSocket", WEBSOCKET_BYTES, WEBSOCKET_BYTES, SEGMENTS, True),
    ]
    ours = [
        Row(one.transport, one.http_bytes + one.framing_bytes, one.overhead_bytes, SEGMENTS)
        for one in measured
    ]
    return theirs + ours


def verdict(measured: Sequence[Received]) -> list[str]:
    """Return sentences that say which of their numbers hold and which are artefacts."""
    framed = [each for each in measured if not each.polls]
    polled = [each for each in measured if each.polls]
    return [
        "Their arithmetic is right: bytes x 8 x clients. Their Mbps are Mibit/s, divided by 2^20.",
        *([_of_frames(min(framed, key=_framing))] if framed else []),
        *([_of_polls(max(polled, key=lambda each: each.http_bytes))] if polled else []),
        *(_of_ratios(framed, polled) if framed and polled else []),
    ]


def _of_frames(least: Received) -> str:
    """Judge their 2 bytes by the transport with the smallest frame headers."""
    down = least.cost.down
    begins = f"Their {WEBSOCKET_BYTES} bytes a message"
    if down.framing <= WEBSOCKET_BYTES:
        found = (
            f"{begins} hold for the frame header: {least.transport} has {down.framing:.3g} B down"
        )
    else:
        found = f"{begins} do not hold: {least.transport} has {down.framing:.3g} B of framing down"
    return (
        f"{found}, because its frame holds {down.payload:.0f} B (2 up to 125 B). As the cost "
        "of "
        f"a message they are an artefact: name, room, time add {least.envelope_bytes:.0f} B, "
        f"TCP/IP at least {TCP_IP_BYTES * SEGMENTS} B."
    )


def _of_polls(most: Received) -> str:
    """Judge their 871 bytes by the transport with the largest HTTP headers."""
    return (
        f"Their {POLLING_BYTES} bytes are an artefact of one browser and server of 2010, and of "
        f"short polling, which sends them without a message too. {most.transport} has "
        f"{most.http_bytes:.0f} B of HTTP headers for a message that comes alone, and none without "
        "a "
        "message until the poll times out. Its client here is a library; a browser usually sends "
        "more."
    )


def _of_ratios(framed: list[Received], polled: list[Received]) -> list[str]:
    """Judge their 436 : 1, by the costliest polling and the cheapest other transport."""
    polling, websocket, most, least = rows([max(polled, key=_overhead), min(framed, key=_framing)])
    ours = [
        f"{_ratio(size_of(most), size_of(least))} for {title}" for title, size_of in LEVELS.values()
    ]
    return [
        f"Their ratio of headers, {_ratio(POLLING_BYTES, WEBSOCKET_BYTES)}, is "
        f"{_ratio(polling.with_tcp_ip_bytes, websocket.with_tcp_ip_bytes)} with TCP/IP, before any "
        f"text is sent. Measured, {most.name} to {least.name}: {', '.join(ours)}. It holds that "
        "polling costs more bytes; the factor is an artefact of what is left out."
    ]


def _framing(one: Received) -> float:
    return one.cost.down.framing


def _overhead(one: Received) -> float:
    return one.overhead_bytes


def _ratio(more: float, less: float) -> str:
    return f"{more / less:.3g} : 1"
