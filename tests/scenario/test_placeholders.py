"""Placeholders are filled in, and what is no placeholder stays."""

from __future__ import annotations

import pytest

from lab.scenario.placeholders import Template, check, json_template

VALUES = {"id": b"12345678", "client": b"client-3", "room": b"room-0", "n": b"7"}


def texts(size: int) -> bytes:
    return b"x" * size


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        (b"", b""),
        (b"{id}", b"12345678"),
        (b"{client} in {room}: {n} {text:3}.", b"client-3 in room-0: 7 xxx."),
        (b'{"id":{id},"b":{"c":1}}', b'{"id":12345678,"b":{"c":1}}'),
    ],
)
def test_a_text_is_filled_in(source: bytes, filled: bytes) -> None:
    check(source.decode(), "text")
    assert Template(source, texts).render(VALUES) == filled


def test_a_value_alone_may_be_a_number() -> None:
    source = json_template(["say", {"id": "{id:number}", "n": "{n:number}", "text": "{id}"}])
    assert Template(source, texts).render(VALUES) == (
        b'["say",{"id":12345678,"n":7,"text":"12345678"}]'
    )
