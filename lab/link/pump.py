"""The process between the two sides of a link: reads packets here, and writes them there, later.

`Link` starts it. Its stdin has the network as a line of JSON, and later orders, a line each. When
stdin ends, the link ends: also if the process that opened it was killed. The namespaces have no
name, so they vanish with the last process in them, and the devices with the pump.
"""

from __future__ import annotations

import heapq
import os
import pathlib
import select
import signal
import sys
from collections import deque
from contextlib import suppress
from itertools import count
from time import monotonic_ns

import msgspec

from lab.link.kernel import QUEUE_PACKETS, LinkError, new_side, wake_precisely
from lab.link.messages import ADDRESS, Counted, Order, Ready, Refused, Side
from lab.link.path import Network, Path

MOST_AHEAD_NS = 500_000
"""A machine wakes up late by up to this; the pump waits without sleeping for no longer."""
AT_ONCE = 64
"""Packets that are read from one side before the other side is looked at."""
LONGEST_PACKET = 65_536
_IPV4 = 4


class Pump:
    """Carries packets between two TUN devices until stdin ends."""

    def __init__(self, devices: dict[Side, int], network: Network) -> None:
        self._ends = {devices["client"]: ("up", devices["server"])}
        self._ends[devices["server"]] = ("down", devices["client"])
        self._flying: list[tuple[int, int, int, bytes]] = []
        self._number = count()
        self._late_ns: deque[int] = deque(maxlen=15)
        self._ahead_ns = 0
        self._orders = b""
        self._begin(network)

    def _begin(self, network: Network) -> None:
        """Count and draw from the beginning. Packets under way keep their time."""
        self._paths = {
            "up": Path(network.up, network.seed, "up"),
            "down": Path(network.down, network.seed, "down"),
        }
        self._counted = {name: Counted() for name in self._paths}

    def run(self) -> None:
        """Carry packets until the process that opened the link closes stdin, or ends."""
        readers = [sys.stdin.fileno(), *self._ends]
        while True:
            timeout_s, due_ns = self._until_next()
            ready, _, _ = select.select(readers, [], [], timeout_s)
            if due_ns is not None and not ready and timeout_s:
                self._learn(due_ns)
            # Who slept until a packet came reads it late, by what the machine takes to wake up.
            slept = timeout_s is None or timeout_s > 0
            for reader in ready:
                if reader in self._ends:
                    self._read(reader, self._ahead_ns if slept else 0)
                elif not self._obey():
                    return
            self._deliver()

    def _until_next(self) -> tuple[float | None, int | None]:
        """How long to sleep, in seconds, and until when; no sleep where the next packet is near."""
        if not self._flying:
            return None, None
        wake_ns = self._flying[0][0] - self._ahead_ns
        return max(0, wake_ns - monotonic_ns()) / 1e9, wake_ns

    def _learn(self, wake_ns: int) -> None:
        """A machine wakes up late. The pump sets its timer ahead by the median of that."""
        self._late_ns.append(monotonic_ns() - wake_ns)
        median_ns = sorted(self._late_ns)[len(self._late_ns) // 2]
        self._ahead_ns = max(0, min(median_ns, MOST_AHEAD_NS))

    def _read(self, device: int, late_ns: int = 0) -> bool:
        """Decide on packets that have come from a side. Returns whether there may be more."""
        name, other = self._ends[device]
        path, counted = self._paths[name], self._counted[name]
        for _ in range(AT_ONCE):
            try:
                packet = os.read(device, LONGEST_PACKET)
            except BlockingIOError:
                return False
            # IPv6 announces itself at times of its own, and would draw the fate of another packet.
            if packet[0] >> 4 != _IPV4:
                continue
            due_ns, reason = path.send(monotonic_ns() - late_ns, len(packet))
            counted.add(len(packet), reason)
            if due_ns is not None:
                heapq.heappush(self._flying, (due_ns, next(self._number), other, packet))
        return True

    def _deliver(self) -> None:
        while self._flying and self._flying[0][0] <= monotonic_ns():
            _, _, device, packet = heapq.heappop(self._flying)
            with suppress(OSError):  # the other side's device is not up
                os.write(device, packet)

    def _catch_up(self) -> None:
        """Read what was sent before an order: the order is for what comes after."""
        for device in self._ends:
            for _ in range(QUEUE_PACKETS // AT_ONCE):
                if not self._read(device):
                    break

    def _obey(self) -> bool:
        """Read orders. Returns whether there may be more."""
        data = os.read(sys.stdin.fileno(), 65_536)
        *lines, self._orders = (self._orders + data).split(b"\n")
        if lines:
            self._catch_up()
        for line in lines:
            order = msgspec.json.decode(line, type=Order)
            if order.network is not None:
                self._begin(order.network)
            if order.lose is not None:
                self._paths[order.lose].lose_next(order.at_least_bytes)
            say(self._counted)
        return bool(data)


def say(message: object) -> None:
    """Write a line of JSON to stdout."""
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), msgspec.json.encode(message) + b"\n")


def end_processes(namespaces: set[int], spared: set[int]) -> None:
    """Kill what runs in these network namespaces, given by inode. They are the link's own."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        pid = int(process.name)
        with suppress(OSError):  # it has ended meanwhile, or belongs to somebody else
            if pid not in spared and (process / "ns/net").stat().st_ino in namespaces:
                os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Open both sides, say how to enter them, and carry packets."""
    opener = os.getppid()
    try:
        network = msgspec.json.decode(_first_line(), type=Network)
        opened = {side: new_side(address) for side, address in ADDRESS.items()}
    except LinkError as error:
        say(Refused(str(error)))
        return
    namespaces = {side: namespace for side, (namespace, _) in opened.items()}
    inodes = {os.fstat(namespace).st_ino for namespace in namespaces.values()}
    wake_precisely()
    with suppress(OSError):
        os.nice(-10)
    pump = Pump({side: device for side, (_, device) in opened.items()}, network)
    say(Ready(os.getpid(), namespaces))
    try:
        pump.run()
    finally:
        end_processes(inodes, {os.getpid(), opener})


def _first_line() -> bytes:
    """Read byte by byte: what follows is for the pump."""
    line = b""
    while not line.endswith(b"\n"):
        if not (byte := os.read(sys.stdin.fileno(), 1)):
            raise LinkError("the process that opened the link has ended")
        line += byte
    return line


if __name__ == "__main__":
    main()
