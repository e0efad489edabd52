"""How a connection is closed (RFC 6455 sections 5.5.1, 7.1 and 7.4)."""

from __future__ import annotations

from lab.decode.rfc6455 import CLOSE, PING, TEXT
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import PROBE, Closes, EndsAfterClose, Fails
from lab.judge.websocket.rows import fails, sends

GROUP = "websocket/closing"
CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 3000, 3999, 4000, 4999)
"""Codes that an endpoint may send (section 7.4.1, and 1012 from IANA's registry)."""
FORBIDDEN = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
"""Codes that no endpoint may send: reserved, not assigned, or out of range (section 7.4)."""
REASON = b"an end"


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame."""
    return frame(CLOSE, code.to_bytes(2) + reason)


CASES = (
    sends(GROUP, "a close without a code", "5.5.1", frame(CLOSE), Closes((None, 1000, 1005))),
    *(
        sends(GROUP, f"a close with {code}", "7.4", close(code, REASON), Closes((code, 1000)))
        for code in CODES
    ),
    sends(GROUP, "a close without a reason", "5.5.1", close(1000), Closes((1000,))),
    sends(GROUP, "a reason of 123 bytes", "5.5", close(1000, b"x" * 123), Closes((1000,))),
    sends(
        GROUP, "a reason that is not ASCII", "5.5.1", close(1000, "끝 ☕".encode()), Closes((1000,))
    ),
    sends(GROUP, "the connection ends after the close", "7.1.1", close(1000), EndsAfterClose()),
    sends(
        GROUP,
        "a ping after the close",
        "5.5.1",
        close(1000) + frame(PING, PROBE),
        EndsAfterClose(silent=True),
    ),
    sends(
        GROUP,
        "a text after the close",
        "5.5.1",
        close(1000) + frame(TEXT, b"hello"),
        EndsAfterClose(silent=True),
    ),
    sends(GROUP, "two closes", "5.5.1", close(1000) + close(1001), EndsAfterClose(silent=True)),
    sends(
        GROUP,
        "a close between two fragments",
        "5.5.1",
        frame(TEXT, b"a", first=0) + close(1000),
        Closes((1000,)),
    ),
    *(fails(GROUP, f"a close with {code}", "7.4", close(code)) for code in FORBIDDEN),
    fails(GROUP, "a close of one byte", "5.5.1", frame(CLOSE, b"\x03")),
    sends(GROUP, "a reason that is no UTF-8", "5.5.1", close(1000, b"\xff"), Fails(1007, (1002,))),
    sends(
        GROUP,
        "a reason with half a character",
        "5.5.1",
        close(1000, b"\xe2\x82"),
        Fails(1007, (1002,)),
    ),
)
