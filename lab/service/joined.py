"""The service of one node of several: the rooms' entries are in Redis, which orders them.

A command that may change a room is appended to the room's stream, and carried out when it comes
back, as on every other node. The commands of one connection are carried out in its order: one waits
until those before it are done, except after others for the same room, whose stream has an order.
"""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable, Mapping
from functools import partial

from lab.chat import commands, effects, events
from lab.chat.commands import Command
from lab.chat.effects import Effect, Member
from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.journal import entries
from lab.journal.contract import JournalError
from lab.journal.entries import Gone
from lab.journal.recover import MEMBERS_PER_START
from lab.journal.redis.backplane import LOST_LEASE, Append, Kind, report
from lab.journal.redis.claim import Claim
from lab.journal.redis.node import Listed, Node
from lab.journal.redis.room import RoomReplica, Stored
from lab.journal.replica import deciding
from lab.service import no_reply, wall_clock_ms
from lab.service.paced import PacedChat, Received

FULL = "Redis has no space for it: nothing has changed"
KINDS: dict[type[Command], Kind] = {
    commands.Join: "join",
    commands.Leave: "leave",
    commands.Say: "say",
}


Step = Received | Callable[[], None]
"""One thing to do for a connection: a command, or anything else."""


def _room_of(step: Step) -> str | None:
    """The room whose stream a step may go to; None: it needs no entry."""
    change = step.entry if isinstance(step, Received) else None
    return change.command.room if change else None


class _Peer:
    """A connection. `pending`: how many of its commands are on their way, all for `room`."""

    def __init__(self) -> None:
        self.queue: deque[Step] = deque()
        self.pending = 0
        self.room: str | None = None

    def is_ready(self) -> bool:
        """Whether its next step may begin."""
        if not self.queue:
            return False
        return self.pending == 0 or _room_of(self.queue[0]) == self.room is not None


class JoinedChat(PacedChat):
    """A `ChatService` whose rooms other nodes serve, too. `begin` it before it is used."""

    def __init__(
        self,
        claim: Claim,
        limits: Limits | None = None,
        clock: Callable[[], int] = wall_clock_ms,
    ) -> None:
        limits = limits or Limits()
        # These rooms stay empty. They refuse what no member of a room has sent.
        super().__init__(Rooms(deciding(limits)), limits, clock)
        self.node = Node(claim, limits, self)
        self._start = claim.start
        self._numbers = itertools.count(claim.start * MEMBERS_PER_START)
        self._peers: dict[Member, _Peer] = {}
        self._tokens = itertools.count(1)
        self._sent: dict[int | str, Received] = {}
        """Token -> a command whose entry has not come back."""
        self._sent_to: Counter[str] = Counter()

    async def begin(self) -> None:
        """Join the nodes. Raises as `Node.begin` does."""
        await self.node.begin()

    async def close(self) -> None:
        """Let the members depart, and leave the nodes."""
        await self.node.close()

    def backplane(self) -> Mapping[str, int]:
        """Entries read from Redis, their bytes, and how many of them concerned a member here."""
        node = self.node
        return {"reads": node.reads, "read_bytes": node.read_bytes, "concerned": node.concerned}

    # Called in turn: see `ChatService`.

    def _later(self, member: Member, run: Callable[[], None]) -> None:
        self._enqueue(member, run)

    def _accept(self, received: Received) -> None:
        self._enqueue(received.member, received)

    def _enqueue(self, member: Member, step: Step) -> None:
        if self.node.is_out():
            return
        if (peer := self._peers.get(member)) is None:
            peer = self._peers[member] = _Peer()
        peer.queue.append(step)
        self._proceed(member)

    def _proceed(self, member: Member) -> None:
        """Begin what waits of a connection, as far as its order allows."""
        while (peer := self._peers.get(member)) is not None and peer.is_ready():
            step = peer.queue.popleft()
            if isinstance(step, Received):
                self._begin(peer, step)
            else:
                step()

    def _begin(self, peer: _Peer, received: Received) -> None:
        member, command, entry, _, reply = received
        if isinstance(command, commands.Rooms):
            self._list(peer, received, command)
        elif entry is None or self._is_refused_here(peer, member, entry.command):
            self._release(received)
            done = self._ask(member, command)
            self._charge(member, done)
            for effect in done:
                self._route(member, effect, reply)
        elif isinstance(command, commands.Join) and self._is_in_too_many(member, command.room):
            self._release(received)
            most = f"at most {self._limits.rooms_per_connection}"
            self._answer(member, events.Refused(command.id, "too_many_rooms", most), reply)
        else:
            self._send(peer, received, entry.command.room)

    def _is_refused_here(
        self, peer: _Peer, member: Member, change: commands.Join | commands.Leave | commands.Say
    ) -> bool:
        """Whether the member's presence decides, and nothing on its way can change that."""
        if peer.pending:
            return False
        room = self.node.rooms.get(change.room)
        is_inside = room is not None and room.is_inside(member)
        return is_inside == isinstance(change, commands.Join)

    def _is_in_too_many(self, member: Member, room: str) -> bool:
        others = set(self._entered.get(member, ())) - {room}
        return len(others) >= self._limits.rooms_per_connection

    def _ask(self, member: Member, command: Command) -> list[Effect]:
        """What a command does that changes no room."""
        room = self.node.rooms.get(getattr(command, "room", ""))
        if room is None:
            return self._rooms.apply(member, command, 0)
        done = room.ask(member, command)
        if isinstance(command, commands.Typing):
            for effect in done:
                if isinstance(effect, effects.Broadcast):
                    self.node.tell_typing(room, effect.event.name)
        return done

    def _send(self, peer: _Peer, received: Received, room: str) -> None:
        token = next(self._tokens)
        self._sent[token] = received
        self._sent_to[room] += 1
        peer.pending, peer.room = peer.pending + 1, room
        kind = KINDS[type(received.command)]
        self.node.append(Append(kind, room, received.member, token, received.data))

    def _list(self, peer: _Peer, received: Received, command: commands.Rooms) -> None:
        peer.pending, peer.room = peer.pending + 1, None
        most = min(command.limit or self._limits.page_rooms, self._limits.page_rooms)

        def found(rooms: Listed) -> None:
            listed = [events.RoomSummary(*room) for room in rooms[:most]]
            reply = events.Listing(command.id, listed, len(rooms) > most)
            self._pace.charge(received.member, len(listed))
            self._answer(received.member, reply, received.reply)

        def done(rooms: Listed) -> None:
            self._carry_out(lambda: found(rooms))
            self._settle(received, None)

        self.node.list_rooms(command.after, most + 1, done)

    def _settle(self, received: Received, room: str | None) -> None:
        """A command is done that was on its way. Not called in turn."""
        self._release(received)
        if room is not None:
            self._sent_to[room] -= 1
            if not self._sent_to[room]:
                del self._sent_to[room]
        if (peer := self._peers.get(received.member)) is not None:
            peer.pending -= 1
            if peer.queue:
                self._carry_out(partial(self._proceed, received.member))

    def _release(self, received: Received) -> None:
        if received.member in self._waiting_bytes:
            self._waiting_bytes[received.member] -= len(received.data)

    def _remove(self, member: Member, why: Why) -> None:
        """End the connection at once. Its rooms learn of it when the entry comes back."""
        if member not in self._outlets:
            return
        rooms = dict.fromkeys(self._entered.get(member, ()))
        peer = self._peers.pop(member, None)
        if peer is not None and peer.pending and peer.room is not None:
            rooms[peer.room] = None
        self._disconnect(member)
        data = entries.encode(Gone(member, why))
        for room in rooms:
            self.node.append(Append("gone", room, member, 0, data))
        self.node.drop(rooms)

    # Called by the node.

    def take(self, room: RoomReplica, stored: Stored) -> None:
        """See `Place`."""
        ours = stored.origin == self._start
        received = self._sent.pop(stored.token, None) if ours else None
        noops = room.noops
        entry, done = room.apply(stored)
        member = Member(entry.member)
        if not ours and isinstance(entry, Gone) and member in self._outlets:
            raise JournalError(LOST_LEASE)

        self._carry_out(partial(self._follow, member, done, received))
        if received is not None:
            self._settle(received, room.name)
        if room.noops > noops and (received is not None or isinstance(entry, Gone)):
            self.node.append(report(room, member))

    def _follow(self, member: Member, done: list[Effect], received: Received | None) -> None:
        """Carry out what an entry does. `received`: the command of this node that it came from."""
        if received is not None:
            self._charge(member, done)
            for effect in done:
                self._route(member, effect, received.reply)
            return
        # A room that is read again has old entries of connections that are still here.
        for effect in done:
            if isinstance(effect, effects.Broadcast):
                self._route(member, effect, no_reply)

    def awaits(self, step: Append) -> bool:
        """See `Place`."""
        return step.token in self._sent

    def refused(self, step: Append, why: str) -> None:
        """See `Place`."""
        received = self._sent.pop(step.token, None)
        if received is not None:
            self._carry_out(lambda: self._refuse_sent(received, why))
            self._settle(received, step.room)

    def _refuse_sent(self, received: Received, why: str) -> None:
        member, command, _, _, reply = received
        if why == "out":
            (answer,) = self._rooms.apply(member, command, 0)
            self._route(member, answer, reply)
        else:
            reason = FULL if why == "space" else f"at most {self._limits.rooms} rooms"
            self._answer(member, events.Refused(command.id, "server_full", reason), reply)

    def needs(self, room: str) -> bool:
        """See `Place`."""
        return room in self._present or room in self._sent_to

    def typing(self, room: str, name: str) -> None:
        """See `Place`."""
        event = events.IsTyping(room, name)
        nobody = Member(0)
        self._carry_out(lambda: self._route(nobody, effects.Broadcast(room, event), no_reply))
