"""`lab faults` on real servers: what it does, prints and records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab import record
from lab.cli import main
from lab.faults.run import run
from lab.faults.script import Script
from lab.faults.subject import ServedProcess
from transports import registry


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--transport", "loopback"], "loopback has no connection that could be cut"),
        (["--transport", "node-websocket", "--durable"], "a room of its own"),
        (["--transport", "websocket", "--seconds", "nan"], "nan"),
    ],
    ids=["no socket", "a room of its own", "no number"],
)
def test_what_it_refuses(words: list[str], complaint: str) -> None:
    result = CliRunner().invoke(main, ["faults", *words], terminal_width=200)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())


def test_a_run_is_recorded(tmp_path: Path) -> None:
    words = ["faults", "--transport", "socketio-websocket", "--seconds", "2", "--cuts", "5"]
    result = CliRunner().invoke(main, [*words, "--results", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "lost 0, doubled 0, other violations 0" in result.output
    (folder,) = tmp_path.iterdir()
    written = record.load(folder)
    (entry,) = written.passes[1].benchmarks
    counts = entry.extra_info
    assert (counts.experiment, counts.lost) == ("faults", 0)
    assert counts.detail is not None
    assert counts.detail["violations"] == []
    found = re.search(r"(\d+) operations, (\d+) messages", result.output)
    assert found is not None
    assert (counts.detail["operations"], counts.expected) == (int(found[1]), int(found[2]))
    read = CliRunner().invoke(main, ["report", folder.name, "--results", str(tmp_path)])
    assert read.exit_code == 0, read.output


async def test_durable_rooms_outlive_a_killed_server(tmp_path: Path) -> None:
    subject = ServedProcess("websocket", ["--durable", str(tmp_path / "rooms.db")])
    script = Script(seconds=4, seed=3, every_s=0.4, kinds=("cut", "kill", "pause"), durable=True)
    always_killing = await run(registry.load("websocket"), subject, script)
    assert [each.sentence for each in always_killing.violations] == []
    assert always_killing.acknowledged


@pytest.mark.parametrize("name", ["webtransport", "socketio-webtransport"])
async def test_connections_of_quic_are_cut(name: str) -> None:
    if name not in registry.available():
        pytest.skip(str(registry.unavailable(name)))
    script = Script(seconds=60, seed=1, cuts=3, kinds=("cut", "stall"))
    found = await run(registry.load(name), ServedProcess(name), script)
    assert [each.sentence for each in found.violations] == []
    assert found.acknowledged
    assert found.faults["connections cut"] == 3
