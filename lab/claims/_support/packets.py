"""Counts the packets that the kernel has sent."""

from __future__ import annotations

from pathlib import Path

COUNTERS = Path("/proc/net/snmp")
"""The kernel's counters of this network namespace: for each protocol a line of names, and one of
values."""
SENT = (("Udp:", "OutDatagrams"), ("Tcp:", "OutSegs"))


def packets_sent(counters: Path = COUNTERS) -> int:
    """The UDP datagrams and the TCP segments that this network namespace has sent.

    On the loopback network these are the packets of both sides. Those of other programs are among
    them.
    """
    lines = [line.split() for line in counters.read_text("ascii").splitlines()]
    values = {
        (names[0], name): int(value)
        for names, line in zip(lines[::2], lines[1::2], strict=True)
        for name, value in zip(names[1:], line[1:], strict=True)
    }
    return sum(values[each] for each in SENT)
