"""Rooms and servers with a bug each, as small as the bug allows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import msgspec

from lab.chat import events
from lab.chat.commands import Command, Say
from lab.chat.effects import Broadcast, Deliver, Effect, Member, Reply
from lab.chat.events import LoggedEvent, Message, RoomEvent, Why
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.contract import Address, Heartbeat, Outlet, ServeOptions, Server
from lab.faults.history import Rule
from lab.faults.script import Fault
from lab.journal.contract import JournalFullError
from lab.journal.entries import Done
from lab.journal.memory import MemoryJournal
from lab.journal.replica import Snapshot
from lab.service import ChatService, wall_clock_ms
from lab.service.journaled import JournaledChat
from transports import registry

HEARTBEAT = Heartbeat(1, 1)
MIN = 60_000


class Right(Rooms):
    """Rooms without a bug. `copied`: what a journal would give back after a crash."""

    every = 1
    """After how many commands the journal commits."""

    def __init__(self, life: str) -> None:
        super().__init__(UNPACED, life=life)
        self.number = count(1)
        self.copied: Right | None = None

    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        return list(self.changed(command, super().apply(member, command, now_ms)))

    def changed(self, _command: Command, found: list[Effect]) -> Iterator[Effect]:
        """The place for a bug in what a command does."""
        yield from found

    def nth(self, every: int) -> bool:
        """Whether this call is one of each `every`."""
        return next(self.number) % every == 0


class ReplayOffByOne(Right):
    def changed(self, _command: Command, found: list[Effect]) -> Iterator[Effect]:
        for effect in found:
            yield Deliver(effect.events[1:]) if isinstance(effect, Deliver) else effect


class DuplicateAfterResume(Right):
    def changed(self, _command: Command, found: list[Effect]) -> Iterator[Effect]:
        for effect in found:
            if isinstance(effect, Deliver) and len(effect.events) > 1:
                yield Deliver((*effect.events, effect.events[-1]))
            else:
                yield effect


class SeqReused(Right):
    def changed(self, _command: Command, found: list[Effect]) -> Iterator[Effect]:
        for effect in found:
            if isinstance(effect, Broadcast) and isinstance(effect.event, Message) and self.nth(9):
                event = msgspec.structs.replace(effect.event, seq=effect.event.seq - 1)
                yield Broadcast(effect.room, event, effect.skip)
            else:
                yield effect


class Dropped(Right):
    def changed(self, _command: Command, found: list[Effect]) -> Iterator[Effect]:
        yield from (e for e in found if not (isinstance(e, Broadcast) and self.nth(15)))


class AckedAndNotPosted(Right):
    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        if isinstance(command, Say) and self.is_inside(member) and self.nth(12):
            seq = self.state().rooms[0].seq
            return [Reply(events.Said(command.id, command.room, seq, now_ms))]
        return super().apply(member, command, now_ms)


class KeyForgotten(Right):
    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        if isinstance(command, Say):
            command = msgspec.structs.replace(command, key=None)
        return super().apply(member, command, now_ms)


class DepartureLost(Right):
    def gone(self, member: Member, why: Why) -> list[Effect]:
        return [] if self.is_inside(member) and self.nth(3) else super().gone(member, why)


class AckBeforeCommit(Right):
    every = 7


class KeysExpireByTheClock(Right):
    """Forgets a key after a minute of the wall clock."""

    def __init__(self, life: str) -> None:
        super().__init__(life)
        self.first: dict[str, int] = {}

    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        if isinstance(command, Say) and now_ms - self.first.setdefault(command.text, now_ms) > MIN:
            command = msgspec.structs.replace(command, key=None)
        return super().apply(member, command, now_ms)


class ReplayByTheClock(Right):
    """Leaves out of a replay what was said later than now."""

    def apply(self, member: Member, command: Command, now_ms: int) -> list[Effect]:
        self.now_ms = now_ms
        return super().apply(member, command, now_ms)

    def changed(self, _command: Command, found: list[Effect]) -> Iterator[Effect]:
        for effect in found:
            yield (
                Deliver(tuple(filter(self.is_past, effect.events)))
                if isinstance(effect, Deliver)
                else effect
            )

    def is_past(self, event: LoggedEvent) -> bool:
        return not isinstance(event, Message) or event.at <= self.now_ms


class _Passing:
    """An outlet before the server's own."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.number = count(1)
        self.inside: list[Member] = []
        self.held: RoomEvent | None = None

    def enter(self, member: Member, room: str) -> None:
        self.inside.append(member)
        self.outlet.enter(member, room)

    def exit(self, member: Member, room: str) -> None:
        self.inside.remove(member)
        self.outlet.exit(member, room)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        self.outlet.broadcast(room, event, skip)

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        self.outlet.deliver(member, missed)


class DeliveredAfterLeave(_Passing):
    def exit(self, member: Member, room: str) -> None:
        self.inside.remove(member)


class OtherOrderForOne(_Passing):
    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        held, self.held = self.held, None
        if held is None and isinstance(event, Message) and next(self.number) % 9 == 0:
            self.held, self.victim = event, self.inside[0]
            self.outlet.broadcast(room, event, self.victim)
            return
        self.outlet.broadcast(room, event, skip)
        if isinstance(held, Message) and self.victim in self.inside:
            self.outlet.deliver(self.victim, [held])


class _Service(ChatService):
    """A service whose outlets have a bug. `commit` is called after each command."""

    def __init__(
        self,
        rooms: Rooms,
        clock: Callable[[], int],
        wrap: type[_Passing],
        commit: Callable[[], None],
    ) -> None:
        super().__init__(rooms, clock)
        self._wrap = wrap
        self._commit = commit
        self._wrapped: dict[Any, _Passing] = {}

    def attach(self, outlet: Outlet) -> Member:
        known = self._wrapped.setdefault(id(outlet), self._wrap(outlet))
        return super().attach(known)

    def receive(self, member: Member, command: Command, reply: Any) -> None:
        super().receive(member, command, reply)
        self._commit()


class LyingJournal(MemoryJournal):
    """Keeps nothing when its disk is full, and says that it does."""

    def commit(self, entries: Sequence[bytes], snapshot: Snapshot | None = None) -> None:
        with suppress(JournalFullError):
            super().commit(entries, snapshot)


class RefusesAndTriesAgain(JournaledChat):
    """Refuses what is said while the journal is full, and offers it again with the departures."""

    def _settle(self, steps: list[Any], saved: bool, error: Any) -> None:
        super()._settle(steps, saved, error)
        if isinstance(error, JournalFullError):
            self._departures += [
                step._replace(run=partial(self._post, step.entry), refuse=None)
                for step in steps
                if step.refuse is not None  # else it has been offered again already
                and isinstance(step.entry, Done)
                and isinstance(step.entry.command, Say)
            ]

    def _post(self, entry: Any) -> None:
        for effect in self._replica.apply(entry):
            if isinstance(effect, Broadcast):
                self._route(Member(entry.member), effect, lambda _: None)


@dataclass(frozen=True)
class Bug:
    """`rules`: those by which it may be found. `kinds`: the faults that it needs besides cuts.

    `journal`, `chat`: those of a room that is kept, where the bug is in them.
    """

    rooms: type[Right] = Right
    outlet: type[_Passing] = _Passing
    rules: tuple[Rule, ...] = ()
    kinds: tuple[Fault, ...] = ()
    journal: type[MemoryJournal] = MemoryJournal
    chat: type[JournaledChat] = JournaledChat

    @property
    def durable(self) -> bool:
        """Whether its rooms outlive the server."""
        return bool({"kill", "full disk"} & set(self.kinds))


BUGS = {
    "ack before commit": Bug(
        AckBeforeCommit,
        rules=("acknowledged and lost", "two events under one seq", "a repeat", "a gap"),
        kinds=("kill",),
    ),
    "lost departure": Bug(DepartureLost, rules=("a departure lost",)),
    "replay off by one": Bug(ReplayOffByOne, rules=("a gap",)),
    "duplicate after resume": Bug(DuplicateAfterResume, rules=("a repeat",)),
    "order differs for one member": Bug(outlet=OtherOrderForOne, rules=("a gap", "a repeat")),
    "seq reused": Bug(SeqReused, rules=("two events under one seq", "a repeat")),
    "delivery after leave": Bug(outlet=DeliveredAfterLeave, rules=("delivered outside",)),
    "dropped": Bug(Dropped, rules=("a gap",)),
    "key forgotten": Bug(KeyForgotten, rules=("a key forgotten", "posted twice")),
    "acknowledged and not posted": Bug(AckedAndNotPosted, rules=("acknowledged and lost",)),
    "keys expire by the clock": Bug(
        KeysExpireByTheClock, rules=("a key forgotten", "posted twice"), kinds=("clock",)
    ),
    "replay by the clock": Bug(ReplayByTheClock, rules=("a gap",), kinds=("clock",)),
    "a full disk acknowledged": Bug(
        journal=LyingJournal,
        rules=("acknowledged and lost", "two events under one seq", "a repeat", "a gap"),
        kinds=("full disk",),
    ),
    "refused and posted": Bug(
        chat=RefusesAndTriesAgain, rules=("refused and posted",), kinds=("full disk",)
    ),
}


class InProcess:
    """A server in this process, of a transport with a bug in its room. See `Subject`."""

    tls = None

    def __init__(self, bug: Bug) -> None:
        self._bug = bug
        self._offset_ms = 0
        self._journal = bug.journal(UNPACED)
        self._rooms = bug.rooms("1")
        self._kept = copy.deepcopy(self._rooms)
        self._served: AbstractAsyncContextManager[Server] | None = None

    async def start(self) -> Address:
        chat = self._journaled() if "full disk" in self._bug.kinds else self._unjournaled()
        self._served = registry.load("websocket").serve(chat, ServeOptions(heartbeat=HEARTBEAT))
        return (await self._served.__aenter__()).address

    def _journaled(self) -> JournaledChat:
        return self._bug.chat(self._journal, UNPACED, self._clock)

    def _unjournaled(self) -> _Service:
        self._rooms = copy.deepcopy(self._kept)
        for member, _ in self._rooms.state().inside:
            self._rooms.gone(Member(member), "lost")
        self._kept = copy.deepcopy(self._rooms)
        return _Service(self._rooms, self._clock, self._bug.outlet, self._commit)

    def _clock(self) -> int:
        return wall_clock_ms() + self._offset_ms

    async def kill(self) -> None:
        served, self._served = self._served, None
        if served is not None:
            await served.__aexit__(None, None, None)
        ended, self._journal = self._journal, copy.deepcopy(self._journal)
        ended.full = False  # what this life still tries to keep is kept nowhere

    async def pause(self, seconds: float) -> None:
        raise AssertionError("this process can't pause itself")

    def move_clock(self, offset_ms: int) -> None:
        self._offset_ms = offset_ms

    def fill_disk(self) -> None:
        self._journal.full = True

    def empty_disk(self) -> None:
        self._journal.full = False

    def ended(self) -> str | None:
        return None

    def _commit(self) -> None:
        if self._rooms.nth(self._bug.rooms.every) if self._bug.rooms.every > 1 else True:
            self._kept = copy.deepcopy(self._rooms)
