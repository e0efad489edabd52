"""What a WebSocket carries may mean nothing to the room: no session is left, no other is affected.

What violates RFC 6455 itself is in `lab.judge.websocket`, and `test_judged.py` sends it.
"""

from __future__ import annotations

import pytest

from lab.chat.events import Refused, decode
from lab.contract import Capability, Transport
from lab.handshakes.request import handshake
from tests.conformance import raw
from tests.conformance.client import in_time
from tests.conformance.raw import BINARY, PING, TEXT, frame
from tests.conformance.served import ServedTransport, served

pytestmark = pytest.mark.needs(Capability.WEBSOCKET)


def url_of(s: ServedTransport) -> str:
    """The URL at which the server answers opening handshakes."""
    url = s.server.address.websocket_url
    assert url is not None
    return url


async def test_half_a_handshake_leaves_no_session(transport: Transport) -> None:
    async with served(transport) as s:
        request = handshake(url_of(s)).encode()
        for part in (request[:10], request[:-2], b"\x16\x03\x01\x02\x00garbage\r\n\r\n"):
            async with raw.dial(s.server.address.host, s.server.address.port) as connection:
                connection.send(part)
        ann = await s.connect()
        await ann.joined("den", "ann")
        await s.holds(1)


async def test_a_handshake_without_messages_leaves_no_session(transport: Transport) -> None:
    async with served(transport) as s:
        for _ in range(5):
            async with raw.upgraded(url_of(s)):
                pass
        await s.empty()


# Bytes that mean nothing to whatever is spoken above RFC 6455, in frames that are well-formed; but
# for one, which not every transport finds out.
MEANINGLESS: dict[str, bytes] = {
    "an empty text": frame(TEXT),
    "a word": frame(TEXT, b"garbage"),
    "a number": frame(TEXT, b"99999999999999999999"),
    "an open array": frame(TEXT, b'42["say"'),
    "an array in no array": frame(TEXT, b"42{}"),
    "an event without a name": frame(TEXT, b"42[]"),
    "an event named by a number": frame(TEXT, b"421[7]"),
    "a connect packet again and again": frame(TEXT, b"40") * 3,
    "attachments that never come": frame(TEXT, b'459-["say",{"_placeholder":true,"num":0}]'),
    "an acknowledgement of nothing": frame(TEXT, b"4399[]"),
    "a foreign namespace": frame(TEXT, b"40/admin,"),
    "deep nesting": frame(TEXT, b"42" + b"[" * 20_000),
    "a word that is not masked": frame(TEXT, b"garbage", masked=False),
    "nothing, in binary": frame(BINARY),
    "a word, in binary": frame(BINARY, b"garbage"),
    "all bytes, in binary": frame(BINARY, bytes(range(256))),
}


async def test_meaningless_frames_do_not_affect_others(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        for what, sent in MEANINGLESS.items():
            with subtests.test(what):
                for greeting in (b"", frame(TEXT, b"40")):
                    async with raw.upgraded(url_of(s)) as connection:
                        connection.send(greeting + sent + frame(PING, b"?"))
                        said = await ann.said("den", "still here")
                await s.holds(1)
                assert await ann.listing() == {"den": (1, said.seq)}


native = pytest.mark.needs(Capability.NATIVE_FRAMES)

UNDECODABLE = {
    "a lone surrogate in the text": b'"room":"den","text":"hi \\ud83d"',
    "a lone surrogate in the key": b'"room":"den","text":"hi","key":"\\ude00"',
    "a lone surrogate in the room": b'"room":"\\ud83d","text":"hi"',
    "a lone surrogate beside": b'"room":"den","text":"hi","x":"\\ud83d"',
    "a number that is too large": b'"room":"den","text":"hi","key":1e999',
    "an integer of 400 digits": b'"room":"den","text":1' + b"0" * 400,
}


@native
async def test_a_partly_decodable_text_is_refused_with_its_id(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        for what, fields in UNDECODABLE.items():
            for where, parts in {
                "id first": [b'"id":7', fields],
                "id last": [fields, b'"id":7'],
            }.items():
                with subtests.test(what, where=where):
                    async with raw.upgraded(url_of(s)) as connection:
                        connection.send(frame(TEXT, b'{"type":"say",' + b",".join(parts) + b"}"))
                        refusal = decode(await in_time(anext(connection.texts())))
                        assert isinstance(refusal, Refused)
                        assert (refusal.code, refusal.id) == ("bad_command", 7)
