"""Runs a part of the raw members in another process, on another core.

The room treats such a process as one more member. The process reports how many messages all its
members have received. At the end of a batch it reports the count of each.
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
"""For fewer members, another process costs more than it saves."""

Order = Literal["let in", "begin", "report"]
"""An order to a worker: connect its members, reset the counts, or only report. It answers with a
Report."""


def cpus_for(size: int, cpus: Sequence[int]) -> Sequence[int]:
    """The `cpus` on each of which a room of `size` is worth a further process."""
    return cpus[: max(size // MEMBERS_EACH - 1, 0)]


def shares(size: int, processes: int) -> list[range]:
    """The numbers of the members in each process: about equally many, never none."""
    count = min(size, processes)
    bounds = [size * place // count for place in range(count + 1)]
    return [range(*each) for each in itertools.pairwise(bounds)]


class Worker(Child):
    """The members with these `numbers`, in their own process on `cpu`. A context manager.

    `read` raises RawError if the process reports an error, or is gone.
    """

    def __init__(self, join_one: JoinOne, room: str, numbers: range, cpu: int) -> None:
        super().__init__(_main, join_one, room, numbers, _is_calm())
        self._cpu = cpu
        self.count = 0
        """How many messages of the batch all its members have received. The room keeps this
        count."""
        self.answers: list[Report] = []
        """The replies, oldest first. The reader removes them."""

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
        """Register its reports in a loop's selector."""
        selector.register(self._pipe, selectors.EVENT_READ, self)

    def tell(self, order: Order) -> None:
        """Give an order. `read` receives the answer."""
        try:
            self._pipe.send(order)
        except OSError:
            while True:
                self.read()  # the process has ended; `read` reports the reason

    def read(self) -> int:
        """Read one report. Returns how many more messages all its members have received."""
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
    """Whether the garbage collector of this process is calmed. If so, a worker's is too."""
    return gc.get_freeze_count() > 0


def _main(pipe: Pipe, join_one: JoinOne, room: str, numbers: range, calm: bool) -> None:
    """The main function of the worker's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    if calm:
        collector.calm()
    try:
        _Inside(pipe, RawFleet(join_one, room, numbers)).obey()
    except Exception as error:
        with suppress(OSError):  # the parent may be gone
            pipe.send(str(error) if isinstance(error, RawError) else repr(error))


class _Inside:
    """The worker, inside its own process. Orders arrive in the same loop as its members' data."""

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
        """Take an order. It is carried out after the data that arrived with it is counted."""
        self._orders.append(self._pipe.recv())
        return 0

    def obey(self) -> Never:
        """Carry out orders and report progress, until the parent is gone."""
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
