"""The report of cuts: it goes on where it ended, and keeps what it has."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.cuts import Report, go_on

ROW = {"stalls": 0, "acknowledged": 1, "judged": 1, "lost": 0, "doubled": 0, "other": 0}


def test_a_report_goes_on_until_each_transport_has_its_cuts(tmp_path: Path) -> None:
    path = tmp_path / "cuts.json"
    before = {"websocket": ROW | {"runs": 6, "cut": 602}, "sse": ROW | {"runs": 5, "cut": 507}}
    path.write_text(json.dumps(before))
    seeds: list[int] = []

    def play(_name: str, seed: int, _folder: Path) -> dict[str, int]:
        seeds.append(seed)
        return ROW | {"runs": 1, "cut": 85}

    with ThreadPoolExecutor(1) as pool:
        go_on(Report(path), tmp_path, ["websocket"], 1000, pool, play)
    after = json.loads(path.read_text())
    assert seeds == [7, 8, 9, 10, 11]
    assert after["websocket"]["cut"] == 602 + 5 * 85
    assert after["websocket"]["acknowledged"] == 1 + 5
    assert after["sse"] == before["sse"]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_transport_without_a_run_does_not_hold_up_the_others(tmp_path: Path) -> None:
    def play(name: str, _seed: int, _folder: Path) -> dict[str, int]:
        if name == "sse":
            raise OSError("no server")
        return ROW | {"runs": 1, "cut": 100, "lost": 1}

    report = Report(tmp_path / "cuts.json")
    with ThreadPoolExecutor(1) as pool:
        go_on(report, tmp_path, ["sse", "websocket"], 200, pool, play)
    assert report.row("websocket")["cut"] == 200
    assert not report.row("sse")
    assert report.is_broken
