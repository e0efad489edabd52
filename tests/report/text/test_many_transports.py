"""The pictures and tables have space for every transport in the registry."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from lab.measure import histogram
from lab.record import Run
from lab.report.model.summary import NO_SOCKET
from lab.report.pictures import plots
from lab.report.text import tables
from tests.report.factory import Made, begin, pass_json
from tests.report.pictures import test_cost as cost
from tests.report.pictures import test_counted_pictures as counted
from tests.report.pictures import test_decomposition as apart
from tests.report.pictures import test_nodes as nodes
from tests.report.pictures import test_proxies as proxies
from tests.report.pictures import test_storm as storm
from tests.report.pictures.test_load import KNEES
from tests.report.pictures.test_load import entry as searched
from tests.report.pictures.test_plots import drawn, legible, nothing_overlaps, texts
from transports import registry

SOCKETS = [transport for transport in registry.TRANSPORTS if transport != NO_SOCKET]
SIX_TRIPS = ("TCP", "open", "101", "probe", "40")
KEPT_TRIPS = ("open", "1::")


def of_one(transport: str, number: int) -> Iterator[dict[str, Any]]:
    """What is counted of a transport, or measured once in a run."""
    for connection, trips in (("new", SIX_TRIPS), ("kept-alive", KEPT_TRIPS)):
        connect, join = counted.twice(trips), counted.twice([*trips, "join"])
        yield counted.entry(transport, "round_trips", f"{connection} connect", connect)
        yield counted.entry(transport, "round_trips", f"{connection} join", join)
    yield counted.entry(transport, "bytes", "ledger", counted.visited(transport, SIX_TRIPS))
    cpu_ns = 1_000_000 * (10 + number)
    for room in (10, 100, 1000):
        kinds: dict[str, Any] = {"room_size": room, "server_cpu_ns": cpu_ns}
        yield cost.entry(transport, "fan_out", "one_at_a_time", **kinds)
    for size in (16, 256, 4096, 65536):
        kinds = {"payload_bytes": size, "server_cpu_ns": cpu_ns}
        yield cost.entry(transport, "payload", "payload", **kinds)
        detail = {"cost": cost.bytes_of(size + number)}
        yield cost.entry(transport, "payload", "payload_bytes", payload_bytes=size, detail=detail)
    weight = {"connections": 1000, "before_bytes": 0, "connected_bytes": 10**7, "joined_bytes": 0}
    yield from (apart.entry(transport, window, 1 + number / 10) for window in (1, 16))
    yield searched(transport, KNEES["websocket"])
    yield from storm.entries(transport, 1 + number)
    yield from proxies.entries(transport, 10 + number)
    yield from nodes.entries(transport, 10 + number)
    for measure in ("rtt_5", "rtt_15", "behind_apart", "behind_shared"):
        samples = histogram.encode(histogram.from_samples([10**7 * (1 + number)]))
        yield cost.entry(transport, "loss", measure, samples_hdr=samples)
    yield cost.entry(transport, "memory", "idle_memory", server_cpu_ns=1, detail=weight)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = Made(transports=tuple(registry.TRANSPORTS), passes=5, samples=100)
    writer = begin(tmp_path_factory.mktemp("results"), made)
    for index in range(1, made.passes + 1):
        taken = json.loads(pass_json(made, index))
        if index == 1:
            for number, transport in enumerate(SOCKETS):
                taken["benchmarks"] += of_one(transport, number)
        writer.add_pass(json.dumps(taken).encode(), order=made.transports, seconds=1)
    return writer.finish()


# The answer has blocks, a scenario one target, the picture of compression one transport, that of
# durability the transports that were asked for, and a calibration networks.
FEW = {"answer", "calibration", "compression", "durability", "scenario"}


@pytest.mark.parametrize("name", sorted(plots.PICTURES.keys() - FEW))
def test_a_picture_has_room_for_every_transport(run: Run, name: str) -> None:
    canvas = drawn(name, run)
    nothing_overlaps(canvas)
    legible(canvas)
    shown = " ".join(texts(canvas))
    assert [transport for transport in SOCKETS if transport not in shown] == []


@pytest.mark.parametrize("width", [80, 120])
def test_a_table_names_every_transport_in_full(run: Run, width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    lines = shown.partition("Latency:")[0].splitlines()
    assert max(map(len, shown.splitlines())) <= width
    # In a narrow table a long name goes on in the line below.
    names = "".join(line[: 20 if width == 80 else width].strip() for line in lines)
    assert [transport for transport in SOCKETS if names.count(transport) < 2] == [], (
        "connect and join"
    )
