"""Helpers for tests of the fallbacks: the transports, and a stream in pieces."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from lab.chat.events import Message, encode
from lab.contract import Capability
from transports import registry
from transports._fallback import packets
from transports._fallback.format import Polling, Splitter, Streaming
from transports._fallback.transport import Fallback

LOADED = [registry.load(name) for name in registry.available()]
TRANSPORTS = {
    transport.name: transport
    for transport in LOADED
    if isinstance(transport, Fallback) and Capability.HTTP_1 in transport.capabilities
}
"""Those that speak HTTP/1.1; over HTTP/2 the same code serves the same formats."""
POLLING = {
    name: transport for name, transport in TRANSPORTS.items() if isinstance(transport, Polling)
}
STREAMING = {
    name: transport for name, transport in TRANSPORTS.items() if isinstance(transport, Streaming)
}

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
    """The packet of a message with this text."""
    return packets.message(encode(Message("den", 1, "ann", text, 0)))


def read(transport: Streaming, stream: bytes, cuts: list[int]) -> list[packets.Packet]:
    """The packets of a stream in pieces that end at these positions."""
    splitter = Splitter(transport.terminator, MOST)
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    found: list[packets.Packet] = []
    for start, end in itertools.pairwise(places):
        for part in splitter.feed(stream[start:end]):
            payload = transport.decode(part)
            found += [] if payload is None else packets.parse(payload)
    return found
