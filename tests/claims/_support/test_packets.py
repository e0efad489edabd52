"""Packets are counted by the kernel, and their parts are timed."""

from __future__ import annotations

import socket
from pathlib import Path

from lab.claims._support.packet_cost import packet_cost
from lab.claims._support.packets import packets_sent

COUNTERS = """Ip: Forwarding InReceives
Ip: 1 9999
Tcp: RtoAlgorithm MaxConn InSegs OutSegs
Tcp: 1 -1 70 40
Udp: InDatagrams NoPorts OutDatagrams
Udp: 50 6 7
"""


def test_what_is_counted_is_sent_by_udp_or_tcp(tmp_path: Path) -> None:
    (tmp_path / "snmp").write_text(COUNTERS, "ascii")
    assert packets_sent(tmp_path / "snmp") == 47


def test_a_datagram_is_one_packet() -> None:
    before = packets_sent()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind(("127.0.0.1", 0))
        for _ in range(100):
            own.sendto(b"", own.getsockname())
    assert packets_sent() - before >= 100


def test_the_parts_of_a_packet_take_time() -> None:
    assert min(packet_cost(200, 20)) > 0
