"""Locust with a user on two of the transports: what it counts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.measure.server import ServerProcess

ROOT = Path(__file__).parents[2]
USERS = 3
PATIENCE_S = 120


def locust(transport: str, url: str, folder: Path) -> subprocess.Popen[str]:
    """Begin a headless Locust in `folder`."""
    file = ROOT / "docs" / "examples" / "locustfile.py"
    words = ["--locustfile", str(file), "--host", url, "--headless", "--users", str(USERS)]
    words += ["--spawn-rate", str(USERS)]
    return subprocess.Popen(
        [sys.executable, "-m", "locust", *words],
        env={**os.environ, "TRANSPORT": transport, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until_each_has_said(process: subprocess.Popen[str]) -> Iterator[str]:
    """The lines that it says, until its table shows that each user can have said a text."""
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if (found := re.match(r"say\s+\S+\s+(\d+)", line)) and int(found[1]) > USERS:
            return
    pytest.fail("locust ended by itself")


def counts(output: str) -> dict[str, tuple[int, int, int]]:
    """Of each kind of request in the last table: how many, how many failed, the shortest in ms."""
    rows = re.findall(r"(?m)^(\w+) +\S+ +(\d+) +(\d+)\([\d.]+%\) \| +\d+ +(\d+)", output)
    return {kind: (int(many), int(failed), int(ms)) for kind, many, failed, ms in rows}


@pytest.mark.parametrize("transport", ["websocket", "socketio-polling"])
def test_locust_counts_joins_answers_and_deliveries(transport: str, tmp_path: Path) -> None:
    with ServerProcess(transport) as server, locust(transport, server.url, tmp_path) as process:
        try:
            output = "".join(until_each_has_said(process))
            process.terminate()
            output += process.communicate(timeout=PATIENCE_S)[0]
        finally:
            process.kill()
    assert process.returncode == 0, output
    found = counts(output)
    joined, said, delivered = (found[kind] for kind in ("join", "say", "delivery"))
    assert joined[:2] == (USERS, 0)
    # The first texts may be said before all have joined.
    # When the users are stopped, each may have a text on its way.
    assert USERS < said[0] <= delivered[0] + USERS <= (said[0] + USERS) * USERS + USERS
    assert said[1] == delivered[1] == 0
    assert all(0 <= row[2] < PATIENCE_S * 1000 for row in found.values())


def test_only_locust_may_import_it() -> None:
    tried = subprocess.run(
        [sys.executable, "-c", "import lab.cli, lab.locust"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 1
    assert "run it by the command `locust`" in tried.stderr
