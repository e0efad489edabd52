"""A history as a picture: a line for each client, with its steps in time."""

from __future__ import annotations

__pure__ = True

from xml.sax.saxutils import escape

from lab.faults.history import History, Step, Violation, shown

WIDTH, ROW, LEFT, TOP = 1200, 46, 110, 40
COLOURS = {"event": "#4878a8", "said": "#3a8f4d", "say": "#999", "fault": "#d2691e"}
WRONG = "#c00"


def draw(history: History, violation: Violation) -> str:
    """The picture as SVG. What breaks the rule is red, with its words."""
    people = list(dict.fromkeys(step.who for step in history))
    begin = min(step.at_ms for step in history)
    span = max(max(step.at_ms for step in history) - begin, 1)
    height = TOP + ROW * (len(people) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="8" y="20">{escape(f"{violation.rule}: {violation.sentence}")}</text>',
    ]
    for row, who in enumerate(people):
        y = TOP + ROW * row + 20
        parts.append(f'<text x="8" y="{y + 4}">{escape(who)}</text>')
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - 20}" stroke="#ddd"/>')
    for step in history:
        x = LEFT + (WIDTH - LEFT - 40) * (step.at_ms - begin) / span
        parts.append(_mark(step, x, TOP + ROW * people.index(step.who) + 20, violation))
    return "\n".join([*parts, "</svg>\n"])


def _mark(step: Step, x: float, y: int, violation: Violation) -> str:
    wrong = step in violation.steps
    colour = WRONG if wrong else COLOURS.get(step.what, "#333")
    words = escape(shown(step))
    label = f'<text x="{x:.1f}" y="{y - 8}" fill="{WRONG}">{words}</text>' if wrong else ""
    circle = f'<circle cx="{x:.1f}" cy="{y}" r="{6 if wrong else 4}" fill="{colour}">'
    return f"{circle}<title>{words}</title></circle>{label}"
