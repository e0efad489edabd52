"""What is inside an opened record: header fields, the bits of a frame, JSON."""

from __future__ import annotations

import json

import pytest

from lab.decode.tree import Frame
from lab.page.detail import JSON_BYTES_MAX
from lab.page.protocol import Detail, FrameBits
from lab.page.records import Kept, detail_of
from tests.decode.capture import load
from tests.decode.test_decode import NATIVE, SWITCHED, frame, post
from tests.page.test_records import CAPTURES, found_in, live

MASK = bytes([1, 2, 3, 4])


def details(name: str) -> list[tuple[object, Detail]]:
    return [(found.node, detail_of(Kept.of(found))) for found in found_in(load(name))]


@pytest.mark.parametrize("name", CAPTURES)
def test_each_message_of_a_real_conversation_has_the_fields_of_its_kind(name: str) -> None:
    for node, detail in details(name):
        assert (detail.frame is not None) == isinstance(node, Frame)
        assert bool(detail.headers) == hasattr(node, "headers")
        if detail.frame is not None:
            assert detail.frame.masked == bool(detail.frame.mask)
            assert detail.frame.length == node.payload_bytes  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted({*CAPTURES} - {"native-deflate"}))
def test_the_json_of_a_record_is_whole(name: str) -> None:
    values = [json.loads(text) for _, detail in details(name) for text in detail.json]
    assert any(isinstance(value, dict) and "type" in value for value in values) or any(
        isinstance(value, list) for value in values
    )


@pytest.mark.parametrize(
    ("size", "bits"), [(5, 7), (126, 16), (70_000, 64)], ids=["short", "medium", "long"]
)
def test_the_bits_of_a_frame_are_named(size: int, bits: int) -> None:
    *_, found = live(
        ("up", NATIVE), ("down", SWITCHED), ("up", frame(bytes(size), 0x82, mask=MASK))
    )
    detail = detail_of(Kept.of(found))
    assert detail.frame == FrameBits(
        fin=True,
        rsv="000",
        opcode=2,
        name="binary",
        masked=True,
        length=size,
        length_bits=bits,
        mask="01 02 03 04",
    )


def test_too_much_json_is_left_out() -> None:
    text = json.dumps({"type": "message", "text": "x" * JSON_BYTES_MAX}).encode()
    *_, found = live(("up", NATIVE), ("down", SWITCHED), ("down", frame(text)))
    assert detail_of(Kept.of(found)).json == []
    (opened,) = live(("up", post(b'0{"sid":"x"}')))
    assert detail_of(Kept.of(opened)).json == ['{"sid":"x"}']
