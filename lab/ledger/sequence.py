"""Draw a trace as a sequence diagram: client left, server right, round trips as bands.

The SVG is self-contained: it has its own fonts and colours, light and dark by the reader's
preference. Time runs down, not to scale; what is sent in the same round trip lies in the same band.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from lab.decode.messages import query_of
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    Frame,
    HttpRequest,
    Node,
    StreamPart,
    Text,
    Trace,
    leaves,
)
from lab.ledger.conversations import conversations
from lab.ledger.purposes import purposes
from lab.ledger.round_trips import RoundTrips, count_round_trips
from lab.ledger.session import Step
from lab.ledger.shares import LabelledBytes, cost_of

WIDTH, LEFT, RIGHT = 880, 150, 740
ROW, SLOPE, HEAD = 44, 10, 76
TITLE_CHARS, ROWS_MAX = 74, 80

LIGHT = {
    "ground": "#ffffff",
    "ink": "#1f2328",
    "muted": "#59636e",
    "line": "#b6bec7",
    "band": "#eef2f6",
    "up": "#0a58b8",
    "down": "#a8480b",
    "mark": "#1a7f37",
}
DARK = {
    "ground": "#0d1117",
    "ink": "#e6edf3",
    "muted": "#9198a1",
    "line": "#4d5660",
    "band": "#1a212b",
    "up": "#79b8ff",
    "down": "#ffa657",
    "mark": "#56d364",
}
SHAPES = """
svg { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; }
.muted { font-size: 11px; } .title { font-weight: 600; font-size: 15px; }
.mark { font-weight: 600; } .middle { text-anchor: middle; } .end { text-anchor: end; }
.line, .up, .down { stroke-width: 1.6; fill: none; } .tcp { stroke-dasharray: 5 4; }
.marked { stroke-dasharray: 2 4; }
"""


def _colours(palette: dict[str, str]) -> str:
    """Rules without custom properties, which not every viewer of SVG knows."""
    filled = ("ground", "band", "ink", "muted", "mark")
    rules = [f".{name} {{ fill: {palette[name]}; }}" for name in filled]
    rules += [f".{name} {{ stroke: {palette[name]}; }}" for name in ("line", "up", "down")]
    rules += [f".{name}head {{ fill: {palette[name]}; }}" for name in ("up", "down")]
    return " ".join([*rules, f".marked {{ stroke: {palette['mark']}; }}"])


STYLE = SHAPES + _colours(LIGHT) + f" @media (prefers-color-scheme: dark) {{ {_colours(DARK)} }}"


class Row(NamedTuple):
    """One arrow."""

    step: Step
    title: str
    note: str


def sequence_svg(trace: Trace) -> str:
    """Draw every conversation of a trace, one below the other; at most 80 arrows of each."""
    parts: list[str] = []
    top = 0
    for conversation in conversations(trace):
        drawn, height = _conversation(conversation.name, count_round_trips(conversation), top)
        parts += drawn
        top += height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" '
        f'height="{top}" role="img"><title>Sequence diagram</title><style>{STYLE}</style>'
        f'<rect class="ground" width="{WIDTH}" height="{top}"/>{"".join(parts)}</svg>\n'
    )


def _conversation(name: str, counted: RoundTrips, top: int) -> tuple[list[str], int]:
    rows = [_row(step) for step in counted.steps]
    left_out = len(rows) - ROWS_MAX
    rows = rows[:ROWS_MAX]
    first = top + HEAD
    bottom = first + len(rows) * ROW
    begin_ns = rows[0].step.first_ns if rows else 0
    parts = _bands(rows, counted, first)
    parts += [_text(24, top + 26, "ink title", name)]
    parts += _lifelines(top, bottom)
    for number, row in enumerate(rows):
        parts += _arrow(row, first + number * ROW, begin_ns)
    parts += _marks(rows, counted, first)
    if left_out > 0:
        parts.append(_text((LEFT + RIGHT) / 2, bottom + 22, "muted middle", f"… {left_out} more"))
    return parts, bottom - top + 40


def _row(step: Step) -> Row:
    if step.kind in ("dial", "accept"):
        title = "TCP SYN" if step.kind == "dial" else "TCP SYN-ACK"
        return Row(step, title, "")
    cost = cost_of(step.nodes)
    size = cost.up if step.direction == "up" else cost.down
    return Row(step, _title(step.nodes[0]), _sizes(size))


def _title(node: Node) -> str:
    """What a message says: request line or status, then its innermost packets."""
    inner = [_wording(leaf) for leaf in leaves(node.children) if not isinstance(leaf, Text)]
    if isinstance(node, Frame | StreamPart):
        return " · ".join(inner) or node.summary
    own = _request_line(node) if isinstance(node, HttpRequest) else node.summary
    return " · ".join([own, *inner])


def _wording(node: Node) -> str:
    said = isinstance(node, ChatCommand | ChatEvent)
    return f"“{node.summary}”" if said else node.summary


def _request_line(request: HttpRequest) -> str:
    path = request.target.partition("?")[0]
    transport = query_of(request.target).get("transport")
    return f"{request.method} {path}" + (f" ({transport})" if transport else "")


def _sizes(size: LabelledBytes) -> str:
    """Bytes by label, as far as there are any."""
    named = [(size.http, "HTTP"), (size.framing, "framing"), (size.payload, "payload")]
    named += [(size.undecodable, "undecodable"), (size.tls, "TLS")]
    some = [f"{count:.0f} {name}" for count, name in named if count]
    if len(some) == 1:
        return some[0].replace(" ", " B ")
    return f"{size.total:.0f} B: {' + '.join(some)}"


def _bands(rows: list[Row], counted: RoundTrips, first: int) -> list[str]:
    """A band for each round trip on the way to the last that was waited for."""
    last = counted.joined or counted.ready
    parts: list[str] = []
    begin = 0
    for depth, purpose in enumerate(purposes(last) if last else (), 1):
        end = _band_end(rows, counted, depth)
        top, height = first + begin * ROW, (end - begin) * ROW
        if height > 0:
            parts.append(_rect("band" if depth % 2 else "ground", top, height))
            parts.append(_text(RIGHT + 14, top + 20, "muted", f"round trip {depth}: {purpose}"))
            begin = end
    return parts


def _band_end(rows: list[Row], counted: RoundTrips, depth: int) -> int:
    """The row after the one that ends a round trip: the awaited one, or the first to arrive."""
    goals = [step for step in (counted.ready, counted.joined) if step and step.depth == depth]
    found = (
        number
        for number, row in enumerate(rows, 1)
        if (row.step in goals if goals else _arrives(row.step, depth))
    )
    return next(found, 0)


def _arrives(step: Step, depth: int) -> bool:
    return step.direction == "down" and step.depth >= depth


def _marks(rows: list[Row], counted: RoundTrips, first: int) -> list[str]:
    """Where a command could be sent, and where the client had joined."""
    parts: list[str] = []
    for step, words in ((counted.ready, "can send"), (counted.joined, "joined")):
        at = next((n for n, row in enumerate(rows) if row.step is step), None)
        if step is None or at is None:
            continue
        y = first + (at + 1) * ROW
        parts.append(f'<path class="marked" d="M{LEFT} {y}H{WIDTH - 8}"/>')
        parts.append(_text(WIDTH - 12, y - 8, "mark end", f"{words}: {step.depth} RTT"))
    return parts


def _lifelines(top: int, bottom: int) -> list[str]:
    parts = []
    for x, name in ((LEFT, "client"), (RIGHT, "server")):
        parts.append(f'<path class="line" d="M{x} {top + HEAD - 6}V{bottom + 4}"/>')
        parts.append(_text(x, top + HEAD - 14, "ink middle", name))
    return parts


def _arrow(row: Row, y: int, begin_ns: int) -> list[str]:
    """Title above the line, bytes below; at the left when, and on which connection."""
    step, up = row.step, row.step.direction == "up"
    start, end = (LEFT, RIGHT) if up else (RIGHT, LEFT)
    line = y + 22
    dashed = " tcp" if step.kind in ("dial", "accept") else ""
    back = -9 if up else 9
    tip = line + SLOPE
    when = f"{(step.first_ns - begin_ns) / 1e6:.1f} ms  #{step.connection}"
    return [
        f'<path class="{step.direction}{dashed}" d="M{start} {line}L{end} {tip}"/>',
        f'<path class="{step.direction}head" d="M{end} {tip}l{back} -5v9z"/>',
        _text((LEFT + RIGHT) / 2, y + 18, "ink middle", _clip(row.title)),
        _text((LEFT + RIGHT) / 2, y + 41, "muted middle", row.note),
        _text(LEFT - 8, (line if up else tip) + 4, "muted end", when),
    ]


def _clip(text: str) -> str:
    return text if len(text) <= TITLE_CHARS else text[: TITLE_CHARS - 1] + "…"


def _rect(style: str, y: float, height: float) -> str:
    return f'<rect class="{style}" x="8" y="{y}" width="{WIDTH - 16}" height="{height}" rx="4"/>'


def _text(x: float, y: float, style: str, text: str) -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
