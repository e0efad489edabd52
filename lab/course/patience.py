"""How long a check waits for a learner's program."""

from __future__ import annotations

from contextvars import ContextVar

PATIENCE: ContextVar[float] = ContextVar("patience", default=20.0)
"""Seconds. A busy machine must not make a right program wrong."""

STARTING: ContextVar[float] = ContextVar("starting", default=20.0)
"""Seconds. Apart, since a program that is right or wrong takes the same time to start."""


def patience_s() -> float:
    """How long an answer may take, in this run."""
    return PATIENCE.get()


def starting_s() -> float:
    """How long a program may take until it listens, or is in its room, in this run."""
    return STARTING.get()
