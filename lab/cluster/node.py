"""One node of a cluster, as a program: `python -m lab.cluster.node CONFIG`, where CONFIG is JSON.

It prints one line of JSON when it serves: its address, or `{"error": "..."}`. It answers each line
on its standard input with its counts. It ends at SIGTERM, and when its standard input ends: then
the process that started it is gone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec

from lab.chat.limits import UNPACED, Limits
from lab.cluster import registry
from lab.cluster.counting import CountingChat
from lab.contract import Capability, Chat, ServeOptions, Server, Transport
from lab.journal.contract import JournalError
from lab.measure import collector
from lab.service import ChatService, new_rooms
from lab.service.claimed import ClaimedChat
from transports.registry import UnavailableError

LEASE_S = 10.0


class Config(msgspec.Struct, frozen=True):
    """What one node runs. `backplane`: the URL of the Redis server that joins the nodes.

    `measured`: the pace is not limited, and garbage is collected rarely, as in a measurement.
    `joined`: its rooms are those of all nodes, by the lab's journal in Redis, in which it has this
    name and a lease.
    """

    transport: str
    backplane: str = ""
    options: ServeOptions = ServeOptions()
    measured: bool = False
    joined: bool = False
    name: str = "node"
    lease_s: float = LEASE_S


class Ready(msgspec.Struct, frozen=True):
    """The first line of a node. `pid`: the process that serves. `error`: why it can't serve."""

    url: str = ""
    port: int = 0
    websocket_url: str | None = None
    pid: int = 0
    error: str | None = None


def main() -> None:
    """Run the node that the first argument describes; exit code 1 if it can't serve."""
    config = msgspec.json.decode(sys.argv[1], type=Config)
    try:
        transport = registry.load(config.transport, config.backplane)
        with asyncio.Runner(loop_factory=transport.new_event_loop()) as runner:
            runner.run(_serve(transport, config))
    except (OSError, UnavailableError, JournalError) as error:
        _say(Ready(error=str(error)))
        sys.exit(1)


async def _serve(transport: Transport, config: Config) -> None:
    limits = UNPACED if config.measured else Limits()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    async with (
        _rooms(transport, config, limits, ended) as rooms,
        transport.serve(_served(rooms, chat := CountingChat(rooms)), config.options) as server,
    ):
        if config.measured:
            collector.calm()
        address = server.address
        pid = address.pid or os.getpid()
        _say(Ready(address.url, address.port, address.websocket_url, pid))
        loop.add_reader(0, _answer, server, chat, ended)
        await ended.wait()
        loop.remove_reader(0)


def _served(rooms: ChatService, counting: CountingChat) -> Chat:
    """What a transport serves. A program that takes a node's place counts by itself."""
    return rooms if isinstance(rooms, ClaimedChat) else counting


@asynccontextmanager
async def _rooms(
    transport: Transport, config: Config, limits: Limits, ended: asyncio.Event
) -> AsyncIterator[ChatService]:
    """The node's rooms. Sets `ended` when they can't be used any more.

    Raises:
        JournalError: then, or if it can't join the others.
    """
    if not config.joined:
        yield ChatService(new_rooms(limits))
        return
    # Late: a node that is not joined needs no redis-py.
    from lab.journal.redis.claim import claim  # noqa: PLC0415
    from lab.service.joined import JoinedChat  # noqa: PLC0415

    place = claim(config.backplane, config.name, limits, config.lease_s)
    if Capability.JOINED_ROOM in transport.capabilities:
        yield ClaimedChat(place, limits)
        return
    rooms = JoinedChat(place, limits)
    watching = asyncio.ensure_future(_follow(rooms.failed, ended))
    try:
        await rooms.begin()
        yield rooms
    finally:
        watching.cancel()
        await rooms.close()
    if rooms.failure is not None:
        raise rooms.failure


async def _follow(first: asyncio.Event, then: asyncio.Event) -> None:
    await first.wait()
    then.set()


def _answer(server: Server, chat: CountingChat, ended: asyncio.Event) -> None:
    lines = os.read(0, 4096)
    if not lines:
        ended.set()
    for _ in range(lines.count(b"\n")):
        _say(_counts(server, chat))


def _counts(server: Server, chat: CountingChat) -> Mapping[str, int]:
    own: Mapping[str, int] = server.counts() if hasattr(server, "counts") else {}
    if "members" in own:  # a server that has rooms of its own counts what it does in them
        return own
    counted = {"members": chat.members, "deliveries": chat.deliveries}
    return {"sessions": server.sessions(), **counted, **chat.backplane()}


def _say(line: Ready | Mapping[str, int]) -> None:
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
