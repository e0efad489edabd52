"""The servers behind the lines: one for each wire, all in this process and on one set of rooms.

A wire that is unsafe by nature is served from the moment somebody asks for it, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from lab.contract import Address, Chat, ServeOptions, Transport
from lab.page.presence import Attendance, AttendedChat
from transports import registry


class Servers:
    """Each on a port of its own that only this machine reaches. `say` tells the terminal."""

    def __init__(
        self,
        chat: Chat,
        attendance: Attendance,
        options: ServeOptions,
        say: Callable[[str], None],
    ) -> None:
        self._chat = chat
        self._attendance = attendance
        self._options = options
        self._say = say
        self._addresses: dict[str, asyncio.Future[Address]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()

    async def start(self, names: Iterable[str]) -> None:
        """Serve these wires now, but for those that are unsafe. Raises OSError."""
        safe = [name for name in names if registry.load(name).unsafe is None]
        await asyncio.gather(*map(self.address, safe))

    async def address(self, name: str) -> Address:
        """Where the wire is served, from now on if it was not yet. Raises OSError."""
        if name not in self._addresses:
            wire = registry.load(name)
            if wire.unsafe is not None:
                self._say(f"{name} is served from now on: {wire.unsafe}")
            self._addresses[name] = asyncio.get_running_loop().create_future()
            self._tasks.append(asyncio.create_task(self._serve(wire, self._addresses[name])))
        return await asyncio.shield(self._addresses[name])

    async def close(self) -> None:
        """Let every server say goodbye, all at the same time."""
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _serve(self, wire: Transport, address: asyncio.Future[Address]) -> None:
        # One task from start to end: what a server opens it closes where it opened it.
        chat = AttendedChat(self._chat, self._attendance, wire.name)
        try:
            async with wire.serve(chat, self._options) as server:
                address.set_result(server.address)
                await self._over.wait()
        except OSError as error:
            if address.done():
                raise
            del self._addresses[wire.name]
            address.set_exception(error)
