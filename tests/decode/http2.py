"""Builds what a connection of HTTP/2 carries, frame by frame."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    HeadersFrame,
    PushPromiseFrame,
    SettingsFrame,
)

from lab.decode.http2.frames import PREFACE

SETTINGS = SettingsFrame(0, settings={3: 128, 8: 1}).serialize()
ACK = SettingsFrame(0, flags=["ACK"]).serialize()
OPENED = PREFACE + SETTINGS
"""What a client sends first."""


def request(method: str, path: str, **more: str) -> dict[str, str]:
    return {":method": method, ":scheme": "http", ":authority": "h", ":path": path, **more}


WEBSOCKET = request("CONNECT", "/") | {":protocol": "websocket"}
STREAM = "/socket.io/1/sse-h2/s1"


class Sender:
    """One direction: its frames in order, and its table of header fields."""

    def __init__(self, begun: bytes) -> None:
        self.data = begun
        self._encoder = Encoder()

    def frame(self, *frames: Frame | bytes) -> Sender:
        self.data += b"".join(
            each if isinstance(each, bytes) else each.serialize() for each in frames
        )
        return self

    def begin(self) -> Sender:
        """Leave out what came until now; the table stays."""
        self.data = b""
        return self

    def headers(
        self, stream: int, fields: dict[str, str], *, ends: bool = False, fragments: int = 1
    ) -> Sender:
        """A header block in one HEADERS frame and the rest of `fragments` in CONTINUATION."""
        block = self.block(fields)
        size = -(-len(block) // fragments)
        parts = [block[at : at + size] for at in range(0, len(block), size)]
        flags = ["END_STREAM"] if ends else []
        frames: list[Frame] = [HeadersFrame(stream, parts[0], flags=flags)]
        frames += [ContinuationFrame(stream, part) for part in parts[1:]]
        frames[-1].flags.add("END_HEADERS")
        return self.frame(*frames)

    def promise(self, stream: int, promised: int) -> Sender:
        block = self.block(request("GET", "/pushed"))
        return self.frame(PushPromiseFrame(stream, promised, block, flags=["END_HEADERS"]))

    def block(self, fields: dict[str, str]) -> bytes:
        return self._encoder.encode(list(fields.items()))

    def content(self, stream: int, *parts: bytes, ends: bool = False, padding: int = 0) -> Sender:
        """Content, each part in a DATA frame of its own."""
        frames = [DataFrame(stream, part, pad_length=padding) for part in parts]
        for each in frames:
            each.flags |= {"PADDED"} if padding else set()
        if ends:
            frames[-1].flags.add("END_STREAM")
        return self.frame(*frames)


def cut(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """The same content in pieces that end at these places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def some(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 1) -> bytes:
    """A frame of whatever kind and size."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload
