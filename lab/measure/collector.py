"""The garbage collector of a process that is measured: calmed the same way on both sides."""

from __future__ import annotations

import gc

CALM = (50_000, 20, 100)
"""Thresholds of the three generations. With Python's default a third of a busy room's time goes to
collections that find nothing."""


def calm() -> None:
    """Take what exists now out of the collector's sight, and let it run rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*CALM)
