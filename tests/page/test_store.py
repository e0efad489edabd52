"""A race that was saved is a run: read by the record, shown by the report, refused where wrong."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lab import record
from lab.measure.figures import BY_KEY
from lab.report.publish import publish
from lab.report.text.tables import show
from tests.page.visitor import served, visiting

RACE: dict[str, Any] = {
    "version": 1,
    "browser": "Chrome/156.0.0.0",
    "network": {"delay_ms": 50, "jitter_ms": 0, "bandwidth_bit_per_s": None},
    "rounds": 2,
    "transports": {
        "websocket": {
            "handshake_ms": [205.1, 207.3],
            "rtt_ms": [101.0, 102.0, 103.0, 104.0],
            "burst": {"messages": 100, "ms": 250.0, "lost": 0},
            "up_bytes_per_message": 55.0,
            "down_bytes_per_message": 150.5,
            "connections": 1,
            "requests": 1,
        },
        "sse": {
            "handshake_ms": [405.1, 407.3],
            "rtt_ms": [301.0, 302.0, 303.0, 304.0],
            "burst": None,
            "up_bytes_per_message": 455.0,
            "down_bytes_per_message": 350.5,
            "connections": 2,
            "requests": 9,
        },
    },
}


async def saved(tmp_path: Path, race: dict[str, Any]) -> record.Run:
    async with served(tmp_path) as page, visiting(page) as visitor:
        done = await visitor.request("save_race", race=race)
    return record.load(tmp_path / "results" / done["run"])


async def refused(tmp_path: Path, race: dict[str, Any]) -> tuple[str, str]:
    async with served(tmp_path) as page, visiting(page) as visitor:
        await visitor.socket.send_json({"type": "save_race", "id": 1, "race": race})
        answer = await visitor.answer(1)
        assert not (tmp_path / "results").exists()
        return answer["code"], answer["reason"]


async def test_a_race_is_a_run_whose_rounds_are_passes(tmp_path: Path) -> None:
    run = await saved(tmp_path, RACE)
    assert run.info.status == "complete"
    assert (run.info.profile, run.transports) == ("race", ["websocket", "sse"])
    assert run.info.constants["client"] == "browser"
    assert run.info.constants["browser"] == "Chrome/156.0.0.0"
    assert run.info.constants["network"]["delay_ms"] == 50
    assert "aiohttp" in run.info.transports["sse"].stack["server"]["name"]
    rtt = run.values("websocket", BY_KEY["rtt_p50_us"])
    assert {n: round(us / 1000) for n, us in rtt.items()} == {1: 101, 2: 103}
    connect = run.values("sse", BY_KEY["connect_p50_ms"])
    assert {n: round(ms) for n, ms in connect.items()} == {1: 405, 2: 407}
    assert run.values("websocket", BY_KEY["burst_per_s"]) == {2: 400.0}
    assert run.values("sse", BY_KEY["burst_per_s"]) == {}
    assert run.values("sse", BY_KEY["race_up_bytes"]) == {2: 455.0}
    assert run.values("sse", BY_KEY["race_http_requests"]) == {2: 9.0}
    assert {
        benchmark.extra_info.client for each in run.passes.values() for benchmark in each.benchmarks
    } == {"browser"}


async def test_the_report_shows_a_race(tmp_path: Path) -> None:
    run = await saved(tmp_path, RACE)
    console = Console(record=True, width=160)
    show(run, console)
    text = console.export_text()
    for shown in ("browser", "connect, p50", "RTT, p50", "burst"):
        assert shown in text
    assert publish(run).is_file()


async def test_a_transport_that_was_not_timed_has_no_times(tmp_path: Path) -> None:
    race = copy.deepcopy(RACE)
    race["transports"]["sse"]["rtt_ms"] = []
    run = await saved(tmp_path, race)
    assert run.values("sse", BY_KEY["rtt_p50_us"]) == {}


async def test_a_burst_that_lost_messages_is_void(tmp_path: Path) -> None:
    race = copy.deepcopy(RACE)
    race["transports"]["websocket"]["burst"]["lost"] = 1
    run = await saved(tmp_path, race)
    [reading] = run.readings("websocket", BY_KEY["burst_per_s"])
    assert (reading.value, reading.lost) == (None, 1)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("version",), 2, "version"),
        (("rounds",), 0, "rounds"),
        (("rounds",), 3, "rounds"),
        (("browser",), "x" * 121, "browser"),
        (("transports",), {}, "transports"),
        (("transports", "carrier-pigeon"), RACE["transports"]["sse"], "carrier-pigeon"),
        (("transports", "sse", "rtt_ms"), [1.0] * 20_002, "rtt_ms"),
        (("transports", "sse", "rtt_ms"), [0, 0], "rtt_ms"),
        (("transports", "sse", "rtt_ms"), ["1", "2"], "rtt_ms"),
        (("transports", "sse", "handshake_ms"), [60_001.0, 1.0], "handshake_ms"),
        (("transports", "sse", "requests"), -1, "requests"),
        (("transports", "sse", "extra"), 1, "extra"),
        (("transports", "websocket", "burst", "lost"), 101, "burst"),
        (("extra",), 1, "extra"),
    ],
)
async def test_what_is_no_race_is_not_saved(
    tmp_path: Path, path: tuple[str, ...], value: Any, reason: str
) -> None:
    race = copy.deepcopy(RACE)
    *above, last = path
    inside = race
    for name in above:
        inside = inside[name]
    inside[last] = value
    code, said = await refused(tmp_path, race)
    assert code in ("bad_message", "not_saved")
    assert reason in said


async def test_a_race_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file, and no folder")
    async with served(tmp_path) as page, visiting(page) as visitor:
        failed = await visitor.fails("not_saved", "save_race", race=RACE)
        assert "results" in failed.reason
