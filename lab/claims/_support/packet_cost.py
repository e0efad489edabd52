"""Times what a packet of QUIC costs beside the work of the program that builds it."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from lab.measure.clock import now_ns

TIMES = 1000
SECRET = bytes(48)
"""For TLS_AES_256_GCM_SHA384, which aioquic prefers. The time does not depend on its value."""
HEADER = b"\x41" + bytes(10)
"""A short header: one byte, a connection id of 8 bytes, a packet number of 2 (RFC 9000, 17.3.1)."""
NUMBER_AT = 9
"""Where the packet number begins."""
MOST_BYTES = 2048


class PacketCost(NamedTuple):
    """What one packet out and one packet in cost, in ns.

    `crypto`: encryption and decryption. `calls`: the calls of the kernel that send, wait and
    receive.
    """

    crypto: float
    calls: float


def packet_cost(out_bytes: int, in_bytes: int) -> PacketCost:
    """Time the parts of a packet out and of one in, with so many bytes before encryption."""
    sent, received = bytes(out_bytes), bytes(in_bytes)
    return PacketCost(_crypto_ns(sent, received), _calls_ns(sent, received))


def _crypto_ns(sent: bytes, received: bytes) -> float:
    # An extra.
    from aioquic.quic.crypto import CryptoPair  # noqa: PLC0415
    from aioquic.quic.packet import QuicProtocolVersion  # noqa: PLC0415
    from aioquic.tls import CipherSuite  # noqa: PLC0415

    pair = CryptoPair()
    for way in (pair.send, pair.recv):
        way.setup(
            cipher_suite=CipherSuite.AES_256_GCM_SHA384,
            secret=SECRET,
            version=QuicProtocolVersion.VERSION_1,
        )
    arrived = pair.encrypt_packet(HEADER, received, 0)

    def both() -> None:
        pair.encrypt_packet(HEADER, sent, 0)
        pair.decrypt_packet(arrived, NUMBER_AT, 0)

    return _median_ns(both)


def _calls_ns(sent: bytes, received: bytes) -> float:
    with ExitStack() as stack:
        own, other = (
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)
        )
        for each in (own, other):
            each.bind(("127.0.0.1", 0))
        here, there = own.getsockname(), other.getsockname()
        arrivals = stack.enter_context(select.epoll())
        arrivals.register(own, select.EPOLLIN)

        def answer() -> None:
            other.sendto(received, here)

        def calls() -> None:
            own.sendto(sent, there)
            arrivals.poll()
            own.recvfrom(MOST_BYTES)

        return _median_ns(calls, answer, lambda: other.recvfrom(MOST_BYTES))


def _median_ns(
    timed: Callable[[], object],
    before: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
) -> float:
    samples = []
    for _ in range(TIMES):
        before()
        began = now_ns()
        timed()
        samples.append(now_ns() - began)
        after()
    return median(samples)
