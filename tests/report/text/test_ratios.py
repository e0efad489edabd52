"""The tables in the document on tuned transports: a row per transport, a row per pair."""

from __future__ import annotations

import pytest

from lab.record import Run
from lab.report.text.ratios import rivals, table
from tests.report.text.test_limit import made

COLUMNS = {"one_cpu_us_100": "one, µs", "window_cpu_us_100": "16, µs", "rtt_p50_us": "RTT, µs"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made(tmp_path_factory.mktemp("results"), 5)


def test_a_transport_s_row_has_each_figure_beside_its_distance(run: Run) -> None:
    lines = table(run, COLUMNS).splitlines()
    assert lines[0] == "| transport | one, µs | × `limit-tcp` | 16, µs | × `limit-gathered` |"
    rows = {line.split("|")[1].strip(" `"): line.split("|")[2:-1] for line in lines[2:]}
    assert list(rows) == list(run.transports)
    one, to_tcp, window, to_gathered = (cell.strip() for cell in rows["websocket"])
    assert (one, window) == ("9.60", "9.60"), "the median pass has weather 1.2"
    assert to_tcp.startswith("1.33×")
    assert to_gathered.startswith("20.0×")
    assert rows["limit-tcp"][1].strip() == "–"


def test_a_pair_s_row_has_the_ratio_with_its_interval(run: Run) -> None:
    pairs = [("websocket-tuned", "websocket"), ("websocket-tuned", "node-websocket")]
    lines = rivals(run, pairs, COLUMNS).splitlines()
    assert lines[0] == "| transport | against | one, µs | 16, µs | RTT, µs |"
    assert len(lines) == 3, "one of the pairs has no such rival in this run"
    row = [cell.strip() for cell in lines[2].split("|")[1:-1]]
    assert row[:2] == ["`websocket-tuned`", "`websocket`"]
    assert row[2].startswith("0.0625×")
    assert row[4] == "–"
