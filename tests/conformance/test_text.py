"""Texts that a parser may take for markup, an end or a separator arrive unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.chat.events import Arrived
from lab.chat.limits import Limits
from lab.contract import Transport
from tests.conformance.served import ServedTransport, served

MOST = Limits().text_bytes

HOSTILE = {
    "nothing": "",
    "a space": " ",
    "markup": "<script>alert(1)</script><!-- & --> ]]>",
    "quotes": "\"'`\\\"\\'${x}%s%n{{7*7}}",
    "line ends": "a\r\nb\nc\rd\u2028e\u2029f\x0bg\x85h",
    "NUL": "a\0b",
    "every control character": "".join(map(chr, range(32))) + "\x7f",
    "separators of packets": "\x1e\x1f\x1d\ufffd\ufeff",
    "a packet": '42["say",{"room":"den"}]',
    "another packet": '451-["say",{"_placeholder":true,"num":0}]',
    "a length before": "5:hello\ufffd5:hello",
    "JSON": '{"type":"say","id":1}',
    "the number of a prototype": "__proto__",
    "beyond the plane": "👩‍👩‍👧‍👦 𒀀𒀁 \U0010ffff",
    "right to left": "\u202eשבת\u202c \u2066سلم\u2069",
    "combining": "e\u0301 vs \u00e9, Z" + "\u0351" * 50,
    "64 KiB": "x" * MOST,
    "64 KiB, each escaped": "\0" * MOST,
    "64 KiB of two bytes each": "é" * (MOST // 2),
    "64 KiB of four bytes each": "𒀀" * (MOST // 4),
    "64 KiB of quotes": '"' * MOST,
}


async def test_a_hostile_text_arrives_unchanged(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        for what, text in HOSTILE.items():
            with subtests.test(what):
                async with s.case():
                    await _check_arrives(s, text)


async def _check_arrives(s: ServedTransport, text: str) -> None:
    ann, bob = await s.connect(), await s.connect()
    await bob.joined("den", "bob")
    await ann.joined("den", "ann")
    await ann.said("den", text)
    await bob.has_messages(1)
    assert bob.messages[0].text == text
    assert [e.text for e in await bob.page("den", limit=1) if e in bob.messages] == [text]
    await ann.said("den", "after it")
    await bob.has_messages(2)


@settings(max_examples=5)
@given(texts=st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=40))
async def test_any_text_arrives_unchanged(transport: Transport, texts: list[str]) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        for text in texts:
            await ann.said("den", text)
        await ann.has_messages(len(texts))
        assert [message.text for message in ann.messages] == texts


NAMES = ("<b>", "a/b", "/", "..", "*", "__proto__", "constructor", "0", "null", "ñ", "日本", "👋")


async def test_room_and_member_names_may_be_any_printable_text(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        for name in NAMES:
            with subtests.test(name):
                async with s.case():
                    await _check_name(s, name)


async def _check_name(s: ServedTransport, name: str) -> None:
    ann, bob = await s.connect(), await s.connect()
    before = await ann.listing()
    assert name not in before
    joined = await ann.joined(name, name)
    assert (joined.room, joined.members) == (name, [name])
    await bob.joined(name, "bob")
    await ann.sees(Arrived(name, "bob", 2))
    await bob.said(name, "hello")
    await ann.has_messages(1)
    assert await ann.listing() == {**before, name: (2, 3)}
    await ann.left(name)
    await bob.sees_departed(name)
