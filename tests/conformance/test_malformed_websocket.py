"""What breaks RFC 6455 on each wire that speaks it: the right code, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.chat.events import Refused, decode
from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from lab.handshakes.request import Request, handshake
from tests.conformance import raw
from tests.conformance.guest import in_time
from tests.conformance.raw import BINARY, CONTINUATION, PING, TEXT, frame, header
from tests.conformance.stage import Stage, stage

pytestmark = pytest.mark.needs(Capability.WEBSOCKET)

SMALL = Limits(frame_bytes=64 * 1024)


def url_of(s: Stage) -> str:
    """Where the stage's server answers opening handshakes."""
    url = s.server.address.websocket_url
    assert url is not None
    return url


HANDSHAKES: dict[str, Callable[[Request], Request]] = {
    "no Upgrade": lambda right: right.without("Upgrade"),
    "no Connection": lambda right: right.without("Connection"),
    "no key": lambda right: right.without("Sec-WebSocket-Key"),
    "no version": lambda right: right.without("Sec-WebSocket-Version"),
    "another Upgrade": lambda right: right.having({"Upgrade": "h2c"}),
    "another Connection": lambda right: right.having({"Connection": "close"}),
    "a key that is not base64": lambda right: right.having({"Sec-WebSocket-Key": "?"}),
    "a key that is too short": lambda right: right.having({"Sec-WebSocket-Key": "c2hvcnQ="}),
    "another version": lambda right: right.having({"Sec-WebSocket-Version": "99"}),
    "a version that is no number": lambda right: right.having(
        {"Sec-WebSocket-Version": "thirteen"}
    ),
}


@pytest.mark.parametrize("wrong", HANDSHAKES.values(), ids=list(HANDSHAKES))
async def test_a_malformed_handshake_is_refused_and_leaves_no_session(
    wire: Transport, wrong: Callable[[Request], Request]
) -> None:
    async with stage(wire) as s:
        for _ in range(5):
            async with raw.dial(s.server.address.host, s.server.address.port) as line:
                status = await line.status(wrong(handshake(url_of(s))))
                assert 400 <= status < 500
        await s.empty()
        ann = await s.connect()
        await ann.joined("den", "ann")


async def test_half_a_handshake_leaves_no_session(wire: Transport) -> None:
    async with stage(wire) as s:
        request = handshake(url_of(s)).encode()
        for part in (request[:10], request[:-2], b"\x16\x03\x01\x02\x00garbage\r\n\r\n"):
            async with raw.dial(s.server.address.host, s.server.address.port) as line:
                line.send(part)
        ann = await s.connect()
        await ann.joined("den", "ann")
        await s.holds(1)


async def test_a_handshake_without_a_conversation_leaves_no_session(wire: Transport) -> None:
    async with stage(wire) as s:
        for _ in range(5):
            async with raw.upgraded(url_of(s)):
                pass
        await s.empty()


FRAMES: dict[str, tuple[bytes, int]] = {
    "a reserved bit (5.2)": (frame(TEXT, b"hello", first=0x90), 1002),
    "a reserved opcode (5.2)": (frame(0x3, b"hello"), 1002),
    "a ping in fragments (5.4)": (frame(PING, b"hello", first=0), 1002),
    "a ping too long (5.5)": (frame(PING, b"x" * 126), 1002),
    "a continuation of nothing (5.4)": (frame(CONTINUATION, b"hello"), 1002),
    "a text inside a text (5.4)": (frame(TEXT, b"a", first=0) + frame(TEXT, b"b"), 1002),
    "no UTF-8 (8.1)": (frame(TEXT, b"\xff\xfe"), 1007),
    "half a character (8.1)": (frame(TEXT, b"\xe2\x82"), 1007),
    "an overlong NUL (8.1)": (frame(TEXT, b"\xc0\x80"), 1007),
    "a surrogate (8.1)": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "too long (7.4.1)": (frame(TEXT, b"x" * (SMALL.frame_bytes + 1)), 1009),
    "claims a terabyte (7.4.1)": (header(TEXT, 1 << 40) + b"x", 1009),
    "too long in parts (7.4.1)": (
        frame(TEXT, b"x" * SMALL.frame_bytes, first=0) + frame(CONTINUATION, b"xx"),
        1009,
    ),
}


@pytest.mark.parametrize("sent, code", FRAMES.values(), ids=list(FRAMES))
async def test_a_broken_frame_is_closed_with_the_code_of_its_clause(
    wire: Transport, sent: bytes, code: int
) -> None:
    async with stage(wire, limits=SMALL) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        async with raw.upgraded(url_of(s)) as line:
            line.send(sent)
            assert await line.close_code() == code
        await s.holds(1)
        await ann.said("den", "still here")


@pytest.mark.needs(Capability.MASK_CHECK)
async def test_a_frame_that_is_not_masked_is_closed_with_1002(wire: Transport) -> None:
    async with stage(wire) as s, raw.upgraded(url_of(s)) as line:
        line.send(frame(TEXT, b'{"type":"rooms","id":9}', masked=False))  # RFC 6455 section 5.1
        assert await line.close_code() == 1002


# Bytes that mean nothing to whatever is spoken above RFC 6455, in frames that are well-formed; but
# for one, which not every wire finds out.
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


@pytest.mark.parametrize("sent", MEANINGLESS.values(), ids=list(MEANINGLESS))
async def test_what_means_nothing_troubles_nobody_else(wire: Transport, sent: bytes) -> None:
    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        for greeting in (b"", frame(TEXT, b"40")):
            async with raw.upgraded(url_of(s)) as line:
                line.send(greeting + sent + frame(PING, b"?"))
                await ann.said("den", "still here")
        await s.holds(1)
        assert await ann.listing() == {"den": (1, 3)}


native = pytest.mark.needs(Capability.NATIVE_FRAMES)

NO_COMMANDS = {
    "a word": b"garbage",
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "half an object": b'{"type":"rooms"',
    "no type": b'{"id":7}',
    "no id": b'{"type":"rooms"}',
    "a lone surrogate": b'{"type":"say","id":7,"room":"den","text":"\\ud800"}',
    "deep nesting": b"[" * 20_000,
    "twice": b'{"type":"rooms","id":7}{"type":"rooms","id":8}',
    "a negative id": b'{"type":"rooms","id":-1}',
    "a huge id": b'{"type":"rooms","id":9007199254740992}',
}


@native
@pytest.mark.parametrize("text", NO_COMMANDS.values(), ids=list(NO_COMMANDS))
async def test_a_text_that_is_no_command_is_refused_and_the_connection_lives(
    wire: Transport, text: bytes
) -> None:
    async with stage(wire) as s, raw.upgraded(url_of(s)) as line:
        line.send(frame(TEXT, text) + frame(TEXT, b'{"type":"rooms","id":9}'))
        texts = line.texts()
        refusal = decode(await in_time(anext(texts)))
        assert isinstance(refusal, Refused)
        assert refusal.code == "bad_command"
        assert '"listing"' in await in_time(anext(texts))


@native
async def test_a_command_in_fragments_is_a_command(wire: Transport) -> None:
    async with stage(wire) as s, raw.upgraded(url_of(s)) as line:
        first, middle, last = b'{"type":', b'"rooms","id"', b":9}"
        line.send(frame(TEXT, first, first=0) + frame(CONTINUATION, middle, first=0))
        line.send(frame(PING, b"between") + frame(CONTINUATION, last))
        assert '"listing"' in await in_time(anext(line.texts()))


@native
async def test_a_binary_frame_is_unsupported_data(wire: Transport) -> None:
    async with stage(wire) as s:
        async with raw.upgraded(url_of(s)) as line:
            line.send(frame(BINARY, b'{"type":"rooms","id":9}'))
            assert await line.close_code() == 1003  # RFC 6455 section 7.4.1
        await s.empty()
