"""What was found on a link as a page shows it: a line of text, its meaning, its bytes."""

from __future__ import annotations

__pure__ = True

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from lab.decode.chat_json import printable
from lab.decode.live import FoundNode
from lab.decode.tree import (
    ChatCommand,
    ChatEvent,
    Frame,
    Http2Frame,
    HttpRequest,
    HttpResponse,
    Node,
    StreamPart,
    TlsRecord,
    segments_of,
)
from lab.ledger.show import cleared, lines_of
from lab.page.detail import bits_of, headers_of, json_of
from lab.page.meaning import MEANINGS_MAX, TEXT_CHARS, clear_of, fields_of, meanings_of
from lab.page.protocol import Detail, Kind, Meaning, Record, Row
from lab.relay.capture import ConnectionEvent

LINES_EACH = 64
"""Lines of 16 bytes that each part of a record is shown with."""

KINDS: dict[type[Node], Kind] = {
    HttpRequest: "request",
    HttpResponse: "response",
    StreamPart: "part",
    Frame: "frame",
    Http2Frame: "frame",
    TlsRecord: "tls",
}
ENDS = {"up": "the browser", "down": "the server", None: ""}


class Kept(NamedTuple):
    """A node with its own bytes; `base` is where in the connection's stream they begin.

    The node's offsets count from `before` bytes ahead of them.
    """

    node: Node
    base: int
    before: int
    data: bytes

    @classmethod
    def of(cls, found: FoundNode) -> Kept:
        """Of what was found, only the bytes that the node owns."""
        segments = segments_of((found.node,))
        start = segments[0].start if segments else found.node.start
        end = max((segment.end for segment in segments), default=start)
        return cls(found.node, found.base + start, start, found.data[start:end])


def record_of(
    what: FoundNode | ConnectionEvent, number: int, opened_ns: int, ended: bool
) -> Record:
    """A record of a node, or of what happened to a connection; `ended`: that it was the end."""
    if isinstance(what, ConnectionEvent):
        return _event(what, number, opened_ns, ended)
    node = what.node
    sizes = Counter[str]()
    for segment in segments_of((node,)):
        sizes[segment.label] += segment.end - segment.start
    clear = clear_of(what)
    return Record(
        n=number,
        at_ms=since_opened_ms(node.first_ns, opened_ns),
        connection=what.connection,
        direction=node.direction,
        kind=KINDS.get(type(node), "undecoded"),
        title=node.summary,
        bytes=sizes.total() + node.tls,
        meaning=_lines(node, clear),
        exchange=getattr(node, "exchange", None),
        http=sizes["http"],
        framing=sizes["framing"],
        payload=sizes["payload"],
        tls=node.tls,
        says=meanings_of(what, clear),
    )


def detail_of(kept: Kept) -> Detail:
    """What is inside a record."""
    # As if what is ahead of its bytes were there: the node's offsets are right then.
    data = bytes(kept.before) + kept.data
    clear = cleared(data, (kept.node,))
    return Detail(
        rows=_rows(kept, data, clear),
        headers=headers_of(kept.node),
        frame=bits_of(kept.node, data),
        json=json_of(kept.node, clear),
    )


def _rows(kept: Kept, data: bytes, clear: bytes) -> list[Row]:
    """The bytes of a record, 16 to a row, with what they mean."""
    return [
        Row(line.offset - kept.before + kept.base, line.data.hex(" "), line.text, line.meaning)
        for line in lines_of(kept.node, data, clear, LINES_EACH)
    ]


def _event(event: ConnectionEvent, number: int, opened_ns: int, ended: bool) -> Record:
    kind: Kind = "closed" if ended else "opened" if event.kind == "opened" else "fin"
    titles = {
        "opened": "TCP connection opened",
        "closed": f"TCP connection closed{_why(event)}",
        "fin": f"FIN: {ENDS[event.direction]} sends nothing more",
    }
    return Record(
        n=number,
        at_ms=since_opened_ms(event.at_ns, opened_ns),
        connection=event.connection,
        direction=event.direction or "none",
        kind=kind,
        title=titles[kind],
        bytes=0,
        meaning=[],
        exchange=None,
        says=[Meaning("tcp", _happened(event, kind), _parties(event))],
    )


def _happened(event: ConnectionEvent, kind: Kind) -> str:
    ends = kind == "closed" and event.kind in {"reset", "cut", "refused"}
    return event.kind if ends else kind


def _parties(event: ConnectionEvent) -> dict[str, str | int]:
    values = {"who": event.direction or "", "detail": event.detail}
    return {key: value for key, value in values.items() if value}


def _why(event: ConnectionEvent) -> str:
    if event.kind == "reset":
        return f": reset by {ENDS[event.direction]}"
    if event.kind == "cut":
        return f": cut here ({event.detail.upper()})"
    return f": no server ({event.detail})" if event.kind == "refused" else ""


def _lines(node: Node, clear: bytes) -> list[str]:
    """A line for each packet, command or event inside, from the outermost on."""
    paths = list(_paths(node.children, ()))
    more = [f"… and {len(paths) - MEANINGS_MAX} more"] if len(paths) > MEANINGS_MAX else []
    return [*(_line(path, clear) for path in paths[:MEANINGS_MAX]), *more]


def _paths(nodes: tuple[Node, ...], above: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    for node in nodes:
        if node.children:
            yield from _paths(node.children, (*above, node))
        else:
            yield (*above, node)


def _line(path: tuple[Node, ...], clear: bytes) -> str:
    words = [node.summary for node in path]
    if isinstance(path[-1], ChatCommand | ChatEvent):
        words[-1] += _said(path[-1], clear)
    return ", ".join(words)


def _said(node: Node, clear: bytes) -> str:
    """Room and text of a command or event, where they can be read in the clear."""
    fields = fields_of(node, clear)
    said = [str(fields[key]) for key in ("name", "text", "code") if key in fields]
    room = f" → {fields['room']}" if "room" in fields else ""
    return printable(f"{room}{': ' if said else ''}{', '.join(said)}", TEXT_CHARS)


def since_opened_ms(at_ns: int, opened_ns: int) -> float:
    """The time on the clock of a link's records, in ms, to the µs."""
    return round((at_ns - opened_ns) / 1e6, 3)
