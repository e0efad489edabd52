"""The packaged reference, and what is taken of a run for it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import msgspec
import pytest

from lab import record
from lab.answer import blocks, extract, reference
from lab.answer.measurements import Value
from lab.answer.reference import Reference, decode, encode
from lab.report.model.summary import summarise
from tests.answer.synthetic import measured
from tests.report.factory import Made, begin, make
from tools import reference as tool

CPU = "server_cpu_us_per_delivery_100"


def test_the_packaged_file_is_what_the_committed_runs_give() -> None:
    packaged = resources.files("lab.answer").joinpath(reference.FILE).read_bytes()
    assert tool.made() == packaged, "run: python -m tools.generate"


def test_the_packaged_reference_answers_on_every_stack() -> None:
    found = reference.load()
    for block in found.answer().blocks:
        row = block.row("cpu_16")
        assert row is not None, block.key
        assert any(side.ratio for side in row.sides.values()), block.key
        assert {source.run for source in block.sources} == set()  # nothing is quoted in itself
    value, source = found.value(CPU, "websocket"), found.source(CPU, "websocket")
    assert value is not None and source is not None
    assert source.value(CPU, "websocket") == value
    assert value.low is not None and value.low <= value.median


def test_a_lookup_takes_the_first_run_that_has_the_figure() -> None:
    one = measured("one", {"websocket": {CPU: 8.0}})
    two = measured("two", {"websocket": {CPU: 9.0}, "socketio": {CPU: 27.0}})
    page = measured("page", {"websocket": {CPU: 50.0}}, client="browser")
    found = Reference([one, two, page])
    assert found.value(CPU, "websocket") == one.value(CPU, "websocket")
    assert found.value(CPU, "websocket", "browser") == page.value(CPU, "websocket")
    ratio = found.ratio(CPU, "socketio")
    assert ratio is not None and ratio.ratio == 3.0 and ratio.differs
    assert found.ratio(CPU, "socketio", "websocket") == ratio
    assert found.ratio(CPU, "websocket") is None
    assert found.ratio(CPU, "loopback") is None
    assert found.ratio(CPU, "socketio", client="browser") is None
    assert found.value("nothing", "websocket") is None
    assert found.source(CPU, "nothing") is None


def test_the_file_is_read_as_it_was_written() -> None:
    found = Reference([measured("one", {"websocket": {CPU: 8.0}, "socketio": {CPU: 27.0}})])
    assert decode(encode(found)) == found
    assert b'"server_cpu_us_per_delivery_100": { "median": 8.0, "passes": 5 }' in encode(found)
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"runs": [{}]}')


def test_a_run_s_measurements_are_those_of_its_summary(tmp_path: Path) -> None:
    run = make(tmp_path, Made(lost={"socketio": 1}))
    found, summary = extract.measurements(run), summarise(run)
    figure = summary.figure(CPU)
    assert figure is not None
    cell = figure.cells["socketio-websocket"]
    value, ratio = (
        found.value(CPU, "socketio-websocket"),
        found.ratio(CPU, "socketio-websocket", "websocket"),
    )
    assert cell.interval is not None and cell.comparison is not None
    assert value is not None and ratio is not None
    assert value.median == pytest.approx(cell.interval.median, rel=1e-4)
    assert value.low == pytest.approx(cell.interval.low, rel=1e-4)
    assert ratio.high == pytest.approx(cell.comparison.high, rel=1e-4)
    assert (ratio.verdict, found.passes, found.client) == ("slower", 7, "python")
    assert found.machine == "Example CPU 3000, 2 cores"
    assert found.value(CPU, "socketio") is None, "it is void"
    assert set(found.values) <= set(run.transports)


@pytest.mark.parametrize(
    ("kind", "client"),
    [("raw", "python"), ("library", "python"), ("browser", "browser"), ("node", "node")],
)
def test_the_client_is_the_run_s(tmp_path: Path, kind: str, client: str) -> None:
    run = make(tmp_path, Made(passes=1, transports=("websocket",), constants={"client": kind}))
    assert extract.client_of(run) == client
    assert client in blocks.CLIENTS


def test_few_passes_have_extremes_and_no_interval(tmp_path: Path) -> None:
    made = Made(passes=2, transports=("websocket", "socketio"))
    value = extract.measurements(make(tmp_path, made)).value(CPU, "websocket")
    assert isinstance(value, Value)
    assert value.low is None and value.lowest is not None
    assert value.lowest <= value.median


def test_a_run_without_passes_has_no_measurements(tmp_path: Path) -> None:
    found = extract.measurements(record.load(begin(tmp_path, Made()).folder))
    assert (found.values, found.ratios, found.passes) == ({}, {}, 0)
