"""The effective settings describe the library `websockets` as it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from lab.contract import Heartbeat
from transports._native.client import LIBRARY_HEARTBEAT


@pytest.mark.parametrize("side", [connect, serve], ids=["client", "server"])
def test_the_library_keeps_the_heartbeat_that_stock_settings_show(side: Callable[..., Any]) -> None:
    found = inspect.signature(side).parameters
    kept = Heartbeat(found["ping_interval"].default, found["ping_timeout"].default)
    assert kept == LIBRARY_HEARTBEAT
    assert str(kept) == "20 s + 20 s"
