"""What docs/scaling.md promises when the disk of Redis is full, under each `appendfsync`."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from lab.chat import commands, events
from lab.chat.limits import UNPACED
from lab.cluster.programs import free_ports, missing
from lab.cluster.redis import Redis, redis_server
from lab.faults.disk import SmallDisk, small_disk
from tests.conformance.client import eventually
from tests.interop.conftest import needs
from tests.journal.redis_rooms import NodeRoom, nodes
from transports._shared.extras import missing as missing_package


class OnDisk(NamedTuple):
    """A Redis server on a small disk, and two nodes. `start`: another one at its place."""

    disk: SmallDisk
    first: Redis
    start: Callable[[], Awaitable[Redis]]
    here: NodeRoom
    there: NodeRoom

    async def ended(self) -> str:
        """How Redis has ended by itself."""
        await eventually(lambda: self.first.program.obituary() is not None, "the end of Redis")
        return str(self.first.program.obituary())


@asynccontextmanager
async def on_a_small_disk(folder: Path, fsync: str) -> AsyncIterator[OnDisk]:
    needs(missing("redis-server") or missing_package("redis"))
    with ExitStack() as disks:
        disk, left_out = small_disk(disks, folder / "redis")
        if disk is None:
            pytest.skip(left_out[0])
        (port,) = free_ports(1)
        async with AsyncExitStack() as stack:

            async def start() -> Redis:
                running = redis_server(folder / "redis", port, fsync, within=disk.inside)
                return await stack.enter_async_context(running)

            first = await start()
            both = await stack.enter_async_context(nodes(first.url, "a", "b", limits=UNPACED))
            yield OnDisk(disk, first, start, *both)


def texts(room: NodeRoom) -> list[str]:
    return [it.text for it in room.outlet.events() if isinstance(it, events.Message)]


async def test_with_always_redis_ends_and_the_reply_waits_for_the_next_one(tmp_path: Path) -> None:
    said = [*map(str, range(50))]
    async with on_a_small_disk(tmp_path, "always") as found:
        ada = await found.here.joined("ada")
        await found.there.joined("bob")
        found.disk.fill()
        for number, text in enumerate(said):
            found.here.do(ada, commands.Say(number, "lab", text))
        assert "'always'" in await found.ended()
        found.disk.empty()
        await found.start()
        for room in (found.here, found.there):
            await eventually(lambda room=room: texts(room) == said, "all texts, once each")  # type: ignore[misc]
        replies = found.here.replies()[1:]
        assert [type(reply) for reply in replies] == [events.Said] * len(said)


async def test_with_everysec_redis_refuses_what_it_cant_write_and_goes_on(tmp_path: Path) -> None:
    said: list[str] = []
    async with on_a_small_disk(tmp_path, "everysec") as found:
        ada = await found.here.joined("ada")
        await found.there.joined("bob")
        found.disk.fill()
        is_empty = False
        for number in itertools.count():
            reply = await found.here.ask(ada, commands.Say(number, "lab", f"{number}"))
            if isinstance(reply, events.Said):
                said.append(f"{number}")
                if is_empty:
                    break
                continue
            assert isinstance(reply, events.Refused)
            assert reply.code == "server_full"
            if not is_empty:
                found.disk.empty()
                is_empty = True
        # The first texts were acknowledged before Redis knew of the full disk. They are kept, too.
        psutil.Process(found.first.program.pid).kill()
        await found.ended()
        await found.start()
        await found.here.ask(ada, commands.Say(0, "lab", "after"))
        for room in (found.here, found.there):
            await eventually(lambda room=room: "after" in texts(room), "the last text")  # type: ignore[misc]
            assert texts(room) == [*said, "after"]
            assert room.chat.failure is None
