"""Nodes in this process that Redis joins, with a bug each."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from lab.chat.effects import Broadcast, Effect, Member
from lab.chat.events import Departed
from lab.chat.limits import UNPACED
from lab.contract import Address, ServeOptions, Server
from lab.faults.history import Rule
from lab.faults.nodes import RedisBackplane
from lab.faults.script import Fault
from lab.journal.contract import JournalError
from lab.journal.redis import scripts
from lab.journal.redis.backplane import Append, Backplane
from lab.journal.redis.claim import claim
from lab.journal.redis.node import Node
from lab.journal.redis.room import RoomReplica, Stored
from lab.service import wall_clock_ms
from lab.service.joined import JoinedChat
from tests.faults.planted import HEARTBEAT
from transports import registry

LEASE_S = 0.7
AGAIN_S = 0.1
ENDS: tuple[Fault, ...] = ("cut off", "cut off", "kill")
"""What ends a lease."""


_prolong, _look = scripts.BEAT.index("if not leased(ARGV"), scripts.BEAT.index("local dead")
DEAD = scripts.BEAT[:_prolong] + scripts.BEAT[_look:]
"""What remains of `BEAT` without a lease: whose lease is over."""


class Unleased(Backplane):
    """Asks for no lease when it appends."""

    async def beat(self) -> list[int]:
        try:
            return await super().beat()
        except JournalError:  # it goes on as before: the dead are others
            dead: list[bytes] = await self._run(DEAD)
            return [int(start) for start in dead if int(start) != self.claim.start]

    async def _run(self, source: str, *args: Any, **more: Any) -> Any:
        if source is scripts.APPEND:
            source = source.replace("if not leased(start) then", "if false then")
        return await super()._run(source, *args, **more)


class NeverOut(Node):
    """Does not know that a lease can be over."""

    _lease_until = property(lambda _: float("inf"), lambda *_: None)

    def is_out(self) -> bool:
        return False


class ForgottenLease(JoinedChat):
    """Goes on after its lease is over, and does not see what the others have made of it."""

    def take(self, room: RoomReplica, stored: Stored) -> None:
        mine = stored._replace(origin=self._start) if stored.token == 0 else stored
        super().take(room, mine)


class DepartureToldTwice(JoinedChat):
    """Tells of each member of a dead node when the node is dead, and when the entry says so."""

    def _route(self, member: Member, effect: Effect, reply: Any) -> None:
        super()._route(member, effect, reply)
        event = effect.event if isinstance(effect, Broadcast) else None
        if isinstance(event, Departed) and event.why == "lost" and member not in self._outlets:
            super()._route(member, effect, reply)


class RefusedAndOffered(Node):
    """Refuses a text for which Redis has no space, and offers it again like a departure."""

    def _have_no_space(self, steps: list[Append]) -> None:
        super()._have_no_space(steps)
        said = [step for step in steps if step.kind == "say"]
        if said:
            asyncio.get_running_loop().call_later(AGAIN_S, self._offer, said)


class DepartedWithoutSpace(Node):
    """Forgets the departures for which Redis has no space."""

    def _have_no_space(self, steps: list[Append]) -> None:
        super()._have_no_space([step for step in steps if step.kind != "gone"])


class Uncleared(Backplane):
    """Knows nodes that are dead, and clears nothing away."""

    async def clear(self, start: int) -> None:
        pass


@dataclass(frozen=True)
class NodeBug:
    """`rules`: those by which it may be found. `kinds`: the faults that it needs.

    `fsync`: see `redis_server`.
    """

    rules: tuple[Rule, ...] = ()
    chat: type[JoinedChat] = JoinedChat
    node: type[Node] = Node
    backplane: type[Backplane] = Backplane
    kinds: tuple[Fault, ...] = ENDS
    fsync: str = "always"

    def plant(self, patch: pytest.MonkeyPatch) -> None:
        """Let every node of this process have the bug."""
        patch.setattr("lab.service.joined.Node", self.node)
        patch.setattr("lab.journal.redis.node.Backplane", self.backplane)


NODE_BUGS = {
    "forgotten lease": NodeBug(
        ("delivered outside", "a member refused"), ForgottenLease, NeverOut, Unleased
    ),
    "departure told twice": NodeBug(("a repeat",), DepartureToldTwice),
    "departure of a dead node forgotten": NodeBug(("a departure lost",), backplane=Uncleared),
    "refused without space and offered again": NodeBug(
        ("refused and posted",), node=RefusedAndOffered, kinds=("full memory",)
    ),
    "departure without space forgotten": NodeBug(
        ("a departure lost",), node=DepartedWithoutSpace, kinds=("full memory",)
    ),
    "Redis answers before it has written": NodeBug(
        ("a node failed", "acknowledged and lost"), kinds=("full disk",), fsync="everysec"
    ),
}


class ShortBackplane(RedisBackplane):
    """Nodes in one process may have a shorter lease than `lab serve` allows."""

    lease_s = LEASE_S


class InProcessNode:
    """A node in this process. See `Subject`."""

    tls = None

    def __init__(self, bug: NodeBug, number: int, url: str) -> None:
        self._bug = bug
        self._number = number
        self._url = url
        self._lives = itertools.count(1)
        self._offset_ms = 0
        self._chat: JoinedChat | None = None
        self._served: AbstractAsyncContextManager[Server] | None = None

    async def start(self) -> Address:
        self._chat = await self._joined()
        options = ServeOptions(heartbeat=HEARTBEAT)
        self._served = registry.load("websocket").serve(self._chat, options)
        return (await self._served.__aenter__()).address

    async def _joined(self) -> JoinedChat:
        """Try until it has joined: on a busy machine its first lease may be over at once."""
        while True:
            name = f"{self._number}-{next(self._lives)}"
            try:
                place = await asyncio.to_thread(claim, self._url, name, UNPACED, LEASE_S)
            except JournalError:  # Redis is away, or full
                await asyncio.sleep(AGAIN_S)
                continue
            chat = self._bug.chat(place, UNPACED, self._clock)
            try:
                await chat.begin()
            except JournalError:
                await chat.close()
            else:
                return chat

    def _clock(self) -> int:
        return wall_clock_ms() + self._offset_ms

    async def kill(self) -> None:
        chat, served = self._chat, self._served
        self._chat = self._served = None
        if chat is not None:
            chat.fail(JournalError("killed"))  # so that it appends nothing more, nor leaves
            await chat.close()
        if served is not None:
            await served.__aexit__(None, None, None)

    async def pause(self, seconds: float) -> None:
        raise AssertionError("this process can't pause itself")

    def move_clock(self, offset_ms: int) -> None:
        self._offset_ms = offset_ms

    def fill_disk(self) -> None:
        raise AssertionError("the rooms are in Redis")

    def empty_disk(self) -> None:
        raise AssertionError("the rooms are in Redis")

    def ended(self) -> str | None:
        chat = self._chat
        return None if chat is None or chat.failure is None else str(chat.failure)
