"""What the tests of the fallbacks share: the wires, and a stream cut anywhere."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from lab.chat.events import Message, encode
from transports import _fallback_packets as packets
from transports import registry
from transports._fallback import Fallback
from transports._fallback_format import Polling, Splitter, Streaming

LOADED = [registry.load(name) for name in registry.FALLBACKS]
WIRES = {wire.name: wire for wire in LOADED if isinstance(wire, Fallback)}
POLLING = {name: wire for name, wire in WIRES.items() if isinstance(wire, Polling)}
STREAMING = {name: wire for name, wire in WIRES.items() if isinstance(wire, Streaming)}

MOST = 1 << 20

HOSTILE = (
    "--socketio\n--socketio\n\n",
    "</script><script>alert(1)</script><!-- & ]]>",
    "\u2028\u2029\r\n\n\n\0\x7f\ufeff\ufffd5\ufffd",
    '"\'\\\\" \\u0041 %22+ &d=1; io.j[0]();',
    "data: x\n\ndata:y",
    "👩‍👩‍👧‍👦 𒀀 \U0010ffff é",
)

TEXTS = st.lists(
    st.text(st.characters(codec="utf-8")) | st.sampled_from(HOSTILE), min_size=1, max_size=6
)
"""What several messages say."""


def said(text: str) -> bytes:
    """A message with this text, as its packet."""
    return packets.message(encode(Message("den", 1, "ann", text, 0)))


def read(wire: Streaming, stream: bytes, cuts: list[int]) -> list[packets.Packet]:
    """The packets in a stream that comes in pieces, cut at these places."""
    splitter = Splitter(wire.terminator, MOST)
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    found: list[packets.Packet] = []
    for start, end in itertools.pairwise(places):
        for part in splitter.feed(stream[start:end]):
            payload = wire.decode(part)
            found += [] if payload is None else packets.parse(payload)
    return found
