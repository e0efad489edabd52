"""Repeats CometD's benchmark: its workload on a polling transport, and its one portable figure.

Published: the CometD reference manual, chapter "Benchmarking CometD",
https://docs.cometd.org/current/reference/#_benchmarking; its source is benchmarking.adoc in
cometd-documentation/src/main/asciidoc of github.com/cometd/cometd. The figures are those of the
revisions from 2018-09-13 on; the earlier ones have 43.08 % where these have 39.28 %.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.batches import Outcome, Progress, Workload, gathered
from lab.load.tapped import through
from lab.measure import collector
from lab.measure.process import CorePlan, CpuMeter, CpuUse, pin, plan_cores
from lab.measure.server import ServerProcess
from lab.relay.relay import Chunk, Relay
from lab.reproduce.responses import Responses, count_responses

FDS_PER_CLIENT = 8
"""Two TCP connections of a polling client, each with both ends of the relay, and a reserve."""
FDS_BESIDE = 150
DYING_S = 1.0
"""How long a failed run waits to see whether the server's end caused it."""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What the manual prints; rates per second, latencies in ms."""

    workload: Workload
    said_per_s: int = 919
    delivered_per_s: int = 91_853
    responses_per_s: int = 36_083
    deliveries: int = 1_000_280
    percentiles_ms: dict[float, float]

    @property
    def share(self) -> float:
        """HTTP responses per delivery: the figure that does not depend on the machine's speed."""
        return self.responses_per_s / self.delivered_per_s

    @property
    def pace(self) -> float:
        """The achieved rate of messages, as a part of the intended one."""
        return self.said_per_s / self.workload.offered_per_s


PUBLISHED = Published(
    workload=Workload(
        clients=1000,
        rooms=100,
        rooms_per_client=10,
        batches=1000,
        batch_size=10,
        text_bytes=50,
        pause_ms=10,
    ),
    percentiles_ms={0: 0.300, 50: 22.265, 99: 51.937, 100: 88.866},
)

SCALES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""The scales that are tried in turn where the user gives none."""
TRIAL_BATCHES = 100


class Redone(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the scaled workload."""

    scale: float
    workload: Workload
    outcome: Outcome
    responses: Responses
    use: CpuUse

    @property
    def pace(self) -> float:
        """The achieved rate of messages, as a part of the intended one."""
        return self.outcome.said_per_s / self.workload.offered_per_s

    @property
    def void(self) -> str:
        """Why the run allows no conclusion; "" where it does."""
        if self.outcome.void:
            return self.outcome.void
        if self.responses.deliveries != self.outcome.delivered:
            return (
                f"the clients counted {self.outcome.delivered:,} deliveries, "
                f"the bytes hold {self.responses.deliveries:,}"
            )
        return ""

    @property
    def held(self) -> bool:
        """Whether this run kept the rate at least as well as the published one."""
        return not self.void and self.pace >= PUBLISHED.pace


def scaled(scale: float, batches: int | None = None, seed: int = 0) -> Workload:
    """Return the published workload with `scale` times as many clients, otherwise unchanged.

    A client is still in 10 of 100 rooms and receives one message of each batch on average, 100 a
    second: that decides how many messages share a response. Only the number of members per room
    shrinks, and with it the deliveries per second. (If the rooms were scaled too, at 0.1 every
    client would be in every room and receive ten times as much.)

    Raises ValueError, with the allowed range, for a scale outside 0.01 to 1.
    """
    if not 0.01 <= scale <= 1:
        raise ValueError(f"scale must be from 0.01 to 1, not {scale:g}")
    whole = PUBLISHED.workload
    clients = round(whole.clients * scale)
    return msgspec.structs.replace(
        whole, clients=clients, batches=batches or whole.batches, seed=seed
    )


def fds_needed(workload: Workload) -> int:
    """Return the most file descriptors that this process needs for the workload."""
    return FDS_PER_CLIENT * workload.clients + FDS_BESIDE


async def redo(
    transport: Transport, scale: float, workload: Workload, progress: Progress
) -> Redone:
    """Run the workload on a fresh server of a polling transport, and count.

    The relay keeps the bytes; they are counted after the run.

    Raises:
        ServerDiedError: the server did not start, or ended during the run.
        OSError: a client could not connect, or lost its connection.
    """
    with _apart() as cores, ServerProcess(transport.name, ["--unpaced"]) as server:
        pin(server.pid, cores.server)
        try:
            return await _redo(transport, scale, workload, server, progress)
        except OSError:
            server.check(DYING_S)
            raise


async def _redo(
    transport: Transport,
    scale: float,
    workload: Workload,
    server: ServerProcess,
    progress: Progress,
) -> Redone:
    chunks: list[Chunk] = []
    port = server.ready["port"]
    meter = CpuMeter(os.getpid(), server.pid)
    async with Relay("127.0.0.1", port, tap=chunks.append) as relay:
        url = through(server.url, port, relay)

        async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
            return await transport.connect(url, on_event, ConnectOptions())

        async with gathered(connect, workload, progress) as clients:
            meter.start()
            outcome = await clients.say_all(progress)
            use = meter.stop()
    return Redone(
        scale=scale,
        workload=workload,
        outcome=outcome,
        responses=count_responses(chunks),
        use=use,
    )


@contextmanager
def _apart() -> Iterator[CorePlan]:
    """Pin this process to the load's core with a quiet collector; restore both in the end."""
    before, usual = os.sched_getaffinity(0), gc.get_threshold()
    cores = plan_cores()
    pin(os.getpid(), cores.load)
    collector.calm()
    try:
        yield cores
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
        pin(os.getpid(), before)
