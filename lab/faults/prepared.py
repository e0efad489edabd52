"""A server that is ready for all kinds of fault that its transport and this machine allow."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from lab.contract import Capability, Transport
from lab.faults.clock import Clock
from lab.faults.disk import DiskError, SmallDisk
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
    if Capability.SHARED_ROOM not in transport.capabilities:
        yield Prepared(ServedProcess(transport.name), ALWAYS, [])
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = Clock(folder / "clock")
        kinds: list[Fault] = [*ALWAYS, "clock"]
        arguments, disk, left_out = [], None, []
        if durable:
            kept = folder / "kept"
            kept.mkdir()
            arguments = ["--durable", str(kept / "rooms.db")]
            try:
                disk = stack.enter_context(SmallDisk(kept))
                kinds.append("full disk")
            except DiskError as error:
                left_out.append(f"no full disk: {error}")
        subject = ServedProcess(transport.name, arguments, clock, disk)
        yield Prepared(subject, tuple(kinds), left_out)
