"""How a case of the room is played: members on the transport at hand, in a room of their own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from lab.judge.case import Case
from lab.judge.engineio.steps import Need, steps
from lab.judge.player import Player
from lab.judge.room.member import Member, native, on_frames, on_posts
from lab.judge.verdict import OK, Finding

NATIVE = "room"
ON_SOCKETIO = "room on Socket.IO"
Opening = Callable[[Player], AbstractAsyncContextManager[Member]]
CARRIERS: tuple[tuple[str, str, Opening, Need | None], ...] = (
    (NATIVE, "", native, None),
    (ON_SOCKETIO, ", in frames", on_frames, Need.FRAMES),
    (ON_SOCKETIO, ", in POSTs", on_posts, Need.POLLS),
)


@dataclass
class Talk:
    """Members of a room that nobody else is in: the server may have other rooms."""

    player: Player
    opening: Opening
    stack: AsyncExitStack
    _mark: str = field(default_factory=lambda: secrets.token_hex(4))
    _names: Iterator[int] = field(default_factory=lambda: count(1))

    async def member(self) -> Member:
        """A client that has connected."""
        return await self.stack.enter_async_context(self.opening(self.player))

    def room(self) -> str:
        """The name of a room that there is not yet."""
        return f"judge {self._mark} {next(self._names)}"

    @asynccontextmanager
    async def short(self) -> AsyncIterator[Member]:
        """A client whose connections end with the block."""
        async with self.opening(self.player) as member:
            yield member


Script = Callable[[Talk], Awaitable[Finding | None]]
"""It raises WrongError where the room is wrong. It may return a finding; None is `ok`."""


def on_each(
    group: str, name: str, section: str, script: Script, *, polls: bool = True
) -> Iterator[Case]:
    """A case for each kind of transport; without `polls`, for those on a WebSocket."""
    for kind, carrier, opening, need in CARRIERS:
        if need is Need.POLLS and not polls:
            continue

        async def play(player: Player, opening: Opening = opening) -> Finding:
            async with AsyncExitStack() as stack:
                finding = await script(Talk(player, opening, stack))
            return OK if finding is None else finding

        title, clause = f"{kind}/{group}", f"docs/room.md, {section}"
        if need is None:
            yield Case(title, f"{name}{carrier}", clause, play)
        else:
            yield steps(title, f"{name}{carrier}", clause, play, need)
