"""The pictures of counted figures: they match the numbers, and can be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from matplotlib.figure import Figure as Canvas

from lab import record
from lab.measure.slope import fit
from lab.report.model.details import Cost, Counted, Layers, Visit, details
from lab.report.pictures import plots
from lab.report.pictures.layers import layers, message, ratios_of
from lab.report.pictures.slopes import lines, slopes, title_of
from lab.report.pictures.waterfall import rows_of, waterfall
from lab.report.publish import publish
from lab.report.text.round_trips import by_client
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

MS = 1_000_000
RTTS = (0, 20, 50, 100)
PURPOSES = {
    "websocket": ("TCP", "101"),
    "websocket-aiohttp": ("TCP", "101"),
    "socketio-websocket": ("TCP", "101", "40"),
    "socketio-polling": ("TCP", "open", "TCP", "40"),
    "socketio": ("TCP", "open", "101", "probe", "40"),
}
KEPT = {"socketio-polling": ("open", "40"), "socketio": PURPOSES["socketio"]}
HEADERS = {"socketio-polling": 400, "socketio": 0}
COUNTED = ("bytes", "slopes", "waterfall")


def counted(purposes: Sequence[str]) -> dict[str, Any]:
    cost = {"up": {"http": 200, "framing": 4}, "down": {"http": 190, "framing": 100}}
    return {"round_trips": len(purposes), "purposes": purposes, "cost": cost}


def twice(purposes: Sequence[str]) -> dict[str, Any]:
    samples = {
        rtt * MS: [int((5 + len(purposes) * rtt) * MS), int((6 + 1.01 * len(purposes) * rtt) * MS)]
        for rtt in RTTS
    }
    return {
        "samples_ns": {str(rtt): each for rtt, each in samples.items()},
        "slope": msgspec.to_builtins(fit(samples)),
        "ledger": counted(purposes),
    }


def visited(transport: str, purposes: Sequence[str]) -> dict[str, Any]:
    headers = HEADERS.get(transport, 0)
    return {
        "connect": counted(purposes),
        "joined": counted([*purposes, "join"]),
        "message": {"up": {"http": headers, "framing": 6, "payload": 94}, "down": {"payload": 60}},
        "delivery": {"up": {}, "down": {"framing": 2.5, "payload": 37.5}},
    }


def entry(
    transport: str, experiment: str, measure: str, detail: dict[str, Any], lost: int = 0
) -> dict[str, Any]:
    info = {
        "transport": transport,
        "experiment": experiment,
        "measure": measure,
        **dict.fromkeys(("operations", "expected", "delivered"), 1),
        "lost": lost,
        "wall_ns": 1,
        "load_cpu_ns": 1,
        "load_share": 0.5,
        "saturated": "neither",
        "detail": detail,
    }
    return {"name": f"test_{experiment}_{measure}[{transport}]", "extra_info": info}


def twice_counted() -> Iterable[dict[str, Any]]:
    for connection, transports in (("new", PURPOSES), ("kept-alive", KEPT)):
        for transport, purposes in transports.items():
            joined = twice([*purposes, "join"])
            yield entry(transport, "round_trips", f"{connection} connect", twice(purposes))
            yield entry(transport, "round_trips", f"{connection} join", joined)


def visits() -> Iterable[dict[str, Any]]:
    for transport, purposes in PURPOSES.items():
        yield entry(transport, "bytes", "ledger", visited(transport, purposes))


def run_of(folder: Path, entries: Iterable[dict[str, Any]], client: str = "library") -> record.Run:
    writer = record.create(
        folder,
        "quick",
        transports={transport: {} for transport in ("loopback", *PURPOSES)},
        seed=1,
        planned_passes=1,
        environment=ENVIRONMENT,
        constants={"payload_bytes": 64, "client": client},
    )
    raw = json.dumps({"benchmarks": list(entries)}).encode()
    writer.add_pass(raw, order=list(PURPOSES), seconds=1)
    return writer.finish()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> record.Run:
    return run_of(tmp_path_factory.mktemp("results"), [*twice_counted(), *visits()])


def drawn(name: str, run: record.Run) -> Canvas:
    canvas = plots.PICTURES[name](run)
    assert canvas is not None
    return canvas


@pytest.mark.parametrize("name", COUNTED)
def test_it_can_be_read(run: record.Run, name: str) -> None:
    nothing_overlaps(drawn(name, run))
    legible(drawn(name, run))


@pytest.mark.parametrize("name", COUNTED)
def test_the_same_run_gives_the_same_bytes(run: record.Run, name: str) -> None:
    first, second = (drawn(name, run) for _ in range(2))
    assert plots.svg(first) == plots.svg(second)
    assert plots.png(first) == plots.png(second)


def test_they_are_in_the_page_of_a_run_that_counted(run: record.Run) -> None:
    page = publish(run).read_text()
    for name in COUNTED:
        assert f'<figure id="{name}">' in page
        assert (run.folder / "pictures" / f"{name}.png").stat().st_size


def test_they_are_left_out_of_a_run_that_counted_nothing(tmp_path: Path) -> None:
    other = make(tmp_path, Made(passes=1, samples=50))
    assert (slopes(other), waterfall(other), layers(other)) == (None, None, None)
    page = publish(other).read_text()
    assert not [name for name in COUNTED if f'<figure id="{name}">' in page]


def test_slopes_stand_beside_the_count_from_the_bytes(run: record.Run) -> None:
    found = texts(drawn("slopes", run))
    assert "To join a room takes 6 round trips on socketio, 3 on websocket" in found
    for line in (*lines(run, "connect"), *lines(run, "join")):
        assert abs(line.counted.slope.round_trips - line.counted.ledger.round_trips) < 0.1
        assert " ".join(line.name.split()) in found
    assert len([text for text in found if text.endswith(", kept")]) == 4
    note = next(text for text in found if "apart" in text)
    widest = max(
        abs(line.counted.slope.round_trips - line.counted.ledger.round_trips)
        for goal in ("connect", "join")
        for line in lines(run, goal)
    )
    assert f"at most {widest:.2f} apart" in note


def test_every_round_trip_is_a_bar_with_its_purpose(run: record.Run) -> None:
    found = texts(drawn("waterfall", run))
    everything = [word for row in rows_of(run) for word in row.purposes]
    for word in ("TCP", "101", "open", "40", "probe", "join"):
        assert found.count(word) == everything.count(word) > 0
    assert "connected after 5, joined after 6" in found


def test_kept_connections_have_a_row_only_where_they_save_something(run: record.Run) -> None:
    rows = [(row.transport, row.kept, row.connected, len(row.purposes)) for row in rows_of(run)]
    assert rows == [
        ("websocket", False, 2, 3),
        ("websocket-aiohttp", False, 2, 3),
        ("socketio-websocket", False, 3, 4),
        ("socketio-polling", False, 4, 5),
        ("socketio-polling", True, 2, 3),
        ("socketio", False, 5, 6),
    ]


def test_handshakes_of_javascript_say_whose_they_are_and_how_they_vary(tmp_path: Path) -> None:
    purposes = PURPOSES["socketio"]
    entries = [
        entry("socketio", "round_trips", f"new {goal}", twice(words) | {"counted": counts})
        for goal, words, counts in (
            ("connect", purposes, [4, 5, 5]),
            ("join", [*purposes, "join"], [6, 6, 6]),
        )
    ]
    run = run_of(tmp_path, entries, client="node")
    found = texts(drawn("waterfall", run))
    assert "connected after 4 to 5, joined after 6" in found
    assert any("counted from the bytes · client in Node" in text for text in found)
    assert any("| 4 to 5 socketio" in text for text in texts(drawn("slopes", run)))
    for name in ("waterfall", "slopes"):
        nothing_overlaps(drawn(name, run))


def test_a_table_has_the_round_trips_with_each_client(run: record.Run, tmp_path: Path) -> None:
    vary = [
        entry("socketio", "round_trips", f"new {goal}", twice(["TCP"] * 4) | {"counted": [4, 6]})
        for goal in ("connect", "join")
    ]
    node = run_of(tmp_path / "node", vary, client="node")
    uncounted = make(tmp_path / "other", Made(passes=1, samples=50))
    table = by_client({"Python": run, "a page": uncounted, "Node": node}).splitlines()
    assert table[0] == (
        "| transport | Python: connected | Python: joined | Node: connected | Node: joined |"
    )
    assert table[2] == "| `websocket` | 2 (2.0) | 3 (3.0) | – | – |"
    assert table[-1] == "| `socketio` | 5 (5.0) | 6 (6.0) | 4 to 6 (4.0) | 4 to 6 (4.0) |"


def test_bytes_alone_have_a_waterfall(tmp_path: Path) -> None:
    alone = run_of(tmp_path, visits())
    assert [row.purposes[-1] for row in rows_of(alone)] == ["join"] * len(PURPOSES)
    assert slopes(alone) is None


def test_runs_older_than_the_purposes_have_none(tmp_path: Path) -> None:
    old = [entry("websocket", "bytes", "ledger", {"connect": {"round_trips": 2}})]
    assert waterfall(run_of(tmp_path, old)) is None


def test_bytes_are_shown_by_layer_and_direction(run: record.Run) -> None:
    found = texts(drawn("bytes", run))
    assert "HTTP headers are 67 % of a message on socketio-polling, 0 % on websocket" in found
    assert "socketio-polling: 3.00× the bytes of websocket" in found
    assert {"HTTP headers", "framing", "payload"} <= set(found)
    assert "not decoded" not in found
    # Up and down, of a message and of a handshake.
    assert (found.count("500"), found.count("100")) == (1, 8 + 1)  # 100: an axis has it too
    assert (found.count("204"), found.count("290")) == (5, 5)


def test_a_message_is_what_its_sender_and_one_receiver_see() -> None:
    visit = msgspec.convert(visited("socketio-polling", ["TCP"]), Visit)
    found = message(visit)
    assert found == Cost(Layers(http=400, framing=6, payload=94), Layers(0, 2.5, 97.5))
    assert message(Visit(message=visit.message)) is None


def test_no_ratio_to_nothing() -> None:
    assert ratios_of({"a": Cost()}, "a") == {}
    assert ratios_of({"a": Cost()}, None) == {}


def test_a_transport_without_a_message_is_a_dash(tmp_path: Path) -> None:
    silent = {"connect": counted(["TCP"])}
    found = texts(drawn("bytes", run_of(tmp_path, [entry("socketio", "bytes", "ledger", silent)])))
    assert "–" in found
    assert "What crosses the wire, by layer" in found


@pytest.mark.parametrize(
    ("counts", "baseline", "title"),
    [
        ({"a": 3, "b": 5}, "a", "To join a room takes 5 round trips on b, 3 on a"),
        ({"a": 3, "b": 3}, "b", "To join a room takes 3 round trips on every transport"),
        ({"a": 3, "b": 4}, "b", "How much time each round trip adds to a handshake"),
        ({"a": 3, "b": 4}, None, "How much time each round trip adds to a handshake"),
        ({}, "a", "How much time each round trip adds to a handshake"),
    ],
)
def test_a_title_claims_what_was_counted(
    counts: dict[str, int], baseline: str | None, title: str
) -> None:
    assert title_of(counts, baseline) == title


def test_a_transport_that_lost_something_has_no_detail(tmp_path: Path) -> None:
    lossy = entry("websocket", "bytes", "ledger", visited("websocket", ["TCP"]), lost=1)
    run = run_of(tmp_path, [lossy, *(each for each in visits() if "socketio]" in each["name"])])
    assert list(details(run, "bytes", "ledger", Visit)) == ["socketio"]


def test_a_detail_of_another_shape_is_damage(tmp_path: Path) -> None:
    odd = {"connect": {"round_trips": 2, "purposes": 7}}
    run = run_of(tmp_path, [entry("websocket", "bytes", "ledger", odd)])
    with pytest.raises(record.RecordError, match="detail of bytes, ledger: damaged"):
        details(run, "bytes", "ledger", Visit)


def test_purposes_are_kept_as_the_ledger_has_them() -> None:
    assert msgspec.convert(counted(["TCP", "101"]), Counted).purposes == ("TCP", "101")
