"""The picture and sentences of a divided cost: parts add up, shares have intervals."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from rich.console import Console

from lab import record
from lab.measure.decomposition import Measured, Parts, take_apart
from lab.report.model import decomposition as model
from lab.report.model.summary import summarise
from lab.report.pictures.decomposition import LOOKS, decomposition, draw
from lab.report.publish import publish
from lab.report.text import decomposition as text
from lab.report.text import tables
from lab.report.text.answer import markdown
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

TUNED = {
    "websocket": ("websocket-tuned", 4_100, 6_000),
    "websocket-aiohttp": ("websocket-tuned", 4_100, 5_000),
    "socketio-websocket": ("socketio-websocket-tuned", 4_600, 24_000),
    "socketio-polling": ("socketio-polling-tuned", 13_000, 47_000),
}
"""Transport -> (the one without a library, its cost, the transport's cost), in ns per delivery."""
LIBRARIES = {"socketio-websocket": "python-socketio", "socketio-polling": "python-socketio"}
LIMIT_NS, CHAT_NS = 4_000, 120


def entry(transport: str, window: int, weather: float, lost: int = 0) -> dict[str, Any]:
    name, tuned_ns, whole_ns = TUNED.get(transport, TUNED["socketio-polling"])
    # With 16 in flight everything is cheaper, and the limit falls most.
    scale = weather if window == 1 else weather * 0.5
    limit = LIMIT_NS * (weather if window == 1 else weather / 8)
    costs = Measured(
        whole=whole_ns * scale, tuned=tuned_ns * scale, limit=limit, chat=CHAT_NS * weather
    )
    detail = {
        "tuned": name,
        "floor": "limit-gathered",
        "measured_ns": msgspec.to_builtins(costs),
        "parts_ns": msgspec.to_builtins(take_apart(costs)),
        "messages_per_write": {
            transport: 1.0,
            name: float(window),
            "limit-gathered": float(window),
        },
    }
    info = {
        "transport": transport,
        "experiment": "cost",
        "measure": f"apart_{window}",
        "room_size": 100,
        "window": window,
        "operations": 100,
        "expected": 10_000,
        "delivered": 10_000 - lost,
        "lost": lost,
        "wall_ns": 1,
        "server_cpu_ns": int(costs.whole * 10_000),
        "load_cpu_ns": 1,
        "load_share": 0.5,
        "saturated": "neither",
        "client": "raw",
        "detail": detail,
    }
    return {"name": f"test_apart[{transport}-{window}]", "extra_info": info}


def made(folder: Path, passes: int = 5, lost: Mapping[str, int] | None = None) -> record.Run:
    writer = record.create(
        folder,
        "quick",
        transports={
            transport: {
                "stack": {
                    "server": {"name": LIBRARIES.get(transport, "websockets"), "version": "1"}
                }
            }
            for transport in TUNED
        },
        seed=1,
        planned_passes=passes,
        environment=ENVIRONMENT,
    )
    for index in range(passes):
        weather = 1 + 0.05 * (index % 3)
        entries = [
            entry(transport, window, weather, (lost or {}).get(transport, 0))
            for transport in TUNED
            for window in (1, 16)
        ]
        content = json.dumps({"benchmarks": entries}).encode()
        writer.add_pass(content, order=list(TUNED), seconds=1)
    return writer.finish()


@pytest.fixture
def run(tmp_path: Path) -> record.Run:
    return made(tmp_path)


def drawn(run: record.Run) -> Canvas:
    canvas = decomposition(run)
    assert canvas is not None
    return canvas


def bars_of(ax: Axes) -> list[Rectangle]:
    return [bar for bar in ax.patches if isinstance(bar, Rectangle)]


def test_a_gap_is_described_in_shares_with_intervals(run: record.Run) -> None:
    # Of 24 - 6 µs, 4.6 - 4.1 are the protocol's.
    told = list(text.sentences(run))
    assert told[0] == (
        "Of the gap between python-socketio (socketio-websocket) and websockets (websocket), "
        "18.9 µs a delivery with one message in flight, 2.8 % [2.8, 2.8] is protocol and "
        "97.2 % [97.2, 97.2] library."
    )
    assert "with 16 messages in flight" in told[2]
    assert not any("aiohttp" in each for each in told), "it speaks the same protocol"


def test_a_transport_is_held_against_one_of_its_own_language(tmp_path: Path) -> None:
    run = made(tmp_path)
    for transport in ("websocket-aiohttp", "socketio-polling"):
        run.info.transports[transport].stack["language"] = {"name": "Node.js", "version": "20"}
    assert list(model.gaps(run, 1)) == [
        ("socketio-websocket", "websocket"),
        ("socketio-polling", "websocket-aiohttp"),
    ]
    run.info.transports["websocket-aiohttp"].stack["language"] = {"name": "Rust", "version": "1"}
    assert list(model.gaps(run, 1)) == [("socketio-websocket", "websocket")]


def test_a_gap_that_is_lost_in_the_noise_is_not_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "WIDEST", -1.0)
    told = list(text.sentences(made(tmp_path), (1,)))
    assert told[0] == (
        "The gap between python-socketio (socketio-websocket) and websockets (websocket), "
        "18.9 µs a delivery with one message in flight, is too small for this run to divide."
    )


def test_with_few_passes_the_extremes_stand_in_place_of_an_interval(tmp_path: Path) -> None:
    assert "2.8 % (2.8 … 2.8) is protocol" in next(text.sentences(made(tmp_path, passes=2)))


def test_each_bar_is_as_long_as_its_cost(run: record.Run) -> None:
    first, second = drawn(run).axes
    costs = model.costs(run, 1)
    for row, transport in enumerate(TUNED):
        wholes = [each.parts_ns.total / 1e3 for each in costs[transport].values()]
        bars = [bar for bar in bars_of(first) if abs(bar.get_y() + 0.33 - row) < 0.01]
        assert sum(bar.get_width() for bar in bars) == pytest.approx(sum(wholes) / len(wholes))
    assert {note.get_text() for note in second.texts} >= {"12.5", "24.4"}


def test_what_is_below_zero_is_drawn_there() -> None:
    stack = Parts(network=4_000, chat=100, protocol=-600, library=9_000)
    (ax,) = draw({"One message in flight": {"websocket": stack}}, "title", "note").axes
    below = [bar for bar in bars_of(ax) if bar.get_width() < 0]
    assert [to_hex(bar.get_facecolor()).upper() for bar in below] == [LOOKS["protocol"][0]]
    assert ax.get_xlim()[0] < -0.6
    assert "12.5" in [note.get_text() for note in ax.texts]


def test_it_can_be_read(run: record.Run) -> None:
    canvas = drawn(run)
    nothing_overlaps(canvas)
    legible(canvas)
    assert "78 % of what socketio-polling costs beyond websocket is the library's" in texts(canvas)


def test_a_transport_that_lost_something_is_not_taken_apart(tmp_path: Path) -> None:
    run = made(tmp_path, lost={"socketio-polling": 1})
    assert "socketio-polling" not in model.costs(run, 1)
    assert list(model.gaps(run, 1)) == [("socketio-websocket", "websocket")]
    assert any("socketio-polling: void (lost 5)" in each for each in summarise(run).voids)


def test_no_ratio_is_taken_of_a_remainder_and_its_spread_is_no_noise(run: record.Run) -> None:
    found = summarise(run)
    part, whole = found.figure("apart_protocol_1"), found.figure("apart_whole_us_1")
    assert part is not None
    assert whole is not None
    assert part.comparisons() == {}
    assert whole.comparisons()["socketio-websocket"].ratio == pytest.approx(4)
    assert not any("of it protocol" in warning for warning in found.warnings)


def test_it_is_in_the_page_and_in_the_terminal(run: record.Run) -> None:
    page = publish(run).read_text()
    assert (run.folder / "pictures" / "decomposition.svg").stat().st_size
    assert "<li>Of the gap between python-socketio" in page
    console = Console(width=110, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert "Cost: CPU time of a delivery by its causes" in told
    assert "Cost, continued, continued" not in told
    assert "Of the gap between python-socketio (socketio-websocket)" in told


def test_the_readme_tells_of_one_message_in_flight(run: record.Run) -> None:
    text = markdown(run, PurePosixPath("results/reference/one"))
    assert "\n- Of the gap between python-socketio (socketio-websocket)" in text
    assert "16 messages in flight" not in text
    assert "(results/reference/one/pictures/decomposition.png)" in text


def test_a_run_without_it_has_no_such_picture(tmp_path: Path) -> None:
    other = make(tmp_path, Made(passes=1, samples=50))
    assert decomposition(other) is None
    assert "decomposition" not in markdown(other, PurePosixPath("results"))
    assert list(text.sentences(other)) == []


def test_damage_is_named(tmp_path: Path) -> None:
    run = made(tmp_path, passes=1)
    for each in run.passes[1].benchmarks:
        each.extra_info = msgspec.structs.replace(each.extra_info, detail={"tuned": 3})
    with pytest.raises(record.RecordError, match="pass 1, detail of cost: damaged"):
        model.costs(run, 1)
