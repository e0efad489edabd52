"""Reading statuses and close frames off captured bytes."""

from __future__ import annotations

from lab.handshakes.request import handshake
from lab.interop.seen import closes, statuses
from tests.conformance.raw import CLOSE, frame
from tests.interop.sample import REQUEST, RESPONSE, capture

UPGRADE = handshake("ws://lab/").encode()
ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def test_statuses_are_in_order() -> None:
    found = capture(("up", REQUEST), ("down", RESPONSE), ("up", UPGRADE), ("down", ACCEPTED))
    assert statuses(found) == (404, 101)
    assert closes(found) == ()


def test_close_frames_have_a_direction_and_a_code() -> None:
    found = capture(
        ("up", UPGRADE),
        ("down", ACCEPTED),
        ("down", b"\x88\x06\x03\xe8done"),
        ("up", frame(CLOSE, b"\x03\xea")),
    )
    assert closes(found) == ("down 1000", "up 1002")


def test_a_masked_code_is_read_and_a_missing_code_is_1005() -> None:
    masked = b"\x88\x82\x01\x02\x03\x04" + bytes([0x03 ^ 0x01, 0xE9 ^ 0x02])
    found = capture(("up", UPGRADE), ("down", ACCEPTED), ("up", masked), ("down", b"\x88\x00"))
    assert closes(found) == ("up 1001", "down 1005")


def test_http_after_the_upgrade_is_not_a_close_frame() -> None:
    late = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 28\r\n\r\nUnsupported protocol version"
    found = capture(("up", UPGRADE), ("down", ACCEPTED), ("down", late))
    assert statuses(found) == (101,)
    assert closes(found) == ()


def test_an_empty_capture_shows_nothing() -> None:
    assert (statuses(capture()), closes(capture())) == ((), ())
