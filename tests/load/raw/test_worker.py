"""Members in further processes: counted as exactly, and no process is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.contract import Address, Transport
from lab.load.raw import RawError, RawRoom, cpus_for, speaks
from lab.load.raw.fleet import RawFleet
from lab.load.raw.speakers import speaker
from lab.load.raw.worker import MEMBERS_EACH, shares
from lab.load.texts import incompressible
from lab.measure.process import CpuMeter
from lab.measure.server import ServerProcess
from tests.load.raw.crooked import crooked
from tests.load.raw.test_room import whole
from transports import registry

SPOKEN = [name for name in registry.available() if speaks(registry.load(name))]
CPU = max(os.sched_getaffinity(0))
"""For a further process: where there is one core only, all are on it."""
PATIENCE_S = 30


@contextmanager
def served(name: str) -> Iterator[tuple[Transport, Address, ServerProcess]]:
    with ServerProcess(name, ["--unpaced"]) as server:
        yield registry.load(name), msgspec.convert(server.ready, Address), server


@given(st.integers(1, 3_000), st.integers(1, 70))
def test_every_member_is_in_one_process_and_no_process_is_empty(size: int, processes: int) -> None:
    found = shares(size, processes)
    assert len(found) == min(size, processes)
    assert [number for share in found for number in share] == list(range(size))
    lengths = {len(share) for share in found}
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize(
    ("size", "count"),
    [(10, 0), (2 * MEMBERS_EACH - 1, 0), (2 * MEMBERS_EACH, 1), (1_000, 3)],
)
def test_a_process_for_a_few_members_is_not_worth_it(size: int, count: int) -> None:
    assert list(cpus_for(size, (4, 5, 6))) == [4, 5, 6][:count]


@pytest.mark.parametrize("name", SPOKEN)
def test_every_delivery_is_counted(name: str) -> None:
    with (
        served(name) as (transport, where, _),
        RawRoom(transport, where, "den", 21, cpus=[CPU, CPU]) as room,
    ):
        assert (len(room.members), len(room.worker_pids)) == (7, 2)
        for window in (1, 16):
            for seed in range(2):  # one batch after another, in the same room
                found = room.fan_out(incompressible(64, 50, seed), window)
                assert whole(found, 50, 21)
                assert found.per_write is not None
                assert 0.8 < found.per_write <= window * 1.2
        assert whole(room.offer(incompressible(64, 20), 200), 20, 21)
        room.stay()


@pytest.mark.parametrize("cpus", [[], [CPU], [CPU, CPU]])
@pytest.mark.parametrize("number", [0, 2, 5])
@pytest.mark.parametrize(
    ("told", "lost", "wrong"),
    [("something else", 0, 1), (None, 1, 0)],
)
def test_one_wrong_delivery_is_noticed_whoever_has_it(
    cpus: list[int],
    number: int,
    told: str | None,
    lost: int,
    wrong: int,
) -> None:
    texts = incompressible(64, 10)

    def tell(to: int, text: str) -> str | None:
        return told if (to, text) == (number, texts[-1]) else text

    with (
        crooked(tell) as where,
        RawRoom(registry.load("websocket"), where, "den", 6, cpus=cpus) as room,
    ):
        found = room.fan_out(texts, 4, stall_s=0.3)
    assert (found.expected, found.lost, found.out_of_order) == (60, lost, wrong)
    assert len(found.last_delivery_ns) == 10 - lost


def test_what_the_processes_use_is_the_loads_and_each_is_on_its_core() -> None:
    with (
        served("websocket") as (transport, where, server),
        RawRoom(transport, where, "den", 6, cpus=[CPU]) as room,
    ):
        (pid,) = room.worker_pids
        assert os.sched_getaffinity(pid) == {CPU}
        meter = CpuMeter(os.getpid(), server.pid, room.worker_pids)
        meter.start()
        room.fan_out(incompressible(64, 50), 4)
        use = meter.stop()
    assert use.busiest_ns is not None
    assert 0 < use.busiest_ns < use.load_cpu_ns


def test_the_reason_why_a_process_ended_is_reported() -> None:
    with served("websocket") as (transport, where, _):
        early = RawFleet(speaker(transport, where), "den", range(3, 4))
        early.let_in()
        room = RawRoom(transport, where, "den", 6, cpus=[CPU])
        with pytest.raises(RawError, match="refused: name_taken"), room:
            pass
        early.close()


def test_a_process_that_ends_is_an_error() -> None:
    with (
        served("websocket") as (transport, where, _),
        RawRoom(transport, where, "den", 4, cpus=[CPU]) as room,
    ):
        os.kill(room.worker_pids[0], signal.SIGKILL)
        with pytest.raises(RawError, match="a process of the load has ended by itself"):
            room.fan_out(["one"], 1)


def test_a_server_that_ends_is_an_error_whoever_notices_it() -> None:
    with (
        served("websocket") as (transport, where, server),
        RawRoom(transport, where, "den", 4, cpus=[CPU]) as room,
    ):
        assert room.fan_out(["one"], 1).lost == 0
        server.abandon()
        with pytest.raises(RawError, match=r"hung up|connection broke|closed"):
            room.fan_out(["two"], 1)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_no_process_is_left_whatever_happens(error: type[BaseException]) -> None:
    pids: list[int] = []
    with (
        served("websocket") as (transport, where, _),
        pytest.raises(error),
        RawRoom(transport, where, "den", 4, cpus=[CPU]) as room,
    ):
        pids += room.worker_pids
        assert psutil.pid_exists(pids[0])
        raise error
    assert not psutil.pid_exists(pids[0])


OWNER = """
import signal, sys
import msgspec
from lab.contract import Address
from lab.load.raw import RawRoom
from transports import registry

signal.signal(signal.SIGINT, signal.default_int_handler)
where = msgspec.json.decode(sys.argv[1], type=Address)
with RawRoom(registry.load("websocket"), where, "den", 4, cpus=[int(sys.argv[2])]) as room:
    room.fan_out(["hello"], 1)
    print(*room.worker_pids, flush=True)
    while True:
        signal.pause()
"""


@pytest.mark.parametrize("everybody", [True, False], ids=["Ctrl-C", "owner killed"])
def test_no_process_is_left_of_an_owner_that_is_ended(everybody: bool) -> None:
    with served("websocket") as (_, where, server):
        with subprocess.Popen(
            [sys.executable, "-c", OWNER, msgspec.json.encode(where), str(CPU)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as owner:
            assert owner.stdout is not None
            assert psutil.pid_exists(int(owner.stdout.readline()))
            if everybody:
                os.killpg(owner.pid, signal.SIGINT)
            else:
                owner.kill()
            # The others write to the same pipe: it ends when the last of them has.
            assert owner.communicate(timeout=PATIENCE_S)[0] == b""
        server.check()
