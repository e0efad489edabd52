"""Compares what a link does with what it was set to: by datagrams of its own, both ways.

The clock is in the client's process, outside of the pump. So the pump's own delay is part of what
is measured, and so is the time that the kernel takes to wake both programs.
"""

from __future__ import annotations

import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic_ns

import msgspec

from lab.link.echo import BUFFER_BYTES
from lab.link.link import ADDRESS, Link
from lab.link.path import Conditions, Network
from lab.relay.network import SECOND_NS

PACKET_BYTES = 100
LOSS_PACKETS = 100_000
PACKETS_PER_S = 10_000
"""Slower than a pump in Python can carry, so that nothing is lost before it."""
ROUNDS = 200
LONGEST_ROUNDS_NS = 6 * SECOND_NS
"""Round trips of a slow network are fewer, but at least this many:"""
FEWEST_ROUNDS = 20
LOST_AFTER_NS = 2 * SECOND_NS


class RoundTrips(msgspec.Struct, frozen=True):
    """Round-trip times in ns, ascending, at a set delay."""

    set_ns: int
    samples_ns: list[int]

    def percentile_ns(self, share: float) -> int:
        """The value below which this share of the samples lies; 0 if every datagram was lost."""
        if not self.samples_ns:
            return 0
        return self.samples_ns[min(int(share * len(self.samples_ns)), len(self.samples_ns) - 1)]


class Losses(msgspec.Struct, frozen=True):
    """Datagrams that were sent, that the server received, and that came back to the client.

    `carried`: those that the pump read on the client's side. If it is less than `sent`, the link
    lost some that no condition asked for.
    """

    sent: int
    carried: int
    at_server: int
    at_client: int

    @property
    def up(self) -> float:
        """The share that was lost on the way to the server."""
        return 1 - self.at_server / self.sent

    @property
    def down(self) -> float:
        """The share of the echoes that was lost on the way back."""
        return 1 - self.at_client / self.at_server if self.at_server else 0.0


class _Echo:
    """The echo on the server's side, and a socket on the client's that is connected to it."""

    def __init__(self, program: subprocess.Popen[bytes], client: socket.socket) -> None:
        self.client = client
        self._program = program

    def received(self) -> int:
        """End the echo. Returns how many datagrams reached it."""
        said, _ = self._program.communicate(timeout=30)
        return int(said)


@contextmanager
def _echoed(link: Link) -> Iterator[_Echo]:
    with link.inside("server"):
        program = subprocess.Popen(
            [sys.executable, "-m", "lab.link.echo", ADDRESS["server"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    try:
        assert program.stdout is not None
        port = int(program.stdout.readline())
        with (
            link.inside("client"),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
        ):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            client.connect((ADDRESS["server"], port))
            yield _Echo(program, client)
    finally:
        program.kill()
        program.communicate()


def measure_round_trips(link: Link, rounds: int = ROUNDS) -> RoundTrips:
    """Send a datagram, wait for its echo, and so on. What is lost is left out."""
    samples: list[int] = []
    with _echoed(link) as echo:
        end_ns = monotonic_ns() + LONGEST_ROUNDS_NS
        for number in range(rounds):
            if monotonic_ns() > end_ns and len(samples) >= FEWEST_ROUNDS:
                break
            if (taken_ns := _one_round(echo.client, number)) is not None:
                samples.append(taken_ns)
    return RoundTrips(link.network.rtt_ns, sorted(samples))


def _one_round(client: socket.socket, number: int) -> int | None:
    """How long the round trip takes, in ns; None if the datagram is lost."""
    data = number.to_bytes(4, "big").ljust(PACKET_BYTES, b"\0")
    begun_ns = monotonic_ns()
    client.send(data)
    client.settimeout(LOST_AFTER_NS / SECOND_NS)
    try:
        while client.recv(2048)[:4] != data[:4]:
            pass  # the late echo of an earlier one
    except TimeoutError:
        return None
    return monotonic_ns() - begun_ns


def measure_losses(link: Link, packets: int = LOSS_PACKETS) -> Losses:
    """Send datagrams at an even rate, and count them at both ends."""
    link.change(link.network)  # counts from zero
    back = 0
    with _echoed(link) as echo:
        echo.client.setblocking(False)
        begun_ns = monotonic_ns()
        for number in range(packets):
            due_ns = begun_ns + number * SECOND_NS // PACKETS_PER_S
            while (now_ns := monotonic_ns()) < due_ns:
                back += _receive(echo.client, (due_ns - now_ns) / SECOND_NS)
            echo.client.send(number.to_bytes(4, "big").ljust(PACKET_BYTES, b"\0"))
        while found := _receive(echo.client, LOST_AFTER_NS / SECOND_NS):
            back += found
        return Losses(packets, link.counted()["up"].packets, echo.received(), back)


def _receive(client: socket.socket, within_s: float) -> int:
    """Read all that has arrived, or arrives within a time. Returns how many datagrams."""
    count = 0
    if select.select([client], [], [], within_s)[0]:
        try:
            while client.recv(2048):
                count += 1
        except BlockingIOError:
            pass
    return count


def both_ways(conditions: Conditions, seed: int = 0) -> Network:
    """A network with the same conditions in each direction."""
    return Network(up=conditions, down=conditions, seed=seed)
