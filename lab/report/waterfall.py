"""The handshake as a waterfall: every round trip a bar, with what it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Canvas

from lab.record import Run
from lab.report import style
from lab.report import summary as summary_
from lab.report.details import Counted, TwiceCounted, Visit, details
from lab.report.slopes import title_of
from lab.report.style import FAINT, INK, Look
from lab.report.summary import FLOOR

_BAR, _STEP = 0.4, 0.09
"""Of a row: the height of a bar, and how much lower the next one begins."""

MEANINGS = {
    "TCP": "a connection is opened",
    "policy": "Flash asks whether it may",
    "101": "HTTP becomes a WebSocket",
    "open": "a session is opened",
    "probe": "the new wire is tried before it is used",
    "40": "Socket.IO's namespace is connected",
    "1::": "Socket.IO 0.9 lets the client in",
    "join": "the chat's own command",
}
"""Purpose of a round trip -> what it means."""


@dataclass(frozen=True, slots=True)
class Row:
    """One wire's handshake; `connected` is after how many of its round trips it can send."""

    wire: str
    kept: bool
    purposes: tuple[str, ...]
    connected: int

    @property
    def name(self) -> str:
        """The wire, and whether its TCP connections were open before."""
        return self.wire + ("\nconnections kept" if self.kept else "")


def waterfall(run: Run) -> Canvas | None:
    """Each round trip of every wire's handshake; None where no purposes of them are kept."""
    rows = rows_of(run)
    if not rows:
        return None
    looks = style.looks(run.wires, FLOOR)
    with style.applied():
        canvas = style.canvas(1.7 + 0.62 * max(len(rows), 2))
        ax = canvas.subplots()
        for place, row in enumerate(rows):
            _row(ax, place, row, looks[row.wire])
        _axes(ax, rows)
        counts = {row.wire: len(row.purposes) for row in rows if not row.kept}
        style.frame(canvas, title_of(counts, summary_.of(run).baseline), _note(rows))
    return canvas


def rows_of(run: Run) -> list[Row]:
    """Every wire with new connections, and below it with kept ones where they save something."""
    new = _rows(_handshakes(run, "new") or _visits(run), kept=False)
    kept = _rows(_handshakes(run, "kept-alive"), kept=True)
    dear = {row.wire: row.purposes for row in new}
    saving = [row for row in kept if row.purposes != dear.get(row.wire)]
    return sorted(new + saving, key=lambda row: (run.wires.index(row.wire), row.kept))


def _handshakes(run: Run, connection: str) -> dict[str, tuple[Counted, Counted]]:
    connect, join = (
        details(run, "round_trips", f"{connection} {goal}", TwiceCounted)
        for goal in ("connect", "join")
    )
    return {w: (connect[w].ledger, join[w].ledger) for w in join if w in connect}


def _visits(run: Run) -> dict[str, tuple[Counted, Counted]]:
    found = details(run, "bytes", "ledger", Visit).items()
    return {wire: (v.connect, v.joined) for wire, v in found if v.connect and v.joined}


def _rows(found: Mapping[str, tuple[Counted, Counted]], *, kept: bool) -> list[Row]:
    return [
        Row(wire, kept, joined.purposes, connect.round_trips)
        for wire, (connect, joined) in found.items()
        if joined.purposes
    ]


def _row(ax: Axes, place: int, row: Row, look: Look) -> None:
    top = place - (_BAR + _STEP * (len(row.purposes) - 1)) / 2
    for number, purpose in enumerate(row.purposes):
        y = top + _STEP * number + _BAR / 2
        # What comes after the connection is the chat's, not the wire's: an outline.
        face = to_rgba(look.colour, 0.3) if number < row.connected else "none"
        ax.barh(y, 1, _BAR, left=number, fc=face, ec=look.colour, lw=1.4)
        ax.text(number + 0.5, y, purpose, ha="center", va="center_baseline", fontsize=9.5)
    low, high = top - 0.1, top + _BAR + _STEP * (len(row.purposes) - 1) + 0.1
    ax.plot([row.connected] * 2, [low, high], color=INK, lw=2.2, solid_capstyle="butt")
    told = f"connected after {row.connected},\njoined after {len(row.purposes)}"
    ground = {"fc": style.PAPER, "ec": "none", "pad": 1}
    ax.annotate(told, (len(row.purposes), place), (8, 0), bbox=ground, **style.BESIDE)


def _axes(ax: Axes, rows: Sequence[Row]) -> None:
    most = max(len(row.purposes) for row in rows)
    ax.set_yticks(range(len(rows)), [row.name for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, most + 1.3)
    ax.set_xticks(range(most + 1))
    ax.set_xlabel("round trips, each of which waits for the one before", loc="left")
    ax.grid(axis="x", color=FAINT, alpha=0.35)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _note(rows: Sequence[Row]) -> str:
    used = {purpose for row in rows for purpose in row.purposes}
    told = [f"{word} – {meaning}" for word, meaning in MEANINGS.items() if word in used]
    half = (len(told) + 1) // 2
    key = "\n".join(" · ".join(part) for part in (told[:half], told[half:]) if part)
    return f"counted from the bytes · thick line: a command can be sent\n{key}"
