"""Waits for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 90.0


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Return when it has happened. Fails after a generous time."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, f"not within {PATIENCE_S:g} s: {what}"
        time.sleep(0.05)
