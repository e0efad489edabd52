"""A run of every wire in the registry: its pictures and tables still have room for all of them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from lab.record import Run
from lab.report import plots, tables
from lab.report.summary import FLOOR
from tests.report import test_cost as cost
from tests.report import test_counted_pictures as counted
from tests.report import test_decomposition as apart
from tests.report.factory import Made, begin, pass_json
from tests.report.test_load import KNEES
from tests.report.test_load import entry as searched
from tests.report.test_plots import drawn, legible, nothing_overlaps, texts
from transports import registry

SOCKETS = [wire for wire in registry.WIRES if wire != FLOOR]
SIX_TRIPS = ("TCP", "open", "101", "probe", "40")
KEPT_TRIPS = ("open", "1::")


def of_one(wire: str, number: int) -> Iterator[dict[str, Any]]:
    """What is counted of a wire, or measured once in a run."""
    for connection, trips in (("new", SIX_TRIPS), ("kept-alive", KEPT_TRIPS)):
        connect, join = counted.twice(trips), counted.twice([*trips, "join"])
        yield counted.entry(wire, "round_trips", f"{connection} connect", connect)
        yield counted.entry(wire, "round_trips", f"{connection} join", join)
    yield counted.entry(wire, "bytes", "ledger", counted.visited(wire, SIX_TRIPS))
    cpu_ns = 1_000_000 * (10 + number)
    for room in (10, 100, 1000):
        kinds: dict[str, Any] = {"room_size": room, "server_cpu_ns": cpu_ns}
        yield cost.entry(wire, "fan_out", "one_at_a_time", **kinds)
    for size in (16, 256, 4096, 65536):
        kinds = {"payload_bytes": size, "server_cpu_ns": cpu_ns}
        yield cost.entry(wire, "payload", "payload", **kinds)
        detail = {"cost": cost.bytes_of(size + number)}
        yield cost.entry(wire, "payload", "payload_bytes", payload_bytes=size, detail=detail)
    weight = {"connections": 1000, "before_bytes": 0, "connected_bytes": 10**7, "joined_bytes": 0}
    yield from (apart.entry(wire, window, 1 + number / 10) for window in (1, 16))
    yield searched(wire, KNEES["websocket"])
    yield cost.entry(wire, "memory", "idle_memory", server_cpu_ns=1, detail=weight)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = Made(wires=tuple(registry.WIRES), passes=5, samples=100)
    writer = begin(tmp_path_factory.mktemp("results"), made)
    for index in range(1, made.passes + 1):
        taken = json.loads(pass_json(made, index))
        if index == 1:
            for number, wire in enumerate(SOCKETS):
                taken["benchmarks"] += of_one(wire, number)
        writer.add_pass(json.dumps(taken).encode(), order=made.wires, seconds=1)
    return writer.finish()


@pytest.mark.parametrize("name", plots.PICTURES)
def test_a_picture_has_room_for_every_wire(run: Run, name: str) -> None:
    canvas = drawn(name, run)
    nothing_overlaps(canvas)
    legible(canvas)
    shown = " ".join(texts(canvas))
    assert [wire for wire in SOCKETS if wire not in shown] == []


@pytest.mark.parametrize("width", [80, 120])
def test_a_table_names_every_wire_in_full(run: Run, width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    lines = shown.partition("Latency:")[0].splitlines()
    assert max(map(len, shown.splitlines())) <= width
    # In a narrow table a long name goes on in the line below.
    names = "".join(line[: 20 if width == 80 else width].strip() for line in lines)
    assert [wire for wire in SOCKETS if names.count(wire) < 2] == [], "connect and join"
