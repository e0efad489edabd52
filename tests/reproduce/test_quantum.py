"""The paper's arithmetic, and what is said of it."""

from __future__ import annotations

import pytest

from lab.ledger.shares import ByteCost, LabelledBytes
from lab.reproduce import quantum, quantum_page
from lab.reproduce.received import Received

FRAMED = Received(
    "framed",
    16,
    10,
    ByteCost(down=LabelledBytes(framing=2, payload=106)),
    ByteCost(up=LabelledBytes(framing=6, payload=60), down=LabelledBytes(framing=2, payload=60)),
)
POLLED = Received(
    "polled",
    16,
    10,
    ByteCost(up=LabelledBytes(http=200), down=LabelledBytes(http=200, framing=2, payload=106)),
    ByteCost(up=LabelledBytes(http=300, payload=60), down=LabelledBytes(http=300, payload=60)),
)


@pytest.mark.parametrize(
    ("case", "clients", "polling", "websocket"),
    [
        (0, 1_000, 6_968_000, 16_000),
        (1, 10_000, 69_680_000, 160_000),
        (2, 100_000, 696_800_000, 1_600_000),
    ],
)
def test_their_bits_per_second_are_bytes_times_eight_times_clients(
    case: int, clients: int, polling: int, websocket: int
) -> None:
    assert quantum.CLIENTS[case] == clients
    assert quantum.POLLING_BITS_PER_S[case] == polling == 871 * 8 * clients
    assert quantum.WEBSOCKET_BITS_PER_S[case] == websocket == 2 * 8 * clients
    assert quantum.bits_per_s(quantum.POLLING_BYTES, clients) == polling
    assert quantum.bits_per_s(quantum.WEBSOCKET_BYTES, clients) == websocket


def test_their_mbps_are_mebibits_cut_or_rounded_to_their_digits() -> None:
    polling, websocket = quantum.PUBLISHED_MBPS
    for printed, bits, unit in (
        *zip(polling, quantum.POLLING_BITS_PER_S, (0.1, 1, 1), strict=True),
        *zip(websocket, quantum.WEBSOCKET_BITS_PER_S, (0.001,) * 3, strict=True),
    ):
        assert abs(bits / 2**20 - printed) < unit
        assert abs(bits / 10**6 - printed) > unit / 2


@pytest.mark.parametrize(
    ("payload_bytes", "masked", "header_bytes"),
    [
        (0, False, 2),
        (125, False, 2),
        (126, False, 4),
        (65_535, False, 4),
        (65_536, False, 10),
        (125, True, 6),
        (126, True, 8),
        (65_536, True, 14),
    ],
)
def test_frame_headers(payload_bytes: int, masked: bool, header_bytes: int) -> None:
    assert quantum.frame_header_bytes(payload_bytes, masked) == header_bytes


def test_rows_are_theirs_and_then_ours() -> None:
    polling, websocket, framed, polled = quantum.rows([FRAMED, POLLED])
    assert (polling.header_bytes, polling.with_tcp_ip_bytes) == (871, 871 + 3 * 40)
    assert (websocket.header_bytes, websocket.with_tcp_ip_bytes) == (2, 2 + 2 * 40)
    assert (framed.header_bytes, framed.overhead_bytes) == (2, 2 + 90)
    assert (polled.header_bytes, polled.overhead_bytes) == (402, 402 + 90)
    assert polled.with_tcp_ip_bytes == 492 + 80
    assert [row.published for row in (polling, websocket, framed, polled)] == [True] * 2 + [
        False
    ] * 2


def test_the_verdict_on_small_frames() -> None:
    said = " ".join(quantum.verdict([FRAMED, POLLED]))
    assert "arithmetic is right" in said
    assert "Their 2 bytes a message hold for the frame header: framed has 2 B" in said
    assert "time add 90 B, TCP/IP at least 80 B" in said
    assert "polled has 400 B of HTTP headers" in said
    assert "436 : 1, is 12.1 : 1 with TCP/IP" in said
    assert (
        "polled to framed: 201 : 1 for headers and framing, 5.35 : 1 for all but the text" in said
    )


def test_the_verdict_on_larger_frames_is_another() -> None:
    large = Received(
        "large", 16, 1, ByteCost(down=LabelledBytes(framing=4, payload=150)), FRAMED.said
    )
    said = " ".join(quantum.verdict([large]))
    assert "Their 2 bytes a message do not hold: large has 4 B of framing down" in said


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert len(quantum.verdict([FRAMED])) == 2
    assert len(quantum.verdict([POLLED])) == 2
    assert "mask" in " ".join(quantum_page.left_out([POLLED])).lower()
    assert "framed has 6 B up" in " ".join(quantum_page.left_out([FRAMED]))
