"""Missing programs leave cells that are not tested, and the other cells are filled."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.interop.chromium import VARIABLE
from lab.interop.clients import CLIENTS
from lab.interop.matrix import pairings, run
from lab.interop.outcome import Aim, State
from transports import registry


async def test_without_node_and_chromium_their_columns_give_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    transports = [registry.load("websocket")]
    matrix = await run(pairings(transports, CLIENTS.values(), [Aim.PLAIN]))
    found = {cell.client: (cell.state, cell.reason) for cell in matrix.cells}
    assert found["websockets"] == (State.CHATS, "")
    state, reason = found["ws"]
    assert state is State.NOT_TESTED
    assert "needs Node" in reason
    assert matrix.clients["ws"] == reason
    state, reason = found["chromium-websocket"]
    assert state is State.NOT_TESTED
    assert "apt-get install chromium" in reason


async def test_a_browser_that_does_not_start_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(broken))
    clients = [CLIENTS["chromium-websocket"], CLIENTS["websockets"]]
    matrix = await run(pairings([registry.load("websocket")], clients, [Aim.PLAIN]))
    page, library = matrix.cells
    assert page.state is State.NOT_TESTED
    assert page.reason
    assert "\n" not in page.reason
    assert library.state is State.CHATS
