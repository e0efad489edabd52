"""The live decoder's work grows with the bytes, however small the pieces are that they come in.

Work is counted, not timed: the calls that Python makes, and the bytes that are copied and searched.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any, SupportsIndex

import pytest

from lab.decode import http1
from lab.decode.fallbacks import streams
from lab.decode.fallbacks.policy import REQUEST
from lab.decode.fallbacks.streams import FORMATS
from lab.decode.live import LiveDecoder, window
from lab.decode.live import open as open_response
from tests.decode.http2 import OPENED, SETTINGS, STREAM, WEBSOCKET, Sender, request
from tests.decode.live.test_open import OPEN, chunk, get
from tests.decode.test_decode import DEFLATED, GET, NATIVE, OK, POLL, Piece, post, say

PIECE_BYTES = 32
EACH_MAX = 1024
"""The most calls and bytes for a piece; a decoder that reads again what came before needs more."""
COMPLETING_MAX = 2
"""How many pieces may cost more: those that complete a head."""


class Work:
    """What was done so far: calls, and bytes that were copied or searched."""

    done = 0


class CountedBytes(bytearray):
    """Counts what is copied out of it and searched in it."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        Work.done += 1 if isinstance(found, int) else len(found)
        return found

    def find(
        self, sub: Any, start: SupportsIndex | None = 0, end: SupportsIndex | None = None
    ) -> int:
        Work.done += len(self) - int(start or 0)
        return super().find(sub, start, end)

    def __contains__(self, key: Any) -> bool:
        Work.done += len(self)
        return super().__contains__(key)


class CountedPattern:
    """Counts the bytes that a pattern is applied to."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern

    def search(self, data: bytes, start: int = 0) -> re.Match[bytes] | None:
        Work.done += len(data) - start
        return self._pattern.search(data, start)

    def match(self, data: bytes, start: int = 0) -> re.Match[bytes] | None:
        found = self._pattern.match(data, start)
        Work.done += found.end() - start if found else len(data) - start
        return found

    def fullmatch(self, data: bytes) -> re.Match[bytes] | None:
        Work.done += len(data)
        return self._pattern.fullmatch(data)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Count in every module that holds bytes between two pieces."""
    for module in (window, open_response, http1):
        monkeypatch.setattr(module, "bytearray", CountedBytes, raising=False)
    for name in ("_request_line", "_status_line", "_empty_lines"):
        monkeypatch.setattr(http1, name, CountedPattern(getattr(http1, name)))
    for name, form in FORMATS.items():
        patterns = {
            field: CountedPattern(getattr(form, field))
            for field in ("beginning", "write", "ending")
        }
        monkeypatch.setitem(streams.FORMATS, name, form._replace(**patterns))  # type: ignore[arg-type]

    def call(_frame: FrameType, event: str, _argument: object) -> None:
        Work.done += event in ("call", "c_call")

    Work.done = 0
    before = sys.getprofile()
    sys.setprofile(call)
    try:
        yield
    finally:
        sys.setprofile(before)


def work_for(parts: list[tuple[str, bytes]], piece_bytes: int) -> list[int]:
    """Feed the parts in pieces: the work for each that completed no node, the dearest first."""
    decoder, spent = LiveDecoder(), list[int]()
    for direction, data in parts:
        for at in range(0, len(data), piece_bytes):
            piece = Piece(1, "up" if direction == "up" else "down", 1, data[at : at + piece_bytes])
            before = Work.done
            if not decoder.feed(piece):
                spent.append(Work.done - before)
    return sorted(spent, reverse=True)


SIZE = 32_000
FIELDS = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 40) for n in range(SIZE // 50))
QUERY = b"&".join(b"q%d=%d" % (n, n) for n in range(SIZE // 10))
CODED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + FIELDS + b"Content-Length: 99999\r\n\r\n"


def long_post(target: bytes = b"/", fields: bytes = FIELDS) -> bytes:
    head = b"POST %s HTTP/1.1\r\nHost: h\r\n%sContent-Length: 9999\r\n\r\n"
    return head % (target, fields) + b"x" * 3000


CASES: dict[str, list[tuple[str, bytes]]] = {
    "a long head": [("up", GET[:-2] + FIELDS)],
    "a long target": [("up", b"GET /?" + QUERY)],
    "a body after a long head": [("up", long_post())],
    "a body after a long target": [("up", long_post(b"/socket.io/?EIO=4&" + QUERY, b""))],
    "an answer after a long head": [("up", GET), ("down", OK[:-6] + FIELDS)],
    "a body after an answer's long head": [("up", get("htmlfile")), ("down", CODED + b"x" * 3000)],
    "a long status line": [("up", GET), ("down", b"HTTP/1.1 200 " + b"x" * SIZE)],
    "empty lines": [("up", b"\r\n" * (SIZE // 2))],
    "empty lines before an answer": [("up", GET), ("down", b"\r\n" * (SIZE // 2))],
    "a policy file": [("up", REQUEST), ("down", b"<" + b" " * SIZE)],
    "an answer to nothing known": [("down", OK * (SIZE // len(OK)))],
    "what follows an upgrade": [("up", NATIVE + say(b"x" * 100) * (SIZE // 106))],
    "a long frame": [("up", NATIVE), ("down", DEFLATED), ("up", say(b"x" * SIZE)[:-1])],
    "fragments": [("up", NATIVE), ("down", DEFLATED), ("up", say(b"", 1) + say(b"x", 0) * 3000)],
    "a long poll": [
        ("up", POLL),
        ("down", OK.replace(b"Length: 2", b"Length: 999999") + b"4" * SIZE),
    ],
    "small chunks": [("up", get("sse")), ("down", OPEN + chunk(b"x") * (SIZE // 6))],
    "scripts before a stream begins": [
        ("up", get("htmlfile")),
        ("down", OPEN + chunk(b"<script></script>") * (SIZE // 20)),
    ],
    "line ends after a comment": [
        ("up", get("sse")),
        ("down", OPEN + chunk(b":x\n") + chunk(b"\r\n") * (SIZE // 7)),
    ],
    "a long event": [("up", get("sse")), ("down", OPEN + chunk(b"data: ") + chunk(b"x") * 3000)],
    "a long event over HTTP/2": [
        ("up", Sender(OPENED).headers(1, request("GET", STREAM), ends=True).data),
        ("down", Sender(SETTINGS).headers(1, {":status": "200"}).data),
        ("down", Sender(b"").content(1, b"data: ", *[b"x"] * (SIZE // 10)).data),
    ],
    "a long frame over HTTP/2": [
        ("up", Sender(OPENED).headers(1, WEBSOCKET).data),
        ("down", Sender(SETTINGS).headers(1, {":status": "200"}).data),
        ("up", Sender(b"").content(1, say(b"x" * SIZE)[:8], *[b"x"] * (SIZE // 10)).data),
    ],
    "a long part": [
        ("up", get("xhr-multipart")),
        ("down", OPEN + chunk(b"Content-Type: a\n\n") + chunk(b"\n--socketi") * (SIZE // 20)),
    ],
    "what is no part": [
        ("up", get("xhr-multipart")),
        ("down", OPEN + chunk(b"x\n--socketio\n") * (SIZE // 20)),
    ],
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("piece_bytes", [PIECE_BYTES, 1], ids=["pieces", "single bytes"])
def test_a_piece_costs_no_more_for_what_came_before_it(name: str, piece_bytes: int) -> None:
    # A part of it as single bytes: it has as many pieces.
    parts = [(way, data[: SIZE * piece_bytes // 4]) for way, data in CASES[name]]
    work = work_for(parts, piece_bytes)
    assert work
    assert max(work[COMPLETING_MAX:]) <= EACH_MAX
    assert sum(work) <= EACH_MAX * len(work) // 2 + 100 * sum(len(data) for _, data in parts)


def test_the_count_sees_what_is_read_again() -> None:
    data = CountedBytes(SIZE)
    before = Work.done
    for _ in range(3):
        bytes(data[:])
        data.find(b"x")
        CountedPattern(re.compile(b"x")).search(bytes(data))
    assert Work.done - before >= 9 * SIZE


def test_a_post_is_counted_by_its_calls() -> None:
    before = Work.done
    LiveDecoder().feed(Piece(1, "up", 1, post(b"4", b"/socket.io/?EIO=4&transport=polling")))
    assert Work.done > before
