"""Decode what crosses a link as it comes: always count it, and keep and show it on request."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import perf_counter_ns, time_ns
from typing import TYPE_CHECKING

from lab.decode.live import FoundNode, LiveDecoder
from lab.decode.tree import ChatCommand, ChatEvent, HttpRequest, walk
from lab.ledger.live import Account, LiveLedger
from lab.page.passing import Passing
from lab.page.protocol import Detail, Record, RequestError
from lab.page.recording import Recording
from lab.page.records import Kept, detail_of, record_of, since_opened_ms
from lab.page.secured import SecuredWays
from lab.relay.capture import Chunk, ConnectionEvent, Passed

if TYPE_CHECKING:
    from lab.tls.opened import Opened, Opening

SHOWN_MAX = 200
"""The most records that wait to be shown; any more are only counted."""
KEPT_MAX = 2_000
KEPT_BYTES_MAX = 4 << 20
"""The most bytes of the latest records, which the page may request."""


@dataclass
class Tally:
    """What was found so far. A delivery is an event that is no reply."""

    requests: int = 0
    commands: int = 0
    deliveries: int = 0
    undecoded_bytes: int = 0

    def add(self, found: FoundNode) -> None:
        """Count what a node holds."""
        self.requests += isinstance(found.node, HttpRequest)
        for node in walk((found.node,)):
            self.commands += isinstance(node, ChatCommand)
            self.deliveries += isinstance(node, ChatEvent) and not node.reply
            self.undecoded_bytes += sum(
                segment.end - segment.start
                for segment in node.segments
                if segment.label == "undecodable"
            )


class Inspector:
    """Give `tap` and `watch` to a relay; `found` is what was counted.

    `opening` opens what crosses it over TLS; None: there is no TLS.
    """

    def __init__(self, opening: Opening | None = None) -> None:
        self._opening = opening
        self._ways = SecuredWays()
        self.found = Tally()
        self._decoder = LiveDecoder()
        self._opened_ns = perf_counter_ns()
        self.unix_ns = time_ns() - self._opened_ns
        """What to add to a time of the recording for that of the calendar."""
        self.recording = Recording()
        self._ledger = LiveLedger()
        self._accounted: Account | None = None
        self._passing = Passing()
        self._on = False
        self._number = 0
        self._shown: list[Record] = []
        self._skipped = 0
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._kept_bytes = 0
        self._why: dict[int, ConnectionEvent] = {}

    def tap(self, chunk: Chunk) -> None:
        """Bytes came."""
        if self._opening is None:
            self._read(chunk)
        else:
            self._read_opened(self._opening.feed(chunk))

    def passed(self, what: Passed) -> None:
        """Bytes were passed on."""
        if self._on:
            self._passing.passed(what)

    @property
    def now_ms(self) -> float:
        """The time on the clock of the records."""
        return since_opened_ms(perf_counter_ns(), self._opened_ns)

    def watch(self, event: ConnectionEvent) -> None:
        """Something happened to a connection."""
        if event.kind == "closed" and self._opening is not None:
            self._read_opened(self._opening.ended(event.connection))
        if self._on:
            self.recording.add(event)
        self._take(self._decoder.happened(event))
        if event.kind in ("reset", "cut", "refused"):
            self._why.setdefault(event.connection, event)
        elif event.kind in ("opened", "fin"):
            self._show(event)
        elif event.kind == "closed":
            self._show(self._why.pop(event.connection, event), ended=True)
            self._ledger.closed(event.connection)
            self._passing.closed(event.connection)
            self._ways.closed(event.connection)

    def inspect(self, on: bool) -> None:
        """Show and keep what comes from now on, or forget what was kept."""
        self._on = on
        if not on:
            self._shown.clear()
            self._skipped = 0
            self._kept.clear()
            self._kept_bytes = 0
            self.recording = Recording()

    def take(self) -> tuple[list[Record], int]:
        """The records since the last time, and how many there were beyond them."""
        taken = (self._shown, self._skipped)
        self._shown, self._skipped = [], 0
        return taken

    def take_passed(self) -> list[tuple[int, float]]:
        """Which records have passed since the last time, and when."""
        return [(n, since_opened_ms(at, self._opened_ns)) for n, at in self._passing.take()]

    def account(self) -> Account | None:
        """The ledger, where it has changed since the last time and somebody inspects."""
        if not self._on:
            return None
        account = self._ledger.account()
        if account == self._accounted:
            return None
        self._accounted = account
        return account

    def detail(self, number: int) -> Detail:
        """What is inside a record. Raises RequestError where its bytes are not kept."""
        if number not in self._kept:
            raise RequestError("forgotten", f"the bytes of record {number} are no longer kept")
        return detail_of(self._kept[number])

    def _read(self, chunk: Chunk) -> None:
        """Decode bytes of the application."""
        if self._on:
            self.recording.add(chunk)
        self._take(self._decoder.feed(chunk))

    def _read_opened(self, opened: Opened) -> None:
        for placed in self._ways.take(opened.records):
            self._show_found(placed.found, placed.end)
        for chunk in opened.chunks:
            self._read(chunk)

    def _take(self, found: list[FoundNode]) -> None:
        for each in found:
            self.found.add(each)
            if self._opening is None:
                self._show_found(each)
            else:
                placed = self._ways.place(each)
                self._show_found(placed.found, placed.end)

    def _show_found(self, found: FoundNode, end: int | None = None) -> None:
        """`end`: where it ends as the relay carries it; None: where its own bytes end."""
        self._number += 1
        if not self._on:
            return
        kept = Kept.of(found)
        end = kept.base + len(kept.data) if end is None else end
        self._keep(kept)
        self._ledger.take(self._number, found)
        self._passing.ends(found.connection, found.node.direction, self._number, end)
        self._add(found)

    def _show(self, what: ConnectionEvent, ended: bool = False) -> None:
        self._number += 1
        if not self._on:
            return
        if what.kind == "opened":
            self._ledger.opened(self._number, what.connection, what.at_ns)
        self._add(what, ended)

    def _add(self, what: FoundNode | ConnectionEvent, ended: bool = False) -> None:
        if len(self._shown) >= SHOWN_MAX:
            self._skipped += 1
            return
        self._shown.append(record_of(what, self._number, self._opened_ns, ended))

    def _keep(self, kept: Kept) -> None:
        self._kept[self._number] = kept
        self._kept_bytes += len(kept.data)
        while len(self._kept) > KEPT_MAX or (
            self._kept_bytes > KEPT_BYTES_MAX and len(self._kept) > 1
        ):
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.data)
