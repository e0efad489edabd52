"""A client that does random things in a room, and writes down what it saw."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from lab.chat.events import (
    Departed,
    IsTyping,
    Joined,
    Left,
    Message,
    Refused,
    Reply,
    RoomEvent,
    Said,
)
from lab.contract import Connection
from lab.faults.history import READER, Step
from lab.measure.clock import now_ns

ROOM = "faults"
REPLY_S = 10.0
"""After this time without a reply, a client gives its connection up."""
AGAIN_S = 0.05

Connect = Callable[[Callable[[RoomEvent], None], int], Awaitable[Connection]]
"""(what is called with each event, the place of a node among all) -> a connection to the node"""


class Notes:
    """The history, in the order in which this process saw it."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.sessions = 0
        self._begun = now_ns()

    def add(self, **step: Any) -> None:
        """Note one step now."""
        self.steps.append(Step(at_ms=(now_ns() - self._begun) / 1e6, **step))


class Client:
    """One client under a name of its own. `last`, `epoch`: how far it knows the room.

    It connects to any of so many `nodes`, each time to another one.
    """

    def __init__(
        self, name: str, connect: Connect, notes: Notes, rng: random.Random, nodes: int = 1
    ) -> None:
        self.name = name
        self._connect = connect
        self._notes = notes
        self._rng = rng
        self._nodes = nodes
        self._node = 0
        self.last, self.epoch = 0, ""
        self._said = 0
        self._unanswered: tuple[str, str] | None = None
        self._session = 0
        self._held: list[RoomEvent] | None = None
        self.operations = 0
        self.joined: Joined | None = None
        self._news = asyncio.Event()

    async def live(self, over: asyncio.Event) -> None:
        """Connect, do things, lose the connection, and come again, until `over`."""
        while not over.is_set():
            connection = None
            try:
                node = self._rng.randrange(self._nodes)
                connection = await asyncio.wait_for(self.open(node), REPLY_S)
                while not over.is_set() and await self._do_something(connection):  # noqa: ASYNC110
                    await asyncio.sleep(self._rng.random() * 0.02)
            except (ConnectionError, OSError, TimeoutError):
                await asyncio.sleep(AGAIN_S)
            finally:
                await self.close(connection)

    async def open(self, node: int) -> Connection:
        """Make a connection to a node. Its events are noted."""
        self._node = node
        self._notes.sessions += 1
        session = self._session = self._notes.sessions
        self._held = None
        return await self._connect(lambda event: self._hear(session, event), node)

    async def close(self, connection: Connection | None) -> None:
        """Close the connection in the transport's own way."""
        self.joined = None
        if connection is not None:
            await connection.close()
            self._note(what="ended")

    async def _do_something(self, connection: Connection) -> bool:
        """One operation. False: the client wants to close this connection."""
        self.operations += 1
        if self.joined is None:
            return await self.join(connection, resume=self._rng.random() < 0.8)
        chance = self._rng.random()
        if chance < 0.03:
            return False
        if chance < 0.07:
            if isinstance(await self._ask(connection.leave(ROOM)), Left):
                self._note(what="left")
                await asyncio.sleep(AGAIN_S)  # what comes now must be from before
            return False
        return await self._say(connection)

    async def join(self, connection: Connection, *, resume: bool) -> bool:
        """Join, with what was missed if `resume`. False: the room refused."""
        after = self.last if resume else None
        epoch = self.epoch or None
        where = {"node": self._node + 1} if self._nodes > 1 else {}
        self._note(what="join", **where, **({} if after is None else {"after": after}))
        self._held = []
        reply = await self._ask(connection.join(ROOM, self.name, after, epoch if resume else None))
        held, self._held = self._held, None
        if not isinstance(reply, Joined):
            # Until the server has noticed the end of the last connection, the name is taken.
            self._note(what="refused", event=getattr(reply, "code", str(reply)))
            await asyncio.sleep(AGAIN_S)
            return False
        self.joined, self.epoch = reply, reply.epoch or ""
        # After a truncated reply the whole log follows, whatever was asked for.
        self.last = 0 if reply.truncated else reply.seq if after is None else after
        self._note(
            what="joined",
            seq=reply.seq,
            epoch=self.epoch,
            truncated=reply.truncated,
            members=tuple(reply.members),
        )
        # The room sends the replay after the reply, but a reply reaches its caller a turn later.
        for event in held or ():
            self._hear(self._session, event)
        return True

    async def caught_up(self, seq: int, deadline: float) -> None:
        """Wait until this client has received `seq`, at most until the loop's time `deadline`."""
        loop = asyncio.get_running_loop()
        while self.last < seq and loop.time() < deadline:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), deadline - loop.time())

    async def _say(self, connection: Connection) -> bool:
        """Say a new text, or the last one again under its key if it had no reply.

        A text that is refused at once is given up: it must not be in the room. False: this
        connection is in no room.
        """
        first = self._unanswered is None
        if self._unanswered is None:
            self._said += 1
            self._unanswered = (f"{self.name}-{self._said}", f"k{self._said}")
        text, key = self._unanswered
        self._note(what="say", text=text, key=key)
        reply = await self._ask(connection.say(ROOM, text, key))
        if isinstance(reply, Said):
            self._unanswered = None
            self._note(what="said", seq=reply.seq, text=text, key=key)
            if self._rng.random() < 0.1:
                self._unanswered = (text, key)  # once more, to see that it is not posted again
        elif isinstance(reply, Refused):
            self._note(what="refused", event=reply.code, **({"text": text} if first else {}))
            if first:
                self._unanswered = None
        return not (isinstance(reply, Refused) and reply.code == "not_in_room")

    async def _ask(self, asking: Awaitable[Reply]) -> Reply:
        return await asyncio.wait_for(asking, REPLY_S)

    def _hear(self, session: int, event: RoomEvent) -> None:
        if isinstance(event, IsTyping):
            return
        if self._held is not None and session == self._session:
            self._held.append(event)
            return
        kind = type(event).__name__.lower()
        text = event.text if isinstance(event, Message) else ""
        why = event.why if isinstance(event, Departed) else ""
        if session == self._session:
            self.last = event.seq
            self._news.set()
        self._notes.add(
            who=self.name,
            session=session,
            what="event",
            seq=event.seq,
            event=kind,
            name=event.name,
            text=text or why,
        )

    def _note(self, **step: Any) -> None:
        self._notes.add(who=self.name, session=self._session, **step)


async def read_all(connect: Connect, notes: Notes, deadline: float, node: int) -> None:
    """Join at a node as the reader, until all others have departed and the whole log has come.

    Or until the loop's time `deadline`.
    """
    while True:
        reader = Client(READER, connect, notes, random.Random(0))
        late = asyncio.get_running_loop().time() > deadline
        connection = None
        try:
            connection = await asyncio.wait_for(reader.open(node), REPLY_S)
            await reader.join(connection, resume=True)
            joined = reader.joined
            if joined is not None and (late or joined.members == [READER]):
                loop = asyncio.get_running_loop()
                await reader.caught_up(joined.seq, loop.time() + REPLY_S)
            if late or (joined is not None and joined.members == [READER]):
                return
        except (ConnectionError, OSError, TimeoutError):
            if late:
                raise
        finally:
            await reader.close(connection)
        await asyncio.sleep(AGAIN_S)
