"""A stopped process, of the server and of clients, on the transports with a heartbeat.

The clients of one process are a quarter of an interval apart. So one pause meets each of them at a
different point of its heartbeat. All transports run at once, because most of the time is waiting.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lab.chat.events import Departed, RoomEvent
from lab.contract import Capability, Transport
from lab.measure.server import ServerProcess
from lab.relay.relay import Relay
from tests.conformance.client import eventually, in_time
from tests.conformance.staggered_clients import options_for
from transports import registry

SCRIPT = "tests.conformance.staggered_clients"
INTERVAL_S, TIMEOUT_S = 1, 2
"""Of the heartbeat; Engine.IO counts in whole seconds."""
STOPPED_S = 1.2
"""Longer than an interval: a server that counted it would be late twice. Shorter than the time-out:
an answer that is sent as soon as the process goes on is in time."""
NAMES = ("one", "two", "three", "four")
AT_ONCE = 9
"""Transports that are tried at the same time; more would make each other late."""


async def test_a_pause_loses_no_living_client_and_dead_clients_are_found() -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    names = [name for name in registry.available() if _beats(registry.load(name))]
    assert names
    found = await asyncio.gather(*(_tried(registry.load(name), gate) for name in names))
    assert {name: wrong for name, wrong in zip(names, found, strict=True) if wrong} == {}


def _beats(transport: Transport) -> bool:
    needed = {Capability.ROOM, Capability.TCP, Capability.HEARTBEAT, Capability.PAUSES}
    return needed <= transport.capabilities


async def _tried(transport: Transport, gate: asyncio.Semaphore) -> str:
    """The failures of one transport; empty if there are none."""
    async with gate:
        try:
            await _stop_both(transport)
        except (AssertionError, OSError) as error:
            return str(error) or repr(error)
        return ""


async def _stop_both(transport: Transport) -> None:
    seen: list[RoomEvent] = []
    server = ServerProcess(transport.name, ["--heartbeat", str(INTERVAL_S), str(TIMEOUT_S)])
    await asyncio.to_thread(server.__enter__)
    try:
        options = options_for(server.ready["authority"])
        watcher = await transport.connect(server.url, seen.append, options)
        await in_time(watcher.join("den", "watcher"))
        authority = server.ready["authority"] or ""
        async with _clients(transport.name, server.url, authority) as clients:
            await _stop(server.pid)
            await _stop(clients.pid)
            await _a_dead_client_is_found(transport, server, seen)
            assert _departed(seen) == {"dead"}, f"{_departed(seen) - {'dead'}} answered"
            clients.send_signal(signal.SIGSTOP)
            await eventually(lambda: _departed(seen) >= set(NAMES), "the stopped are found")
        await watcher.close()
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


async def _stop(pid: int) -> None:
    """Stop a process for a fixed time: no output of it could say when the time is over."""
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(STOPPED_S)
    os.kill(pid, signal.SIGCONT)


async def _a_dead_client_is_found(
    transport: Transport, server: ServerProcess, seen: list[RoomEvent]
) -> None:
    """Check that a dead client departs. Until then a wrongly lost client would depart too."""
    port = int(server.url.rsplit(":", 1)[1].split("/")[0])
    async with Relay("127.0.0.1", port) as relay:
        url = server.url.replace(f":{port}", f":{relay.port}")
        options = options_for(server.ready["authority"])
        dead = await transport.connect(url, lambda _event: None, options)
        await in_time(dead.join("den", "dead"))
        relay.stall("both")
        await eventually(lambda: "dead" in _departed(seen), "a dead client is found")
        relay.resume()
        await dead.close()


def _departed(seen: list[RoomEvent]) -> set[str]:
    return {event.name for event in seen if isinstance(event, Departed)}


@asynccontextmanager
async def _clients(
    name: str, url: str, authority: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    apart_s = str(INTERVAL_S / len(NAMES))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", SCRIPT, name, url, authority, apart_s, *NAMES, stdin=PIPE, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        assert await in_time(process.stdout.readline()) == b"ready\n"
        yield process
    finally:
        process.kill()
        await process.wait()
