"""What the bytes show of an attempt."""

from __future__ import annotations

from lab.handshakes.request import handshake
from lab.interop.seen import closes, statuses
from tests.conformance.raw import CLOSE, frame
from tests.interop.sample import REQUEST, RESPONSE, tape

UPGRADE = handshake("ws://lab/").encode()
ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def test_statuses_in_the_order_in_which_they_came() -> None:
    found = tape(("up", REQUEST), ("down", RESPONSE), ("up", UPGRADE), ("down", ACCEPTED))
    assert statuses(found) == (404, 101)
    assert closes(found) == ()


def test_close_frames_with_their_direction_and_code() -> None:
    found = tape(
        ("up", UPGRADE),
        ("down", ACCEPTED),
        ("down", b"\x88\x06\x03\xe8done"),
        ("up", frame(CLOSE, b"\x03\xea")),
    )
    assert closes(found) == ("down 1000", "up 1002")


def test_a_masked_code_is_read_and_none_counts_as_1005() -> None:
    masked = b"\x88\x82\x01\x02\x03\x04" + bytes([0x03 ^ 0x01, 0xE9 ^ 0x02])
    found = tape(("up", UPGRADE), ("down", ACCEPTED), ("up", masked), ("down", b"\x88\x00"))
    assert closes(found) == ("up 1001", "down 1005")


def test_an_answer_in_http_after_the_upgrade_is_no_close_frame() -> None:
    late = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 28\r\n\r\nUnsupported protocol version"
    found = tape(("up", UPGRADE), ("down", ACCEPTED), ("down", late))
    assert statuses(found) == (101,)
    assert closes(found) == ()


def test_silence_shows_nothing() -> None:
    assert (statuses(tape()), closes(tape())) == ((), ())
