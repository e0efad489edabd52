"""A server that is ready for all kinds of fault that its transport and this machine allow."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from lab.contract import Transport
from lab.faults.clock import Clock
from lab.faults.disk import small_disk
from lab.faults.script import ALWAYS, Fault
from lab.faults.subject import ServedProcess


class Prepared(NamedTuple):
    """A server, and what can be done to it. `left_out`: a sentence for each kind that can't be."""

    subject: ServedProcess
    kinds: tuple[Fault, ...]
    left_out: list[str]


@contextmanager
def prepared(transport: Transport, *, durable: bool) -> Iterator[Prepared]:
    """A server whose clock can be moved, and if it is `durable`, whose disk can be full."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = Clock(folder / "clock")
        kept = folder / "kept"
        disk, left_out = small_disk(stack, kept) if durable else (None, [])
        arguments = ["--durable", str(kept / "rooms.db")] if durable else []
        kinds: tuple[Fault, ...] = (*ALWAYS, "clock")
        if disk is not None:
            kinds = (*kinds, "full disk")
        subject = ServedProcess(transport.name, arguments, clock, disk)
        yield Prepared(subject, kinds, left_out)
