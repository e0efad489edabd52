"""Members in a process of their own, on a core of its own: for a load that takes several.

To the room such a process is one more member. It says how many messages all of its members have
had, and at the end of a batch what each has had; the room's own loop counts it among the others.
"""

from __future__ import annotations

import gc
import itertools
import selectors
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe
from typing import Literal, Never, Self

from lab.load.child import Child
from lab.load.raw.exchange import RawError
from lab.load.raw.fleet import RawFleet, Report
from lab.load.raw.speakers import JoinOne
from lab.measure import collector
from lab.measure.process import pin

MEMBERS_EACH = 50
"""For fewer, another process costs more than it takes off the others."""

Order = Literal["let in", "begin", "report"]
"""What a worker is told: to let its members in, to count from nothing, or neither of them. It
answers with a Report."""


def cpus_for(size: int, cpus: Sequence[int]) -> Sequence[int]:
    """Those of `cpus` on which a room of `size` is worth a further process each."""
    return cpus[: max(size // MEMBERS_EACH - 1, 0)]


def shares(size: int, processes: int) -> list[range]:
    """The numbers of the members in each process: all about as many, nowhere none."""
    count = min(size, processes)
    bounds = [size * place // count for place in range(count + 1)]
    return [range(*each) for each in itertools.pairwise(bounds)]


class Worker(Child):
    """The members with these `numbers`, in a process of their own on `cpu`; a context manager.

    `read` raises RawError where the process says that something went wrong, or is gone.
    """

    def __init__(self, join_one: JoinOne, room: str, numbers: range, cpu: int) -> None:
        super().__init__(_main, join_one, room, numbers, _is_calm())
        self._cpu = cpu
        self.count = 0
        """How many messages of the batch all of its members have had; the room keeps it."""
        self.answers: list[Report] = []
        """Oldest first; whoever reads them takes them out."""

    @property
    def owner(self) -> Self:
        """See `Source`."""
        return self

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            pin(self.pid, {self._cpu})
        except BaseException:
            self._end()
            raise
        return self

    def attend(self, selector: selectors.BaseSelector) -> None:
        """Have a loop read what it says."""
        selector.register(self._pipe, selectors.EVENT_READ, self)

    def tell(self, order: Order) -> None:
        """Give an order; the answer comes by `read`."""
        try:
            self._pipe.send(order)
        except OSError:
            while True:
                self.read()  # it has said why it went, or has not

    def read(self) -> int:
        """Take one thing that it says; returns how many more messages all its members have had."""
        try:
            said: int | str | Report = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise RawError("a process of the load has ended by itself") from error
        if isinstance(said, int):
            return said
        if isinstance(said, str):
            raise RawError(said)
        self.answers.append(said)
        return 0


def _is_calm() -> bool:
    """Whether the collector of this process has been calmed: then a worker's is, too."""
    return gc.get_freeze_count() > 0


def _main(pipe: Pipe, join_one: JoinOne, room: str, numbers: range, calm: bool) -> None:
    """The worker's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its owner's to handle, who then ends it
    if calm:
        collector.calm()
    try:
        _Inside(pipe, RawFleet(join_one, room, numbers)).obey()
    except Exception as error:
        with suppress(OSError):  # it may be that the owner is gone
            pipe.send(str(error) if isinstance(error, RawError) else repr(error))


class _Inside:
    """The worker as seen from its own process; its owner's orders come in by its members' loop."""

    def __init__(self, pipe: Pipe, fleet: RawFleet) -> None:
        self._pipe = pipe
        self._fleet = fleet
        self._orders: list[Order] = []
        self._told = 0
        self.count = 0
        fleet.selector.register(pipe, selectors.EVENT_READ, self)

    @property
    def owner(self) -> Self:
        """See `Source`."""
        return self

    def read(self) -> int:
        """Take an order; it is followed when what has come in with it has been counted."""
        self._orders.append(self._pipe.recv())
        return 0

    def obey(self) -> Never:
        """Do as told, and say how far all are, until there is nobody to listen."""
        while True:
            self._fleet.turn(None)
            if self._fleet.members and not self._fleet.behind:
                self._tell_how_far()
            while self._orders:
                self._follow(self._orders.pop(0))

    def _tell_how_far(self) -> None:
        complete = self._fleet.complete()
        self._pipe.send(complete - self._told)
        self._told = complete
        self._fleet.await_next(complete + 1)

    def _follow(self, order: Order) -> None:
        if order == "let in":
            self._fleet.let_in()
        if order != "report":
            self._fleet.begin()
            self._told = 0
        self._pipe.send(self._fleet.report())
