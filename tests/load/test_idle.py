"""Idle connections: opened, joined, kept alive by heartbeats, and closed at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lab.contract import ConnectOptions, Transport
from lab.load.closed_loop import ignore
from lab.load.idle import IdleConnections, IdleConnectionsError, fitting, needed, warning
from lab.load.tapped import through
from lab.measure.descriptors import SPARE, TooFewDescriptorsError
from lab.measure.server import ServerProcess
from lab.relay.relay import Relay
from transports import registry

ROOT = Path(__file__).parents[2]
TRANSPORTS = ["websocket", "socketio-polling"]
"""A connection each, and two."""


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> Transport:
    return registry.load(request.param)


def sockets(pid: int) -> int:
    """The connections of a process."""
    every = psutil.Process(pid).net_connections("tcp")
    return sum(each.status == psutil.CONN_ESTABLISHED for each in every)


def test_idle_connections_open_join_and_survive_heartbeats(transport: Transport) -> None:
    with (
        ServerProcess(transport.name, ["--heartbeat", "1", "1"]) as server,
        IdleConnections(transport, ConnectOptions()) as idle,
    ):
        assert idle.pid != os.getpid()
        assert idle.open(server.url, 5, 30) == 5
        assert idle.open(server.url, 7, 30) == 12
        assert 12 <= sockets(server.pid) <= needed(transport, 12) - SPARE
        assert idle.join(10) == 12
        asyncio.run(outlast_a_silent_member(transport, server))
        assert idle.alive() == 12
        assert members(transport, server.url) == {"room 0": 10, "room 1": 2, "silent": 0}
        server.abandon()
        deadline_s = time.monotonic() + 30
        while idle.alive() and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert idle.alive() == 0


async def outlast_a_silent_member(transport: Transport, server: ServerProcess) -> None:
    """Return when the server has given up a member that joins now and answers no heartbeat.

    Whoever joined before and answers none would have been given up earlier.
    """
    port = int(server.ready["port"])
    async with asyncio.timeout(30), Relay("127.0.0.1", port) as relay:
        url = through(server.url, port, relay)
        silent = await transport.connect(url, ignore, ConnectOptions())
        await silent.join("silent", "ann")
        relay.stall("up")
        while (await rooms(transport, server.url))["silent"]:
            await asyncio.sleep(0.05)
        relay.cut()
        await silent.close()


def members(transport: Transport, url: str) -> dict[str, int]:
    """Room -> its number of members, from the server."""
    return asyncio.run(rooms(transport, url))


async def rooms(transport: Transport, url: str) -> dict[str, int]:
    connection = await transport.connect(url, ignore, ConnectOptions())
    try:
        listing = await connection.rooms()
    finally:
        await connection.close()
    return {each.room: each.members for each in getattr(listing, "rooms", ())}


def test_the_time_is_a_bound_on_how_many_are_opened(transport: Transport) -> None:
    with (
        ServerProcess(transport.name) as server,
        IdleConnections(transport, ConnectOptions()) as idle,
    ):
        opened = idle.open(server.url, 100_000, 0.5)
        assert 0 < opened < 100_000


def test_an_error_in_the_process_is_raised_outside(transport: Transport) -> None:
    with IdleConnections(transport, ConnectOptions()) as idle:
        with ServerProcess(transport.name) as server:
            gone = server.url
        with pytest.raises(IdleConnectionsError, match="open: "):
            idle.open(gone, 3, 10)
        assert idle.alive() == 0


def test_the_end_of_the_process_is_detected() -> None:
    with IdleConnections(registry.load("websocket"), ConnectOptions()) as idle:
        assert idle.alive() == 0
        os.kill(idle.pid, signal.SIGKILL)
        with pytest.raises(IdleConnectionsError, match="has ended"):
            idle.alive()


OWNER = """
import os, sys
from lab.contract import ConnectOptions
from lab.load.idle import IdleConnections
from transports import registry
if __name__ == "__main__":
    with IdleConnections(registry.load("websocket"), ConnectOptions()) as held:
        held.alive()
        print(held.pid, flush=True)
        os.kill(os.getpid(), 9)
"""


def test_idle_connections_end_with_their_owner(tmp_path: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    _, left = psutil.wait_procs(
        [psutil.Process(pid) for pid in [int(done.stdout)] if psutil.pid_exists(pid)], timeout=10
    )
    assert [each for each in left if each.status() != psutil.STATUS_ZOMBIE] == []


def test_descriptors_are_asked_for_before_anything_is_opened() -> None:
    one, two = registry.load("websocket"), registry.load("socketio-polling")
    assert fitting(one, 1000, 1000 + SPARE) == 1000
    assert fitting(two, 1000, 2000 + SPARE) == 1000
    assert warning(two, 1000, 2000 + SPARE) is None
    # Nearly all, with a message.
    assert fitting(two, 1000, 1900 + SPARE) == 950
    said = warning(two, 1000, 1900 + SPARE)
    assert said is not None
    assert said.startswith("socketio-polling: 1000 connections need 2256 file descriptors")
    assert "ulimit -n 2256" in said
    assert said.endswith("; measured with 950")


def test_with_too_few_descriptors_nothing_is_measured() -> None:
    transport = registry.load("websocket")
    with pytest.raises(TooFewDescriptorsError, match=r"the limit is 1024 \(.*ulimit -n 10256\)"):
        fitting(transport, 10_000, 1024)
    said = warning(transport, 10_000, 1024)
    assert said is not None
    assert said.endswith("; not measured")
    with pytest.raises(TooFewDescriptorsError):
        fitting(transport, 10, 100)
