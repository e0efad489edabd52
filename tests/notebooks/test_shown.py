"""What notebooks say and draw: no more than the verdicts do, from the run that is meant."""

from __future__ import annotations

import gc
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import notebook, record
from lab.contract import Capability
from lab.load.closed_loop import round_trips
from lab.measure import histogram
from lab.notebook import Chart, Picture, Prose
from lab.notebook.pictures import WIDTH_PX
from lab.report.model.summary import Summary, summarise
from tests.report import factory
from tests.report.factory import Made
from transports import registry

AS_LONG = "takes {ratio} as long as {baseline}"


def verdict(found: Summary, key: str = "connect_p50_ms") -> str:
    return notebook.verdicts(found, key, Prose("To connect", "연결"), AS_LONG).markdown


def test_the_nearest_checkout_upwards_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "README.md").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    results = tmp_path / "results"
    assert notebook.run_folders() == [results, results / "reference"]


def test_outside_of_any_checkout_the_packages_own_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert notebook.run_folders()[0] == Path(record.__file__).parents[2] / "results"


def test_a_difference_is_stated_only_where_it_is_established(tmp_path: Path) -> None:
    same = {"socketio-websocket": 1.31 / 2.42}
    found = summarise(factory.make(tmp_path, Made(noise=0.05, scale=same)))
    figure = found.figure("connect_p50_ms")
    assert figure is not None
    said = verdict(found)
    claims, _, rest = said.partition("No detectable difference:")
    for transport, one in figure.comparisons().items():
        assert (f"`{transport}`" in claims) == (one.verdict in ("faster", "slower"))
        assert (f"`{transport}`" in rest) == (one.verdict == "no detectable difference")
    assert figure.comparisons()["socketio-websocket"].verdict == "no detectable difference"


def test_the_furthest_comes_first(tmp_path: Path) -> None:
    said = verdict(summarise(factory.make(tmp_path)))
    ratios = [float(number) for number in re.findall(r"\*\*([\d.]+)×\*\*", said)]
    assert len(ratios) == 4
    assert ratios[:3] == sorted(ratios[:3], reverse=True)
    assert said.startswith("To connect, `socketio` takes **4.")


def test_what_takes_no_part_is_named_with_its_reason(tmp_path: Path) -> None:
    found = summarise(factory.make(tmp_path, Made(lost={"socketio": 2})))
    said = verdict(found, "deliveries_per_s_100")
    assert "`socketio` (void (lost 14))" in said
    assert "`socketio-polling` (load-bound)" in said
    assert "`socketio` **" not in said


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Made(passes=3), "takes 5 passes, and this run has 3"),
        (Made(transports=("loopback", "socketio")), "no `websocket` to compare with"),
        (Made(transports=("loopback", "websocket")), "nothing to compare"),
    ],
)
def test_without_a_verdict_the_reason_is_given(made: Made, why: str, tmp_path: Path) -> None:
    said = verdict(summarise(factory.make(tmp_path, made)))
    assert why in said
    assert "×" not in said


def test_a_figure_that_was_not_measured_is_said_to_be_none(tmp_path: Path) -> None:
    said = verdict(summarise(factory.make(tmp_path)), "no_such_figure")
    assert said == "To connect: this run did not measure it."


def test_a_table_is_one_in_markdown() -> None:
    shown = notebook.table(["transport", "bytes"], [["`a`", 1], ["`b`", 2]])
    assert shown.markdown.splitlines() == [
        "| transport | bytes |",
        "| :-- | --: |",
        "| `a` | 1 |",
        "| `b` | 2 |",
    ]
    assert repr(Prose("*so*")) == "*so*"


def test_prose_keeps_its_korean_beside_it() -> None:
    assert Prose("*so*")._repr_mimebundle_() == ({"text/markdown": "*so*"}, {})
    kept = {"text/markdown": {"ko": "*그래서*"}}
    assert Prose("*so*", "*그래서*")._repr_mimebundle_() == ({"text/markdown": "*so*"}, kept)


def test_a_verdict_has_the_same_ratios_in_korean(tmp_path: Path) -> None:
    found = summarise(factory.make(tmp_path))
    said = notebook.verdicts(found, "connect_p50_ms", Prose("To connect", "연결까지"), AS_LONG)
    assert said.korean.startswith("연결까지, `websocket` 대비: `socketio` **4.")
    ratio = re.compile(r"\*\*[\d.]+×\*\*")
    assert ratio.findall(said.korean) == ratio.findall(said.markdown)


def png_size(picture: Picture) -> tuple[int, int]:
    bundle, about = picture._repr_mimebundle_()
    content = bundle["image/png"]
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert about["image/png"]["width"] == WIDTH_PX
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def drawn() -> dict[str, Picture]:
    """One picture of each kind."""
    points = {"websocket": ([1.0, 10.0], [2.0, 3.0]), "socketio": ([1.0, 10.0], [4.0, 90.0])}
    loose = Chart("x", "y", points, through=points, labels={"socketio": "5 RTT"})
    held = Chart("x", "y", points, title="p99", bound=(50.0, "bound"), log="xy")
    parts = {"one say": {"websocket": {"payload": 9.0, "http": 1.0}, "socketio": {"framing": 3.0}}}
    distribution = {"websocket": histogram.from_samples([1000, 2000, 3000])}
    return {
        "samples": notebook.charts([loose], "title", "note"),
        "side by side": notebook.charts([held, held], "title", "note"),
        "stacks": notebook.stacks(parts, "title", "note"),
        "percentiles": notebook.percentiles(distribution, notebook.looks(), "title", "note"),
    }


def test_every_kind_of_picture_is_a_png_wider_than_it_is_shown() -> None:
    for name, picture in drawn().items():
        width, height = png_size(picture)
        assert width >= WIDTH_PX, name
        assert height > 200, name


def test_a_chart_names_each_curve_and_its_bound() -> None:
    texts = [note.get_text() for ax in drawn()["side by side"].canvas.axes for note in ax.texts]
    assert sorted(texts) == sorted(["bound", "websocket", "socketio"] * 2)
    texts = [note.get_text() for ax in drawn()["samples"].canvas.axes for note in ax.texts]
    assert sorted(texts) == ["5 RTT", "websocket"]


def test_a_stack_is_as_long_as_its_parts() -> None:
    (ax,) = drawn()["stacks"].canvas.axes
    assert [note.get_text() for note in ax.texts] == ["10", "3"]


def test_every_transport_has_a_look() -> None:
    assert set(notebook.looks()) == set(registry.TRANSPORTS)


@pytest.fixture
def usual_collector() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.mark.usefixtures("usual_collector")
async def test_a_served_transport_is_reached_through_the_relay_and_past_it() -> None:
    name = next(
        name for name in registry.available() if Capability.TCP in registry.load(name).capabilities
    )
    before_cores = os.sched_getaffinity(0)
    async with notebook.served(name) as line:
        meter = line.meter()
        meter.start()
        for connect, through in ((line.connect, True), (line.direct, False)):
            before = line.relay.total.up_bytes
            connection = await connect(lambda _: None)
            await connection.join("lobby", "ann")
            assert len(await round_trips(connection, "lobby", ["hello"])) == 1
            await connection.close()
            assert (line.relay.total.up_bytes > before) is through
        used = meter.stop().server_cpu_ns
        assert used is not None
        assert used > 0
    assert os.sched_getaffinity(0) == before_cores
