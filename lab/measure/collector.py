"""Calms the garbage collector of a measured process, in the same way on both sides."""

from __future__ import annotations

import gc

CALM = (50_000, 20, 100)
"""Thresholds of the three generations. With Python's default, collections that find nothing take a
third of a busy room's time."""


def calm() -> None:
    """Exclude all objects that exist now from collections, and make collections rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*CALM)
