"""The pictures: claims match verdicts, texts don't overlap, the same run gives the same bytes."""

from __future__ import annotations

import struct
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lab.record import Run
from lab.report.pictures import plots, style
from lab.report.pictures.curves import spaced
from tests.report.factory import TRANSPORTS, Made, make

NAMES = ["answer", "transports", "percentiles", "throughput"]
"""The pictures that every run has. The others have their own test modules."""


def drawn(name: str, run: Run) -> Canvas:
    canvas = plots.PICTURES[name](run)
    assert canvas is not None
    return canvas


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make(tmp_path_factory.mktemp("results"))


def texts(canvas: Canvas | None) -> list[str]:
    assert canvas is not None
    found = (text.get_text() for text in canvas.findobj(Text))
    return [" ".join(text.split()) for text in found if text.strip()]


def out_of_view(canvas: Canvas) -> set[Text]:
    """Labels of ticks beyond the limits of their axis: matplotlib keeps but doesn't draw them."""
    hidden: set[Text] = set()
    for axis in (axis for ax in canvas.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        hidden |= {t.label1 for t in ticks if not low <= t.get_loc() <= high}
    return hidden


def boxes(canvas: Canvas) -> list[tuple[str, Bbox]]:
    """Every text that is drawn, with its place in pixels."""
    with style.applied():
        canvas.draw_without_rendering()
        hidden = out_of_view(canvas)
        found = [t for t in canvas.findobj(Text) if t.get_visible() and t not in hidden]
        assert all(isinstance(text, Text) for text in found)
        drawn = [text for text in found if isinstance(text, Text) and text.get_text().strip()]
        return [(text.get_text(), text.get_window_extent()) for text in drawn]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_covers_another_or_leaves_the_picture(run: Run, name: str) -> None:
    nothing_overlaps(drawn(name, run))


def nothing_overlaps(canvas: Canvas) -> None:
    """No text covers another, none leaves the picture."""
    placed = boxes(canvas)
    assert len(placed) > 10
    for (one, box), (other, second) in combinations(placed, 2):
        overlap = Bbox.intersection(box, second)
        area = 0.0 if overlap is None else overlap.width * overlap.height
        assert area < 12, f"{one!r} and {other!r} overlap by {area:.0f} pixels"
    edge = canvas.bbox
    for text, box in placed:
        assert box.x0 >= -1 and box.x1 <= edge.x1 + 1, f"{text!r} is cut off"
        assert box.y0 >= -1 and box.y1 <= edge.y1 + 1, f"{text!r} is cut off"


@pytest.mark.parametrize("name", NAMES)
def test_type_is_legible_at_850_pixels(run: Run, name: str) -> None:
    legible(drawn(name, run))


def legible(canvas: Canvas) -> None:
    """The smallest font is more than 10 pixels high in a README."""
    sizes = [float(text.get_fontsize()) for text in canvas.findobj(Text)]
    assert min(sizes) / 72 * 850 / style.WIDTH > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_svg_and_png_and_the_same_bytes_again(run: Run, name: str) -> None:
    first, second = (drawn(name, run) for _ in range(2))
    svg, png = plots.svg(first), plots.png(first)
    assert svg == plots.svg(second)
    assert png == plots.png(second)
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    width, _ = struct.unpack(">II", png[16:24])
    assert width == style.WIDTH * plots.DPI


def test_the_transports_are_named_with_every_unit(run: Run) -> None:
    found = texts(plots.transports(run))
    for wanted in ("ms", "µs", "µs per delivery", "connect", "join", "p50", "p99"):
        assert wanted in found
    assert {
        transport
        for transport in TRANSPORTS
        if transport in found or f"{transport} (no socket)" in found
    } == set(TRANSPORTS)
    assert "To join, socketio takes 4.12× as long as websocket" in found


def test_throughput_leaves_out_the_transport_without_a_socket_and_explains_hatching(
    run: Run,
) -> None:
    found = texts(plots.throughput(run))
    assert not any("loopback" in text for text in found)
    assert any("hatched" in text for text in found)
    assert any("limit: both" in text for text in found)


def test_a_picture_claims_no_difference_that_the_statistics_do_not(tmp_path: Path) -> None:
    scale = {"websocket-aiohttp": 1.52 / 1.24}
    alike = make(tmp_path, Made(transports=("websocket", "websocket-aiohttp"), scale=scale, seed=2))
    assert "No detectable difference from websocket" in texts(plots.transports(alike))
    short = make(tmp_path, Made(passes=3, samples=100))
    assert texts(plots.transports(short)).count("Too few passes to compare") == 3
    alone = make(tmp_path, Made(transports=("socketio",), samples=100))
    assert texts(plots.transports(alone)).count("Nothing to compare with") == 3


def test_what_is_void_is_said_in_its_place(tmp_path: Path) -> None:
    run = make(tmp_path, Made(lost={"socketio-polling": 2}, samples=100))
    assert texts(plots.transports(run)).count("void") == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_run_without_a_valid_pass_has_no_picture(tmp_path: Path, name: str) -> None:
    assert plots.PICTURES[name](make(tmp_path, Made(passes=0, planned=3))) is None


@given(st.lists(st.floats(0, 1), max_size=12).map(sorted))
def test_labels_are_spaced_and_keep_their_order(places: list[float]) -> None:
    found = spaced(places, 0.06)
    assert len(found) == len(places)
    assert all(b - a >= 0.06 - 1e-9 for a, b in pairwise(found))


def test_labels_far_apart_stay_where_they_are() -> None:
    assert spaced([0.1, 0.5, 0.9], 0.06) == [0.1, 0.5, 0.9]
