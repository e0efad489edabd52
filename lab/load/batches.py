"""Batches: clients in many rooms, one after the other saying several messages at once.

The shape of CometD's benchmark: `batches` times the next client says `batch_size` messages without
waiting for anything, each in one of its rooms drawn at random, and then everybody pauses. Nothing
waits for a delivery, so what is slow shows as latency, and every delivery is counted.
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
"""With nothing delivered for so long, what is missing counts as lost."""

POLL_S = 0.05
SHORTEST_TEXT_BYTES = 8
"""Shorter ones would not all be different, and that is how a delivery finds its message."""


Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is, and how much there is to do."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """How many say what to how many. Raises ValueError, naming what is allowed, for no workload."""

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
        """How many are said."""
        return self.batches * self.batch_size

    @property
    def offered_per_s(self) -> float:
        """Messages a second, if saying them took no time; infinite without a pause."""
        return self.batch_size * 1000 / self.pause_ms if self.pause_ms else float("inf")

    @property
    def members_per_room(self) -> float:
        """The mean."""
        return self.clients * self.rooms_per_client / self.rooms

    def memberships(self) -> list[list[str]]:
        """The rooms of each client: drawn at random, the same for a seed."""
        rng = random.Random(self.seed)
        names = [f"room {number}" for number in range(self.rooms)]
        return [rng.sample(names, self.rooms_per_client) for _ in range(self.clients)]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of batches came to.

    `latencies_ns`: of each delivery, from the call that said it. `sending_ns`: from the first batch
    to the end of the pause after the last. `receiving_ns`: from the first delivery to the last.
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
        """Deliveries that never came."""
        return self.expected - self.delivered

    @property
    def said_per_s(self) -> float:
        """Messages a second that were really said."""
        return self.messages * 1e9 / self.sending_ns

    @property
    def delivered_per_s(self) -> float:
        """Deliveries a second, as long as there were any."""
        return self.delivered * 1e9 / max(self.receiving_ns, 1)

    @property
    def void(self) -> str:
        """Why nothing may be concluded from it; "" where something may."""
        problems = {
            "lost": self.lost,
            "delivered twice": self.surplus,
            "out of order": self.out_of_order,
        }
        return ", ".join(f"{count:,} {what}" for what, count in problems.items() if count)


class Clients:
    """The connections of a workload and their rooms; counts every delivery."""

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
        """Connect client `number` and join its rooms. Raises JoinRefusedError where it may not."""
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

    async def say_all(self, progress: Progress) -> Outcome:
        """Say every batch, then wait for what is still under way.

        Raises ConnectionClosedError where a connection ended.
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
        await self._until_all_arrived()
        return self._outcome(sending_ns)

    async def _say(self, number: int, texts: Sequence[str], rng: random.Random) -> None:
        connection = self.connections[number]
        for text in texts:
            room = rng.choice(self.memberships[number])
            self._expected += self._members[room]
            self._due[text] = (now_ns(), self._members[room])
            await connection.send(Say(connection.next_id(), room, text))

    async def _until_all_arrived(self) -> None:
        seen, seen_ns = -1, now_ns()
        while (arrived := len(self._latencies_ns)) < self._expected:
            if arrived != seen:
                seen, seen_ns = arrived, now_ns()
            elif now_ns() - seen_ns > STALL_S * 1e9:
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
    """Every client of a workload, connected and in its rooms; closed on leaving, and on failure.

    Raises: JoinRefusedError where one is not let in; whatever `connect` raises.
    """
    clients = Clients(workload)
    try:
        for start in range(0, workload.clients, OPENING_AT_ONCE):
            numbers = range(start, min(start + OPENING_AT_ONCE, workload.clients))
            entering = [clients.enter(connect, number) for number in numbers]
            # All outcomes before any error: what is still opening meanwhile would stay open.
            for outcome in await asyncio.gather(*entering, return_exceptions=True):
                if outcome is not None:
                    raise outcome
            progress("clients", len(clients.connections), workload.clients)
        yield clients
    finally:
        await asyncio.gather(*(connection.close() for connection in clients.connections.values()))


def name_of(number: int) -> str:
    """What client `number` is called in its rooms."""
    return f"client {number}"


def _sizes(memberships: Sequence[Sequence[str]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for rooms in memberships:
        for room in rooms:
            sizes[room] = sizes.get(room, 0) + 1
    return sizes
