"""Draws handshakes as waterfalls: each round trip is a bar with its purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Canvas

from lab.record import Run
from lab.report.model.details import TwiceCounted, Visit, details
from lab.report.model.summary import NO_SOCKET, summarise
from lab.report.model.titles import PLACES, client_of
from lab.report.pictures import style
from lab.report.pictures.slopes import title_of
from lab.report.pictures.style import FAINT, INK, Look

_BAR, _STEP = 0.4, 0.09
"""Within a row: the height of a bar, and how much lower the next one begins."""

MEANINGS = {
    "TCP": "a connection is opened",
    "policy": "Flash asks for permission",
    "101": "HTTP becomes a WebSocket",
    "GET": "a poll is answered",
    "POST": "a request of the session is answered",
    "open": "a session is opened",
    "probe": "the new transport is tried before it is used",
    "40": "Socket.IO's namespace is connected",
    "1::": "Socket.IO 0.9 lets the client in",
    "join": "the chat's own command",
}
"""Purpose of a round trip -> what it means."""


@dataclass(frozen=True, slots=True)
class Row:
    """One transport's handshake. After `connected` round trips the client can send.

    `spread`: round trips until connected and until joined, in words, over all that were captured.
    """

    transport: str
    kept: bool
    purposes: tuple[str, ...]
    connected: int
    spread: tuple[str, str]

    @property
    def name(self) -> str:
        """The transport, and a note if its TCP connections were open before."""
        return self.transport + ("\nconnections kept" if self.kept else "")


def waterfall(run: Run) -> Canvas | None:
    """The round trips of every transport's handshake; None if the run has no purposes."""
    rows = rows_of(run)
    if not rows:
        return None
    looks = style.looks(run.transports, NO_SOCKET)
    with style.applied():
        canvas = style.canvas(1.7 + 0.62 * max(len(rows), 2))
        ax = canvas.subplots()
        for place, row in enumerate(rows):
            _row(ax, place, row, looks[row.transport])
        _axes(ax, rows)
        counts = {row.transport: len(row.purposes) for row in rows if not row.kept}
        style.frame(canvas, title_of(counts, summarise(run).baseline), _note(rows, run))
    return canvas


def rows_of(run: Run) -> list[Row]:
    """A row per transport with new connections, and one with kept ones if they differ."""
    new = _rows(_handshakes(run, "new"), kept=False) or _visited(run)
    kept = _rows(_handshakes(run, "kept-alive"), kept=True)
    dear = {row.transport: row.purposes for row in new}
    saving = [row for row in kept if row.purposes != dear.get(row.transport)]
    return sorted(new + saving, key=lambda row: (run.transports.index(row.transport), row.kept))


def _handshakes(run: Run, connection: str) -> dict[str, tuple[TwiceCounted, TwiceCounted]]:
    connect, join = (
        details(run, "round_trips", f"{connection} {goal}", TwiceCounted)
        for goal in ("connect", "join")
    )
    return {w: (connect[w], join[w]) for w in join if w in connect}


def _visited(run: Run) -> list[Row]:
    rows = []
    for transport, visit in details(run, "bytes", "ledger", Visit).items():
        connect, joined = visit.connect, visit.joined
        if connect and joined and joined.purposes:
            spread = str(connect.round_trips), str(joined.round_trips)
            rows.append(Row(transport, False, joined.purposes, connect.round_trips, spread))
    return rows


def _rows(found: Mapping[str, tuple[TwiceCounted, TwiceCounted]], *, kept: bool) -> list[Row]:
    return [
        Row(
            transport,
            kept,
            joined.ledger.purposes,
            connect.ledger.round_trips,
            (connect.spread, joined.spread),
        )
        for transport, (connect, joined) in found.items()
        if joined.ledger.purposes
    ]


def _row(ax: Axes, place: int, row: Row, look: Look) -> None:
    top = place - (_BAR + _STEP * (len(row.purposes) - 1)) / 2
    for number, purpose in enumerate(row.purposes):
        y = top + _STEP * number + _BAR / 2
        # Round trips after the connection belong to the chat, so they are only outlined.
        face = to_rgba(look.colour, 0.3) if number < row.connected else "none"
        ax.barh(y, 1, _BAR, left=number, fc=face, ec=look.colour, lw=1.4)
        ax.text(number + 0.5, y, purpose, ha="center", va="center_baseline", fontsize=9.5)
    low, high = top - 0.1, top + _BAR + _STEP * (len(row.purposes) - 1) + 0.1
    ax.plot([row.connected] * 2, [low, high], color=INK, lw=2.2, solid_capstyle="butt")
    connected, joined = row.spread
    told = f"connected after {connected},\njoined after {joined}"
    ground = {"fc": style.PAPER, "ec": "none", "pad": 1}
    ax.annotate(told, (len(row.purposes), place), (8, 0), bbox=ground, **style.BESIDE)


def _axes(ax: Axes, rows: Sequence[Row]) -> None:
    most = max(len(row.purposes) for row in rows)
    ax.set_yticks(range(len(rows)), [row.name for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, most + 1.3)
    ax.set_xticks(range(most + 1))
    ax.set_xlabel("round trips, each waiting for the one before", loc="left")
    ax.grid(axis="x", color=FAINT, alpha=0.35)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _note(rows: Sequence[Row], run: Run) -> str:
    used = {purpose for row in rows for purpose in row.purposes}
    told = [f"{word} – {meaning}" for word, meaning in MEANINGS.items() if word in used]
    half = (len(told) + 1) // 2
    key = "\n".join(" · ".join(part) for part in (told[:half], told[half:]) if part)
    place = PLACES.get(client_of(run))
    whose = f" · client {place}" if place else ""
    return f"counted from the bytes{whose} · thick line: a command can be sent\n{key}"
