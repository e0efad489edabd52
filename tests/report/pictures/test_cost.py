"""The pictures and tables of cost: their claims, their legibility, and what they leave out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas
from rich.console import Console

from lab import record
from lab.report.pictures import cost
from lab.report.publish import publish
from lab.report.text import tables
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

TRANSPORTS = (
    *("loopback", "websocket", "websocket-aiohttp"),
    *("socketio-websocket", "socketio-polling", "socketio"),
)
CPU_US = {
    "websocket": 13,
    "websocket-aiohttp": 15,
    "socketio-websocket": 60,
    "socketio-polling": 210,
    "socketio": 61,
}
PICTURES = {"room_size": cost.room_size, "payload": cost.payload, "memory": cost.memory}


def entry(transport: str, experiment: str, measure: str, **more: Any) -> dict[str, Any]:
    info = {
        "transport": transport,
        "experiment": experiment,
        "measure": measure,
        **dict.fromkeys(("operations", "expected", "delivered"), 1000),
        "lost": 0,
        "wall_ns": 50_000_000_000,
        "server_cpu_ns": None if transport == "loopback" else 1_000_000 * CPU_US.get(transport, 20),
        "load_cpu_ns": 1_000_000,
        "load_share": 0.5,
        "saturated": "neither",
        **more,
    }
    name = "-".join(
        str(info.get(key)) for key in ("measure", "transport", "room_size", "payload_bytes")
    )
    return {"name": name, "extra_info": info}


def bytes_of(payload: float) -> dict[str, Any]:
    return {"up": {"http": 1}, "down": {"payload": payload}}


def entries(rooms: tuple[int, ...] = (10, 100, 1000), joined: bool = True) -> list[dict[str, Any]]:
    found = []
    for transport in TRANSPORTS:
        found += [entry(transport, "fan_out", "one_at_a_time", room_size=room) for room in rooms]
        if transport == "loopback":
            continue
        for size in (16, 256, 4096, 65536):
            found.append(entry(transport, "payload", "payload", payload_bytes=size))
            detail = {"cost": bytes_of(size + CPU_US[transport])}
            found.append(
                entry(transport, "payload", "payload_bytes", payload_bytes=size, detail=detail)
            )
        connections = 9872 if transport == "socketio-polling" else 10_000
        weight = {
            "connections": connections,
            "before_bytes": 30_000_000,
            "connected_bytes": 30_000_000 + connections * 1024 * CPU_US[transport],
            "joined_bytes": 30_000_000 + connections * 1024 * (CPU_US[transport] + 2)
            if joined
            else None,
        }
        found.append(entry(transport, "memory", "idle_memory", detail=weight))
        idle = {"connections": 1000, "heartbeat": bytes_of(19)}
        found.append(entry(transport, "idle", "idle_minute", detail=idle))
    return found


def recorded(folder: Path, benchmarks: list[dict[str, Any]]) -> record.Run:
    writer = record.create(
        folder,
        "full",
        transports={transport: {} for transport in TRANSPORTS},
        seed=1,
        planned_passes=1,
        environment=ENVIRONMENT,
    )
    writer.add_pass(json.dumps({"benchmarks": benchmarks}).encode(), order=TRANSPORTS, seconds=1)
    return writer.finish()


@pytest.fixture
def run(tmp_path: Path) -> record.Run:
    windows = [
        entry(transport, "throughput", "fan_out", room_size=room)
        for transport in TRANSPORTS
        for room in (10, 100, 1000)
    ]
    return recorded(tmp_path, [*entries(), *windows])


def drawn(name: str, run: record.Run) -> Canvas:
    canvas = PICTURES[name](run)
    assert canvas is not None
    return canvas


@pytest.mark.parametrize("name", PICTURES)
def test_they_can_be_read(run: record.Run, name: str) -> None:
    nothing_overlaps(drawn(name, run))
    legible(drawn(name, run))


def test_titles_are_derived_from_the_numbers(run: record.Run) -> None:
    room = "A delivery to a room of 1 000: 210 µs of CPU on socketio-polling, 13.0 on websocket"
    assert room in texts(drawn("room_size", run))
    text = "A text of 64 KiB: 210 µs of CPU on socketio-polling, 13.0 on websocket"
    assert text in texts(drawn("payload", run))
    weight = "An idle connection needs 210 KiB on socketio-polling, 13.0 on websocket"
    assert weight in texts(drawn("memory", run))


def test_rooms_are_drawn_with_one_and_with_a_window_in_flight(run: record.Run) -> None:
    found = texts(drawn("room_size", run))
    assert {"One message in flight", "16 messages in flight"} <= set(found)
    assert found.count("210 socketio-polling") == 2
    # The transport without a socket has no server process, so no server CPU.
    assert not any(text.endswith(" loopback") for text in found)


def test_a_transport_measured_with_fewer_connections_says_so(run: record.Run) -> None:
    found = " ".join(texts(drawn("memory", run)))
    assert "before and after 10000 connections (socketio-polling: 9872)" in found
    assert {"in no room", "in a room of 10"} <= set(texts(drawn("memory", run)))


def test_what_was_not_measured_is_not_drawn(tmp_path: Path) -> None:
    quick = recorded(tmp_path, entries(rooms=(10, 100), joined=False))
    assert "16 messages in flight" not in texts(drawn("room_size", quick))
    assert "in a room of 10" not in texts(drawn("memory", quick))
    nothing_overlaps(drawn("memory", quick))
    nothing_overlaps(drawn("room_size", quick))
    other = make(tmp_path, Made(passes=1, samples=50))
    assert [draw(other) for draw in PICTURES.values()] == [None] * 3


def test_they_are_in_the_page(run: record.Run) -> None:
    page = publish(run).read_text()
    for name in PICTURES:
        assert f'<figure id="{name}">' in page
        assert (run.folder / "pictures" / f"{name}.png").stat().st_size


def shown(run: record.Run, width: int) -> str:
    console = Console(width=width, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_tables_are_divided_where_they_are_too_wide(run: record.Run) -> None:
    narrow, wide = shown(run, 80), shown(run, 250)
    assert "Payload, continued" in narrow
    assert "continued" not in wide
    assert max(map(len, narrow.splitlines())) <= 80
    assert "…" not in narrow.partition("Medians over")[0]
    # The same numbers, in whatever table.
    assert narrow.count("210") == wide.count("210")


def test_who_had_no_cpu_left_stands_behind_the_figure(tmp_path: Path) -> None:
    busy = [
        entry("websocket", "fan_out", "one_at_a_time", room_size=10, saturated="server"),
        entry("socketio", "fan_out", "one_at_a_time", room_size=10, saturated="both"),
        entry("websocket", "fan_out", "window", room_size=1000, saturated="load"),
    ]
    lines = [line.split() for line in shown(recorded(tmp_path, busy), 120).splitlines()]
    websocket = next(line for line in lines if line[:1] == ["websocket"])
    assert websocket[1:3] == ["13", "S"]
    assert "(load-bound)" in websocket
    assert next(line for line in lines if line[:1] == ["socketio"])[1:3] == ["61", "B"]
