"""The yard: the servers of several wires at once, each with a full room, measured in turn.

Costs that are subtracted from each other have to be of the same moment: so all servers stand from
the beginning, and each round asks every one of them, one after the other. Who isn't asked is idle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.run_in import compiles_as_it_runs, run_in
from benchmarks.stage import Stage
from benchmarks.tally import Tally
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.contract import Settings
from lab.load.chat_alone import ChatAlone
from lab.load.profiles import Profile
from lab.load.raw import RawRoom
from lab.load.texts import incompressible
from lab.measure.process import CorePlan
from lab.measure.twins import original
from lab.service import ChatService
from transports import registry

ROOM = "yard"


@dataclass
class Taken:
    """What one server was found to take; `per_write` is of each round: see `FanOut`."""

    tally: Tally = field(default_factory=Tally)
    per_write: list[float | None] = field(default_factory=list)

    @property
    def server_cpu_ns(self) -> float:
        """For each delivery. Raises ZeroDivisionError where there was none."""
        used = sum(use.server_cpu_ns or 0 for use in self.tally.uses)
        return used / self.tally.delivered

    @property
    def messages_per_write(self) -> float | None:
        """How many messages the server gathered into one; None where that could not be seen."""
        seen = [each for each in self.per_write if each is not None]
        return sum(seen) / len(seen) if seen else None


@dataclass(frozen=True)
class Found:
    """By messages in flight: label -> what its server took; and chat logic, ns for a delivery."""

    taken: dict[int, dict[str, Taken]]
    chat_ns: dict[int, float]


def measured(labels: Iterable[str], settings: Settings, profile: Profile, cores: CorePlan) -> Found:
    """Ask the servers of these wires (or of their second selves) in interleaved rounds.

    Raises:
        ServerDiedError: one of them ended.
        RawError: one of them said what the raw driver does not understand.
        registry.UnavailableError: one of them can't run here.
    """
    names = list(labels)
    sizes = profile.apart
    taken = {window: {name: Taken() for name in names} for window in sizes.messages}
    chat = ChatAlone(ChatService(Rooms(UNPACED)), sizes.room)
    chat_ns = dict.fromkeys(sizes.messages, 0)
    with _standing(names, settings, profile, cores) as stands:
        for number in range(1 + profile.rounds):
            # There and back, so that nobody is always asked first.
            turns = names if number % 2 else names[::-1]
            for window, count in sizes.messages.items():
                found = taken[window] if number else {name: Taken() for name in names}
                for name in turns:
                    stands[name].ask(count, window, found[name])
                    _stay(stands.values())
                used = chat.cpu_ns(incompressible(profile.payload_bytes, count, number))
                chat_ns[window] += used if number else 0
    deliveries = {window: count * profile.rounds for window, count in sizes.messages.items()}
    each = {window: ns / deliveries[window] / sizes.room for window, ns in chat_ns.items()}
    return Found(taken, each)


class _Stand:
    """One server and its room."""

    def __init__(self, stage: Stage, room: RawRoom) -> None:
        self._stage = stage
        self._meter = stage.meter()
        self.room = room

    def ask(self, messages: int, window: int, taken: Taken) -> None:
        """Say so many, and add what it took."""
        texts = self._stage.texts(messages)
        self._meter.start()
        found = self.room.fan_out(texts, window)
        taken.tally.uses.append(self._meter.stop())
        taken.tally.add(found)
        taken.per_write.append(found.per_write)
        self._stage.check()


def _stay(stands: Iterable[_Stand]) -> None:
    for stand in stands:
        stand.room.stay()


@contextmanager
def _standing(
    names: list[str], settings: Settings, profile: Profile, cores: CorePlan
) -> Iterator[dict[str, _Stand]]:
    with ExitStack() as stack:
        stands = {}
        for name in names:
            wire = registry.load(original(name))
            stage = stack.enter_context(Stage(wire, settings, profile, cores))
            if compiles_as_it_runs(wire.stack()):
                run_in(stage)
            room = RawRoom(wire, stage.address, ROOM, profile.apart.room)
            stands[name] = _Stand(stage, stack.enter_context(room))
            _stay(stands.values())
        yield stands
