"""Runs the servers of several transports together, and measures them in turn.

Costs that are subtracted from each other must be measured at the same time. So all servers run from
the beginning, and each round measures all of them, one after the other. The others are idle
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.contract import Settings
from lab.load.chat_alone import ChatAlone
from lab.load.profiles import Profile
from lab.load.raw import RawRoom
from lab.load.texts import incompressible
from lab.measure.process import CorePlan
from lab.measure.replicas import original
from lab.service import ChatService
from transports import registry

ROOM = "interleaved"


@dataclass
class ServerCost:
    """The measured cost of one server. `per_write`: per round, see `FanOut`."""

    tally: Tally = field(default_factory=Tally)
    per_write: list[float | None] = field(default_factory=list)

    @property
    def server_cpu_ns(self) -> float:
        """Server CPU per delivery in ns. Raises ZeroDivisionError if there was none."""
        used = sum(use.server_cpu_ns or 0 for use in self.tally.uses)
        return used / self.tally.delivered

    @property
    def messages_per_write(self) -> float | None:
        """How many messages the server gathered into one write; None if that is unknown."""
        seen = [each for each in self.per_write if each is not None]
        return sum(seen) / len(seen) if seen else None


@dataclass(frozen=True)
class InterleavedCosts:
    """By messages in flight: label -> cost of its server; and chat logic in ns per delivery."""

    costs: dict[int, dict[str, ServerCost]]
    chat_ns: dict[int, float]


def measure_interleaved(
    labels: Iterable[str], settings: Settings, profile: Profile, cores: CorePlan
) -> InterleavedCosts:
    """Measure the servers of these transports (or replicas) in interleaved rounds.

    Raises:
        ServerDiedError: one of them ended.
        RawError: one of them sent what the raw driver does not understand.
        registry.UnavailableError: one of them can't run here.
    """
    names = list(labels)
    sizes = profile.apart
    costs = {window: {name: ServerCost() for name in names} for window in sizes.messages}
    chat = ChatAlone(ChatService(Rooms(UNPACED)), sizes.room)
    chat_ns = dict.fromkeys(sizes.messages, 0)
    with _serve_all(names, settings, profile, cores) as servers:
        for number in range(1 + profile.rounds):
            # Reverse every other round, so that none is always first.
            turns = names if number % 2 else names[::-1]
            for window, count in sizes.messages.items():
                found = costs[window] if number else {name: ServerCost() for name in names}
                for name in turns:
                    servers[name].measure(count, window, found[name])
                    _answer_heartbeats(servers.values())
                used = chat.cpu_ns(incompressible(profile.payload_bytes, count, number))
                chat_ns[window] += used if number else 0
    deliveries = {window: count * profile.rounds for window, count in sizes.messages.items()}
    each = {window: ns / deliveries[window] / sizes.room for window, ns in chat_ns.items()}
    return InterleavedCosts(costs, each)


class _ServerWithRoom:
    """One server and its room."""

    def __init__(self, served: ServedTransport, room: RawRoom) -> None:
        self._served = served
        self._meter = served.meter()
        self.room = room

    def measure(self, messages: int, window: int, costs: ServerCost) -> None:
        """Say this many messages, and add the cost."""
        texts = self._served.texts(messages)
        self._meter.start()
        found = self.room.fan_out(texts, window)
        costs.tally.uses.append(self._meter.stop())
        costs.tally.add(found)
        costs.per_write.append(found.per_write)
        self._served.check()


def _answer_heartbeats(servers: Iterable[_ServerWithRoom]) -> None:
    for server in servers:
        server.room.stay()


@contextmanager
def _serve_all(
    names: list[str], settings: Settings, profile: Profile, cores: CorePlan
) -> Iterator[dict[str, _ServerWithRoom]]:
    with ExitStack() as stack:
        servers = {}
        for name in names:
            transport = registry.load(original(name))
            served = stack.enter_context(ServedTransport(transport, settings, profile, cores))
            served.warm_up()
            room = RawRoom(transport, served.address, ROOM, profile.apart.room)
            servers[name] = _ServerWithRoom(served, stack.enter_context(room))
            _answer_heartbeats(servers.values())
        yield servers
