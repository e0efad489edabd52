"""All clients of a load, in one selector's loop."""

from __future__ import annotations

import select
import selectors
from collections.abc import Callable
from types import TracebackType
from typing import Self

from lab.load.raw.exchange import RawError
from lab.load.scenario.client import Client
from lab.load.scenario.links import Site
from lab.load.scenario.messages import Messages
from lab.load.scenario.plan import Plan
from lab.measure.clock import now_ns
from lab.target.errors import TargetError
from lab.target.problems import SEE_PROBE

SECOND_NS = 1_000_000_000

OnProgress = Callable[[str, int, int], None]
"""Called with what is done, how much of it, and of how much."""


class Crowd:
    """The clients of a load. A context manager: all are connected on entry, and closed on exit.

    They connect one after the other, so that each handshake is timed alone.

    Raises (on entry): TargetError if one can't connect, or its setup is not answered.
    """

    def __init__(self, plan: Plan, messages: Messages, site: Site, progress: OnProgress) -> None:
        self.selector = selectors.EpollSelector()
        self.clients: list[Client] = []
        self._plan = plan
        self._messages = messages
        self._site = site
        self._progress = progress

    def __enter__(self) -> Self:
        try:
            count = self._plan.scenario.load.clients
            for number in range(count):
                self.clients.append(Client(number, self._plan, self._messages, self.selector))
                self._connect(self.clients[-1])
                self._progress("connecting", number + 1, count)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        for client in self.clients:
            client.close()
        self.selector.close()

    @property
    def open(self) -> int:
        """How many clients are connected."""
        return sum(client.closed is None for client in self.clients)

    def wait(self, timeout_s: float) -> None:
        """Wait for something to arrive, or for the time to pass, to the microsecond.

        `select` of a selector waits whole milliseconds.
        """
        select.select([self.selector.fileno()], [], [], max(timeout_s, 0))

    def turn(self, timeout_s: float) -> None:
        """Read everything that has arrived, or wait for something within the time.

        A client whose connection ends says why in `closed`.
        """
        for key, events in self.selector.select(max(timeout_s, 0)):
            client: Client = key.data.owner
            if client.closed is not None:
                continue
            try:
                if events & selectors.EVENT_WRITE:
                    key.data.flush()
                if events & selectors.EVENT_READ:
                    key.data.read()
            except (RawError, TargetError) as error:
                self.end(client, error)

    def end(self, client: Client, error: RawError | TargetError) -> None:
        """Note why a client's connection has ended, and close what is left of it."""
        client.closed = str(error)
        client.close()
        if isinstance(error, TargetError):
            raise error

    def _connect(self, client: Client) -> None:
        timeout_s = self._site.timeout_s
        host = self._site.host
        waiting = "the TCP connect"
        try:
            for waiting, reached in client.connect(self._site):
                end_ns = now_ns() + int(timeout_s * SECOND_NS)
                while not reached() and client.closed is None:
                    left_s = (end_ns - now_ns()) / SECOND_NS
                    if left_s <= 0:
                        raise TargetError(
                            f"{host} gave no answer to {waiting} within {timeout_s:g} s",
                            SEE_PROBE,
                        )
                    self.turn(left_s)
                if client.closed is not None:
                    raise self._ended(waiting, client.closed)
        except RawError as error:
            raise self._ended(waiting, str(error)) from error

    def _ended(self, waiting: str, why: str) -> TargetError:
        return TargetError(
            f"{self._site.host} ended the connection instead of an answer to {waiting} ({why})",
            SEE_PROBE,
        )
