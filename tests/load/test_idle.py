"""The crowd of idle connections: open, joined, kept alive by heartbeats, and gone at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lab.contract import ConnectOptions, Transport
from lab.load.idle import Crowd, CrowdError, fitting, needed, warning
from lab.measure.descriptors import SPARE, TooFewDescriptorsError
from lab.measure.server import ServerProcess
from transports import registry

ROOT = Path(__file__).parents[2]
WIRES = ["websocket", "socketio-polling"]
"""A connection each, and two."""


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest) -> Transport:
    return registry.load(request.param)


def sockets(pid: int) -> int:
    """The connections of a process."""
    every = psutil.Process(pid).net_connections("tcp")
    return sum(each.status == psutil.CONN_ESTABLISHED for each in every)


def test_a_crowd_opens_joins_and_outlives_heartbeats(wire: Transport) -> None:
    with (
        ServerProcess(wire.name, ["--heartbeat", "1", "1"]) as server,
        Crowd(wire, ConnectOptions()) as crowd,
    ):
        assert crowd.pid != os.getpid()
        assert crowd.open(server.url, 5, 30) == 5
        assert crowd.open(server.url, 7, 30) == 12
        assert 12 <= sockets(server.pid) <= needed(wire, 12) - SPARE
        assert crowd.join(10) == 12
        asyncio.run(asyncio.sleep(2.5))
        assert crowd.alive() == 12
        assert members(wire, server.url) == {"room 0": 10, "room 1": 2}
        server.abandon()
        for _ in range(50):
            if crowd.alive() == 0:
                break
            asyncio.run(asyncio.sleep(0.1))
        assert crowd.alive() == 0


def members(wire: Transport, url: str) -> dict[str, int]:
    """Room -> how many are in it, as the server tells."""

    async def ask() -> dict[str, int]:
        connection = await wire.connect(url, lambda _: None, ConnectOptions())
        try:
            listing = await connection.rooms()
        finally:
            await connection.close()
        return {each.room: each.members for each in getattr(listing, "rooms", ())}

    return asyncio.run(ask())


def test_the_time_is_a_bound_on_how_many_are_opened(wire: Transport) -> None:
    with ServerProcess(wire.name) as server, Crowd(wire, ConnectOptions()) as crowd:
        opened = crowd.open(server.url, 100_000, 0.5)
        assert 0 < opened < 100_000


def test_what_goes_wrong_in_the_crowd_is_said_outside(wire: Transport) -> None:
    with Crowd(wire, ConnectOptions()) as crowd:
        with ServerProcess(wire.name) as server:
            gone = server.url
        with pytest.raises(CrowdError, match="open: "):
            crowd.open(gone, 3, 10)
        assert crowd.alive() == 0


def test_a_crowd_that_was_killed_is_noticed() -> None:
    with Crowd(registry.load("websocket"), ConnectOptions()) as crowd:
        assert crowd.alive() == 0
        os.kill(crowd.pid, signal.SIGKILL)
        with pytest.raises(CrowdError, match="has ended"):
            crowd.alive()


OWNER = """
import os, sys
from lab.contract import ConnectOptions
from lab.load.idle import Crowd
from transports import registry
if __name__ == "__main__":
    with Crowd(registry.load("websocket"), ConnectOptions()) as crowd:
        crowd.alive()
        print(crowd.pid, flush=True)
        os.kill(os.getpid(), 9)
"""


def test_a_crowd_ends_with_its_owner(tmp_path: Path) -> None:
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
    # Nearly all, which is said.
    assert fitting(two, 1000, 1900 + SPARE) == 950
    said = warning(two, 1000, 1900 + SPARE)
    assert said is not None
    assert said.startswith("socketio-polling: 1000 connections need 2256 file descriptors")
    assert "ulimit -n 2256" in said
    assert said.endswith("; measured with 950")


def test_with_too_few_descriptors_nothing_is_measured() -> None:
    wire = registry.load("websocket")
    with pytest.raises(TooFewDescriptorsError, match=r"the limit is 1024 \(.*ulimit -n 10256\)"):
        fitting(wire, 10_000, 1024)
    said = warning(wire, 10_000, 1024)
    assert said is not None
    assert said.endswith("; not measured")
    with pytest.raises(TooFewDescriptorsError):
        fitting(wire, 10, 100)
