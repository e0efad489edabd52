"""Sends batches: clients in many rooms take turns to say several messages at once.

This is the workload of CometD's benchmark. In each of `batches` turns the next client says
`batch_size` messages without waiting, each in a random one of its rooms. Then all clients pause.
Nothing waits for a delivery, so slowness shows as latency. Every delivery is counted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec

from lab.chat.commands import Say
from lab.chat.events import Joined, Message, RoomEvent
from lab.chat.limits import Limits
from lab.contract import Connection
from lab.load.fleet import OPENING_AT_ONCE, Connect, JoinRefusedError
from lab.load.texts import incompressible
from lab.measure.clock import now_ns

STALL_S = 10.0
"""After this time without any delivery, the missing deliveries count as lost."""

POLL_S = 0.05
SHORTEST_TEXT_BYTES = 8
"""Shorter texts would not all differ. A delivery finds its message by its text."""


Progress = Callable[[str, int, int], None]
"""Receives the current activity, how much is done, and how much there is to do."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """The size of a workload. Raises ValueError, with the allowed values, if it is impossible."""

    clients: int
    rooms: int
    rooms_per_client: int
    batches: int
    batch_size: int
    text_bytes: int
    pause_ms: float
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("clients", "rooms", "rooms_per_client", "batches", "batch_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        most = min(self.rooms, Limits().rooms_per_connection)
        if self.rooms_per_client > most:
            raise ValueError(
                f"rooms_per_client must be at most {most}, not {self.rooms_per_client}"
            )
        if self.text_bytes < SHORTEST_TEXT_BYTES:
            raise ValueError(
                f"text_bytes must be at least {SHORTEST_TEXT_BYTES}, not {self.text_bytes}"
            )
        if not 0 <= self.pause_ms <= 60_000:
            raise ValueError(f"pause_ms must be from 0 to 60,000, not {self.pause_ms:g}")

    @property
    def messages(self) -> int:
        """How many messages are sent."""
        return self.batches * self.batch_size

    @property
    def offered_per_s(self) -> float:
        """Messages per second, if sending took no time. Infinite without a pause."""
        return self.batch_size * 1000 / self.pause_ms if self.pause_ms else float("inf")

    @property
    def members_per_room(self) -> float:
        """The mean number of members of a room."""
        return self.clients * self.rooms_per_client / self.rooms

    def memberships(self) -> list[list[str]]:
        """The rooms of each client: random, but the same for the same seed."""
        rng = random.Random(self.seed)
        names = [f"room {number}" for number in range(self.rooms)]
        return [rng.sample(names, self.rooms_per_client) for _ in range(self.clients)]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a run of batches.

    `latencies_ns`: of each delivery, from the call that sent the message. `sending_ns`: from the
    first batch to the end of the pause after the last. `receiving_ns`: from the first delivery to
    the last.
    """

    messages: int
    expected: int
    delivered: int
    surplus: int
    out_of_order: int
    latencies_ns: list[int]
    sending_ns: int
    receiving_ns: int

    @property
    def lost(self) -> int:
        """Deliveries that never arrived."""
        return self.expected - self.delivered

    @property
    def said_per_s(self) -> float:
        """Messages per second that were really sent."""
        return self.messages * 1e9 / self.sending_ns

    @property
    def delivered_per_s(self) -> float:
        """Deliveries per second, between the first and the last."""
        return self.delivered * 1e9 / max(self.receiving_ns, 1)

    @property
    def void(self) -> str:
        """Why the result is void; "" if it is valid."""
        problems = {
            "lost": self.lost,
            "delivered twice": self.surplus,
            "out of order": self.out_of_order,
        }
        return ", ".join(f"{count:,} {what}" for what, count in problems.items() if count)


class Clients:
    """The connections of a workload and their rooms. Counts every delivery."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.memberships = workload.memberships()
        self.connections: dict[int, Connection] = {}
        self._members = _sizes(self.memberships)
        self._due: dict[str, tuple[int, int]] = {}
        self._latencies_ns: list[int] = []
        self._first_ns = self._last_ns = 0
        self._expected = self._surplus = self._out_of_order = 0

    async def enter(self, connect: Connect, number: int) -> None:
        """Connect client `number` and join its rooms. Raises JoinRefusedError if it is refused."""
        connection = self.connections[number] = await connect(self._listener())
        for room in self.memberships[number]:
            reply = await connection.join(room, name_of(number))
            if not isinstance(reply, Joined):
                raise JoinRefusedError(f"{name_of(number)} was refused: {reply}")

    def _listener(self) -> Callable[[RoomEvent], None]:
        last_seq: dict[str, int] = {}

        def listen(event: RoomEvent) -> None:
            if type(event) is not Message:
                return
            self._out_of_order += event.seq <= last_seq.get(event.room, 0)
            last_seq[event.room] = event.seq
            self._count(event.text)

        return listen

    def _count(self, text: str) -> None:
        said_ns, left = self._due.get(text, (0, 0))
        if not left:
            self._surplus += 1
            return
        self._last_ns = now_ns()
        self._first_ns = self._first_ns or self._last_ns
        self._latencies_ns.append(self._last_ns - said_ns)
        self._due[text] = (said_ns, left - 1)

    async def say_all(self, progress: Progress, *, stall_s: float = STALL_S) -> Outcome:
        """Send every batch, then wait for the missing deliveries.

        `stall_s`: after how many seconds without a delivery the missing ones are lost.

        Raises ConnectionClosedError if a connection ended.
        """
        load = self.workload
        rng = random.Random(load.seed)
        texts = iter(incompressible(load.text_bytes, load.messages, load.seed))
        begun_ns = now_ns()
        for batch in range(load.batches):
            await self._say(
                batch % load.clients, [next(texts) for _ in range(load.batch_size)], rng
            )
            await asyncio.sleep(load.pause_ms / 1000)
            progress("batches", batch + 1, load.batches)
        sending_ns = now_ns() - begun_ns
        await self._until_all_arrived(stall_s)
        return self._outcome(sending_ns)

    async def _say(self, number: int, texts: Sequence[str], rng: random.Random) -> None:
        connection = self.connections[number]
        for text in texts:
            room = rng.choice(self.memberships[number])
            self._expected += self._members[room]
            self._due[text] = (now_ns(), self._members[room])
            await connection.send(Say(connection.next_id(), room, text))

    async def _until_all_arrived(self, stall_s: float) -> None:
        seen, seen_ns = -1, now_ns()
        while (arrived := len(self._latencies_ns)) < self._expected:
            if arrived != seen:
                seen, seen_ns = arrived, now_ns()
            elif now_ns() - seen_ns > stall_s * 1e9:
                return
            await asyncio.sleep(POLL_S)

    def _outcome(self, sending_ns: int) -> Outcome:
        return Outcome(
            messages=self.workload.messages,
            expected=self._expected,
            delivered=len(self._latencies_ns),
            surplus=self._surplus,
            out_of_order=self._out_of_order,
            latencies_ns=self._latencies_ns,
            sending_ns=sending_ns,
            receiving_ns=self._last_ns - self._first_ns,
        )


@asynccontextmanager
async def gathered(
    connect: Connect, workload: Workload, progress: Progress
) -> AsyncIterator[Clients]:
    """All clients of a workload, connected and in their rooms. Closed on exit and on failure.

    Raises JoinRefusedError if one is refused, and whatever `connect` raises.
    """
    clients = Clients(workload)
    try:
        for start in range(0, workload.clients, OPENING_AT_ONCE):
            numbers = range(start, min(start + OPENING_AT_ONCE, workload.clients))
            entering = [clients.enter(connect, number) for number in numbers]
            # Wait for all before raising an error. Otherwise a connection that is still opening
            # would stay open.
            for outcome in await asyncio.gather(*entering, return_exceptions=True):
                if outcome is not None:
                    raise outcome
            progress("clients", len(clients.connections), workload.clients)
        yield clients
    finally:
        await asyncio.gather(*(connection.close() for connection in clients.connections.values()))


def name_of(number: int) -> str:
    """The name of client `number` in its rooms."""
    return f"client {number}"


def _sizes(memberships: Sequence[Sequence[str]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for rooms in memberships:
        for room in rooms:
            sizes[room] = sizes.get(room, 0) + 1
    return sizes
