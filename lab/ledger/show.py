"""Show a trace as text: bytes beside their meaning. Nothing is written.

The sequence diagram is in `lab.ledger.sequence`.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lab.decode.frames import payload_of
from lab.decode.tree import Direction, Frame, Layer, Node, Segment, Trace, walk
from lab.ledger.sequence import sequence_svg

__all__ = ["HexdumpLine", "annotate", "cleared", "lines_of", "sequence_svg"]

WIDTH_BYTES = 16
LAYERS: dict[Layer, str] = {
    "http": "HTTP",
    "websocket": "WebSocket",
    "engineio": "Engine.IO",
    "socketio": "Socket.IO",
    "envelope": "envelope",
    "escape": "escape",
    "policy": "Flash",
    "chat": "chat",
    "unknown": "",
}
ARROWS: dict[Direction, str] = {"up": "→", "down": "←"}


class HexdumpLine(NamedTuple):
    """Up to 16 bytes of a stream at `offset`, as text without their mask, and what begins there.

    A line without bytes says what is inside the compressed bytes above, or how much is left out.
    """

    offset: int
    data: bytes
    text: str
    meaning: str


def annotate(trace: Trace, lines_each: int = 4) -> Iterator[str]:
    """Lines of text: every message by time, and below it its bytes with what they mean.

    The hexdump has the bytes on the wire, the text beside it the same without their mask.
    Of each part at most `lines_each` lines are shown, and how much was left out; 0 shows all.
    """
    clear = {
        (connection.connection, direction): cleared(
            connection.bytes_of(direction), connection.up if direction == "up" else connection.down
        )
        for connection in trace.connections
        for direction in ARROWS
    }
    nodes = [
        (node.first_ns, c.connection, c, node) for c in trace.connections for node in c.nodes()
    ]
    begin_ns = min((item[0] for item in nodes), default=0)
    for first_ns, number, connection, node in sorted(nodes, key=lambda item: item[:2]):
        size = sum(s.end - s.start for inner in walk([node]) for s in inner.segments)
        at_ms, tls = (first_ns - begin_ns) / 1e6, f" + {node.tls} B of TLS" if node.tls else ""
        arrow = ARROWS[node.direction]
        yield f"{at_ms:10.3f} ms  #{number} {arrow}  {node.summary}  [{size} B{tls}]"
        data = connection.bytes_of(node.direction)
        for line in lines_of(node, data, clear[number, node.direction], lines_each):
            yield _written(line)
        yield ""


def cleared(stream: bytes, nodes: Iterable[Node]) -> bytes:
    """A stream with the masks of the frames among its nodes taken off."""
    data = bytearray(stream)
    for frame in nodes:
        if isinstance(frame, Frame) and frame.masked:
            text = payload_of(frame, data)
            for start, end in frame.payload:
                data[start:end], text = text[: end - start], text[end - start :]
    return bytes(data)


def lines_of(node: Node, data: bytes, clear: bytes, lines_each: int) -> Iterator[HexdumpLine]:
    """The bytes of a node of the stream `data`, part by part; see `annotate` for `lines_each`."""
    owned = [(segment, inner) for inner in walk([node]) for segment in inner.segments]
    for segment, inner, escapes in _joined(sorted(owned, key=lambda pair: pair[0].start)):
        meaning = _meaning(segment, inner, node)
        meaning += f", {escapes} B of it escapes" if escapes else ""
        yield from _dump(data, clear, segment, meaning, lines_each)
    for inner in walk(node.children):
        if not inner.segments and not inner.children:
            note = inner.summary + (" (compressed)" if inner.whole else "")
            yield HexdumpLine(inner.start, b"", "", note)


def _joined(owned: list[tuple[Segment, Node]]) -> Iterator[tuple[Segment, Node, int]]:
    """Each part of a message, with its escapes in it and how many bytes they are."""
    parts: list[list[tuple[Segment, Node]]] = []
    for segment, node in owned:
        before = parts[-1][-1] if parts else None
        if before and _one_text(before, (segment, node)):
            parts[-1].append((segment, node))
        else:
            parts.append([(segment, node)])
    for part in parts:
        segments = [segment for segment, _ in part]
        escapes = [segment for segment in segments if segment.layer == "escape"]
        text = next((each for each in segments if each.layer != "escape"), segments[0])
        whole = Segment(segments[0].start, segments[-1].end, text.label, text.layer)
        yield whole, part[0][1], sum(segment.end - segment.start for segment in escapes)


def _one_text(one: tuple[Segment, Node], other: tuple[Segment, Node]) -> bool:
    """Whether two neighbours are to be read as one: text and its escapes, an envelope's pieces."""
    same = one[1] is other[1] and one[0].end == other[0].start
    layers = {one[0].layer, other[0].layer}
    return same and ("escape" in layers or layers == {"envelope"})


def _meaning(segment: Segment, inner: Node, top: Node) -> str:
    if inner is not top:
        return f"{inner.summary} ({segment.label})"
    # The summary stands above already.
    kind = "head" if segment.label == "http" else segment.label
    return f"{LAYERS[segment.layer]} {kind}".strip()


def _dump(
    data: bytes, clear: bytes, segment: Segment, meaning: str, limit: int
) -> Iterator[HexdumpLine]:
    starts = list(range(segment.start, segment.end, WIDTH_BYTES))
    shown = starts if limit < 1 or len(starts) <= limit else starts[:limit]
    for at in shown:
        end = min(at + WIDTH_BYTES, segment.end)
        text = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in clear[at:end])
        yield HexdumpLine(at, data[at:end], text, meaning if at == segment.start else "")
    if len(shown) < len(starts):
        left = shown[-1] + WIDTH_BYTES
        yield HexdumpLine(left, b"", f"… {segment.end - left} bytes more", "")


def _written(line: HexdumpLine) -> str:
    if line.data:
        dump = f"  {line.offset:08x}  {line.data.hex(' '):47}  {line.text:16}  {line.meaning}"
        return dump.rstrip()
    return f"  {'':8}  {line.text}" if line.text else f"{'':80}{line.meaning}"
