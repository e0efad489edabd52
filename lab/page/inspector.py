"""What crosses a line, decoded as it comes: counted always, kept and shown where somebody looks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from time import perf_counter_ns

from lab.page.protocol import AskError, Record, Row
from lab.page.records import Kept, record_of, rows_of
from lab.wire.live import Found, LiveDecoder
from lab.wire.tape import Chunk, LineEvent
from lab.wire.tree import ChatCommand, ChatEvent, HttpRequest, walk

SHOWN_MAX = 200
"""Records that wait to be shown; more that come before they are taken are only counted."""
KEPT_MAX = 2_000
KEPT_BYTES_MAX = 4 << 20
"""The latest records whose bytes can be asked for."""


@dataclass
class Tally:
    """What was found so far. A delivery is an event that is no reply."""

    requests: int = 0
    commands: int = 0
    deliveries: int = 0
    undecoded_bytes: int = 0

    def add(self, found: Found) -> None:
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
    """Give `tap` and `watch` to a relay; `found` is what was counted."""

    def __init__(self) -> None:
        self.found = Tally()
        self._decoder = LiveDecoder()
        self._opened_ns = perf_counter_ns()
        self._on = False
        self._number = 0
        self._shown: list[Record] = []
        self._skipped = 0
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._kept_bytes = 0
        self._why: dict[int, LineEvent] = {}

    def tap(self, chunk: Chunk) -> None:
        """Bytes came."""
        self._take(self._decoder.feed(chunk))

    def watch(self, event: LineEvent) -> None:
        """Something happened to a connection."""
        self._take(self._decoder.happened(event))
        if event.kind in ("reset", "cut", "refused"):
            self._why.setdefault(event.connection, event)
        elif event.kind in ("opened", "fin"):
            self._show(event)
        elif event.kind == "closed":
            self._show(self._why.pop(event.connection, event), ended=True)

    def inspect(self, on: bool) -> None:
        """Show and keep what comes from now on, or forget what was kept."""
        self._on = on
        if not on:
            self._shown.clear()
            self._skipped = 0
            self._kept.clear()
            self._kept_bytes = 0

    def take(self) -> tuple[list[Record], int]:
        """The records since the last time, and how many there were beyond them."""
        taken = (self._shown, self._skipped)
        self._shown, self._skipped = [], 0
        return taken

    def rows(self, number: int) -> list[Row]:
        """The bytes of a record. Raises AskError where they are not kept."""
        if number not in self._kept:
            raise AskError("forgotten", f"the bytes of record {number} are no longer kept")
        return rows_of(self._kept[number])

    def _take(self, found: list[Found]) -> None:
        for each in found:
            self.found.add(each)
            self._show(each)

    def _show(self, what: Found | LineEvent, ended: bool = False) -> None:
        self._number += 1
        if not self._on:
            return
        if isinstance(what, Found):
            self._keep(Kept.of(what))
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
