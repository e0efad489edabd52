"""The suite measures a transport over TLS beside itself without it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.test_suite import suite

LABELS = ("websocket", "websocket+tls", "websocket+resumed")


def test_tls_costs_a_round_trip_and_a_resumed_session_saves_bytes(tmp_path: Path) -> None:
    written = tmp_path / "benchmark.json"
    done = suite(
        *("--transports", ",".join(LABELS)),
        *("--experiments", "bytes,handshake", "--driver", "library", "--rounds", "1"),
        f"--benchmark-json={written}",
    )
    assert done.returncode == 0, done.stdout
    found = [each["extra_info"] for each in json.loads(written.read_text())["benchmarks"]]
    assert {each["transport"] for each in found if each["experiment"] == "handshake"} == {*LABELS}
    ledgers = {each["transport"]: each["detail"] for each in found if each["detail"]}
    plain, full, resumed = (ledgers[label]["connect"] for label in LABELS)
    assert plain["purposes"] == ["TCP", "101"]
    assert full["purposes"] == resumed["purposes"] == ["TCP", "TLS", "101"]
    assert plain["cost"]["down"]["tls"] == 0
    assert 0 < resumed["cost"]["down"]["tls"] < full["cost"]["down"]["tls"]
