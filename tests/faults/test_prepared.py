"""What a server is prepared for: a clock that is moved, and a disk that is full."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from lab.chat.events import Said
from lab.contract import ConnectOptions
from lab.faults import disk
from lab.faults.clock import ENVIRONMENT, Clock, follow
from lab.faults.disk import DiskError, SmallDisk
from lab.faults.prepared import prepared
from lab.faults.run import run
from lab.faults.script import ALWAYS, Script
from lab.service import wall_clock_ms
from tests.transports.needs_node import needs_node
from transports import registry

HOUR_S = 3600


def test_a_moved_clock_moves_the_wall_clock_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, monotonic = time.time, time.monotonic()
    monkeypatch.setattr(time, "time", time.time)
    monkeypatch.setattr(time, "time_ns", time.time_ns)
    monkeypatch.setenv(ENVIRONMENT, "")
    clock = Clock(tmp_path / "clock")
    follow(clock.path)
    for hours in (0, -2, 2):
        clock.move(hours * HOUR_S * 1000)
        for read_s in (time.time(), wall_clock_ms() / 1000):
            assert abs(read_s - right() - hours * HOUR_S) < HOUR_S
    assert time.monotonic() - monotonic < HOUR_S


@needs_node
async def test_a_server_in_node_follows_the_moved_clock() -> None:
    transport = registry.load("node-websocket")
    with prepared(transport, durable=False) as ready:
        address = await ready.subject.start()
        try:
            ada = await transport.connect(address.url, lambda _: None, ConnectOptions())
            await ada.join("lab", "ada")
            for hours in (-2, 2):
                ready.subject.move_clock(hours * HOUR_S * 1000)
                said = await ada.say("lab", "at what time?")
                assert isinstance(said, Said)
                assert abs(said.at / 1000 - time.time() - hours * HOUR_S) < HOUR_S
            await ada.close()
        finally:
            await ready.subject.kill()


def written(small: SmallDisk, path: Path) -> bool:
    """Whether there is space for one more file."""
    words = [*small.inside, "dd", "if=/dev/zero", f"of={path}", "bs=4096", "count=1"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_a_full_disk_is_full_for_its_server_alone(tmp_path: Path) -> None:
    try:
        with SmallDisk(tmp_path) as small:
            for name in ("one", "two"):
                small.fill()
                assert not written(small, tmp_path / name)
                small.empty()
                assert written(small, tmp_path / name)
            assert list(tmp_path.iterdir()) == []
    except DiskError as error:
        pytest.skip(str(error))


def test_where_no_disk_can_be_made_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "SIZE", "none")
    with prepared(registry.load("websocket"), durable=True) as ready:
        (reason,) = ready.left_out
        assert reason.startswith("no full disk: a small disk needs ")
        assert ready.kinds == (*ALWAYS, "clock")


async def test_a_durable_server_loses_nothing_by_a_full_disk_or_a_clock() -> None:
    transport = registry.load("websocket")
    with prepared(transport, durable=True) as ready:
        kinds = tuple(kind for kind in ("cut", "clock", "full disk") if kind in ready.kinds)
        script = Script(seconds=5, seed=2, every_s=0.2, kinds=kinds, durable=True)
        found = await run(transport, ready.subject, script)
    assert [each.sentence for each in found.violations] == []
    assert found.judged == found.acknowledged > 0
    refused = Counter(step.event for step in found.history if step.what == "refused")
    assert ready.left_out or refused["server_full"] > 0
