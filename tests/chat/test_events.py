"""Events on the wire: written and read back, whole or in the parts that some transports carry."""

from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat import events
from lab.chat.events import Arrived, Event, IsTyping, Message, Refused, Reply, RoomEvent
from tests.chat import strategies


@given(strategies.replies | strategies.room_events)
def test_decode_reads_what_encode_wrote(event: Event) -> None:
    assert events.decode(events.encode(event)) == event
    assert events.decode(events.encode(event).decode()) == event


@given(strategies.room_events)
def test_from_payload_reads_what_to_payload_wrote(event: RoomEvent) -> None:
    payload = events.to_payload(event)
    assert "type" not in payload
    assert events.from_payload(events.name_of(event), json.loads(json.dumps(payload))) == event


@given(strategies.replies)
def test_reply_from_payload_reads_what_reply_to_payload_wrote(reply: Reply) -> None:
    payload = events.reply_to_payload(reply)
    assert "id" not in payload
    assert reply.id is not None
    assert events.reply_from_payload(json.loads(json.dumps(payload)), reply.id) == reply


@given(st.binary(max_size=60) | strategies.json_values.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_an_event_or_a_decode_error(data: bytes) -> None:
    try:
        event = events.decode(data)
    except msgspec.DecodeError as error:
        assert str(error)
    else:
        assert isinstance(event, get_args(Event))


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"left","id":1,"room":"\xff"}',
        '{"type":"left","id":1,"room":"\ud800"}',
        b'{"type":"left","id":1,"x":' + b"[" * 100_000,
        b'{"type":"nonsense"}',
    ],
    ids=["not UTF-8", "a lone surrogate", "endless nesting", "no event"],
)
def test_whatever_is_wrong_is_a_decode_error(data: bytes | str) -> None:
    with pytest.raises(msgspec.DecodeError):
        events.decode(data)


@given(st.text(max_size=10) | st.sampled_from(["message", "arrived"]), strategies.json_values)
def test_any_payload_is_a_room_event_or_a_validation_error(name: str, payload: object) -> None:
    try:
        event = events.from_payload(name, payload)
    except msgspec.ValidationError as error:
        assert str(error)
    else:
        assert events.name_of(event) == name


@given(strategies.nearly_commands | strategies.json_values)
def test_any_payload_is_a_reply_or_a_validation_error(payload: object) -> None:
    try:
        reply = events.reply_from_payload(payload, 7)
    except msgspec.ValidationError as error:
        assert str(error)
    else:
        assert reply.id == 7


def test_a_reply_is_no_room_event_and_the_reverse() -> None:
    with pytest.raises(msgspec.ValidationError):
        events.from_payload("left", {"room": "lab"})
    with pytest.raises(msgspec.ValidationError):
        events.reply_from_payload({"type": "arrived", "room": "lab", "name": "a", "seq": 1}, 1)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Arrived("lab", "ada", 1), '{"type":"arrived","room":"lab","name":"ada","seq":1}'),
        (
            Message("lab", 2, "ada", "hi", 3),
            '{"type":"message","room":"lab","seq":2,"name":"ada","text":"hi","at":3}',
        ),
        (IsTyping("lab", "ada"), '{"type":"typing","room":"lab","name":"ada"}'),
        (
            Refused(None, "bad_command", "not JSON"),
            '{"type":"refused","id":null,"code":"bad_command","reason":"not JSON"}',
        ),
    ],
)
def test_one_event_is_one_json_text(event: Event, text: str) -> None:
    assert events.encode(event).decode() == text


def test_the_replies_are_those_of_the_type() -> None:
    assert set(events.REPLIES) == set(get_args(Reply))
