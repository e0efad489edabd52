"""What only QUIC and WebTransport have: streams, datagrams, flow control, a changing address."""

from __future__ import annotations

import errno
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from lab.contract import Capability, Heartbeat, Transport
from lab.relay.datagrams import ADDRESS, DatagramRelay
from tests.conformance import webtransport
from tests.conformance.client import RoomClient, eventually
from tests.conformance.engineio import Posts
from tests.conformance.served import ServedTransport, served
from tests.conformance.test_slow_consumer import LIMITS, say_until_departed
from transports._quic import client
from transports._quic.capsules import Close
from transports._quic.link import MOST_REFUSED
from transports._shared import aiohttp as aiohttp_server

pytestmark = [
    pytest.mark.needs(Capability.WEBTRANSPORT),
    pytest.mark.usefixtures("nothing_left_open"),
]

engine_io = pytest.mark.needs(Capability.ENGINE_IO)
MORE_THAN_ACKNOWLEDGED = 10
"""More datagrams than a client sends to acknowledge what came when it joined."""
LIVELY = Heartbeat(interval_s=1, timeout_s=3)
"""A short heartbeat, which a living client on a busy machine can keep all the same."""


async def _bob(s: ServedTransport) -> RoomClient:
    bob = await s.connect()
    await bob.joined("den", "bob")
    return bob


async def test_a_client_that_vanishes_is_lost_and_one_that_moves_is_not(
    transport: Transport,
) -> None:
    async with served(transport, heartbeat=LIVELY) as s:
        bob = await _bob(s)
        address = s.server.address
        async with (
            DatagramRelay(address.host, address.port) as stays,
            DatagramRelay(address.host, address.port) as moves,
        ):
            gone, phone = await s.connect(stays), await s.connect(moves)
            await gone.joined("den", "gone")
            await phone.joined("den", "phone")
            assert await moves.rebind()
            # The server learns of the new address by what the client sends (RFC 9000, 9.3).
            await phone.said("den", "from elsewhere")
            stays.stall()
            assert await bob.sees_departed("gone") == "lost"
            # Longer than a heartbeat has passed on the new address.
            await phone.said("den", "still there")
            await bob.has_messages(2)
            assert bob.departed("phone") is None
            await s.holds(2)
            stays.resume()
            await phone.close()
            await gone.close()


class Counting(DatagramRelay):
    """A relay that counts what its clients send."""

    sent = 0

    def _from_client(self, data: bytes, client: ADDRESS) -> None:
        self.sent += 1
        super()._from_client(data, client)


async def test_a_client_that_only_listens_is_reached_at_its_new_address(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "KEEP_ALIVE_S", 0.2)
    async with served(transport) as s:
        bob = await _bob(s)
        async with Counting(s.server.address.host, s.server.address.port) as moves:
            idle = await s.connect(moves)
            await idle.joined("den", "idle")
            before = moves.sent
            await eventually(
                lambda: moves.sent > before + MORE_THAN_ACKNOWLEDGED, "the client sends nothing"
            )
            assert await moves.rebind()
            await bob.said("den", "are you there?")
            await idle.has_messages(1)
            await idle.close()


async def test_a_client_goes_on_from_a_new_socket_when_its_address_is_gone(
    transport: Transport,
) -> None:
    async with served(transport) as s, webtransport.opened(s) as raw:
        before = raw.port
        raw.link.error_received(OSError(errno.ENETUNREACH, "Network is unreachable"))
        await eventually(lambda: raw.port != before, "the client has the same port")
        await raw.join()
        await s.holds(1)


async def test_a_malformed_stream_closes_its_session_alone(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    spoken = webtransport.spoken(transport)
    cases = {
        "too long": (spoken.too_long, False, 1009),
        "ended inside a message": (spoken.write(b"x" * 50)[:9], True, 1002),
        "not UTF-8": (spoken.write(b"\xff\xfe"), False, 1007),
    }
    async with served(transport) as s:
        bob = await _bob(s)
        for number, (what, (data, is_last, code)) in enumerate(cases.items(), 1):
            with subtests.test(what):
                async with webtransport.opened(s) as raw:
                    await raw.join()
                    raw.send(data, is_last=is_last)
                    ended = await raw.ended()
                    assert isinstance(ended, Close)
                    assert ended.code == code
                    assert ended.reason
                await eventually(
                    lambda seen=2 * number: len(bob.logged) == seen,  # type: ignore[misc]
                    "bob saw the arrival and the departure",
                )
        await bob.said("den", "still here")


@engine_io
async def test_what_is_no_packet_of_engine_io_closes_its_session_alone(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    write = webtransport.spoken(transport).write
    opened, binary = write(b"0"), b"\x80"
    cases = {
        "another packet first": (write(b"40"), 1002),
        "an upgrade of no session": (write(b'0{"sid":"none"}'), 1002),
        "an upgrade without a sid": (write(b"0{}"), 1002),
        "bytes first": (b"\x810", 1002),
        "an empty packet": (opened + write(b""), 1007),
        "no packet": (opened + write(b"what"), 1007),
        "an attachment without a packet": (opened + write(b"40") + binary, 1007),
        "a command before its client has connected": (opened + write(b'42["leave",{}]'), 1007),
        "nothing in time": (b"", 1002),
    }
    async with served(transport, request_timeout_s=3) as s:
        bob = await _bob(s)
        for what, (data, code) in cases.items():
            with subtests.test(what):
                async with webtransport.opened(s) as raw:
                    raw.send(data)
                    ended = await raw.ended()
                    assert isinstance(ended, Close)
                    assert ended.code == code
                    assert ended.reason
                await s.holds(1)
        await bob.said("den", "still here")


@asynccontextmanager
async def _polling(s: ServedTransport) -> AsyncIterator[tuple[Posts, bytes]]:
    """A session that polls, and the packet that takes it to WebTransport."""
    url = f"{s.server.address.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp_server.session(s.options().tls) as http:
        opened = await Posts(http, url).poll()
        assert opened is not None
        found = json.loads(opened.removeprefix("0"))
        assert found["upgrades"] == ["webtransport"]
        sid = found["sid"]
        yield Posts(http, f"{url}&sid={sid}"), b'0{"sid":"%s"}' % sid.encode()


@engine_io
async def test_a_session_that_polls_moves_to_webtransport(transport: Transport) -> None:
    write = webtransport.spoken(transport).write
    async with served(transport) as s, _polling(s) as (posts, moving):
        bob = await _bob(s)
        await posts.enter()
        async with webtransport.opened(s) as raw:
            raw.send(write(moving) + write(b"2probe"))
            await raw.until(write(b"3probe"))
            assert await posts.poll() == "6", "a pending poll is answered"
            raw.send(write(b"5") + write(b'427["say",{"room":"den","text":"hello"}]'))
            await raw.until(b'437[{"')
            await bob.has_messages(1)
            assert bob.departed("raw") is None
            assert s.sessions() == 2
            async with webtransport.opened(s) as second:
                second.send(write(moving))
                ended = await second.ended()
                assert isinstance(ended, Close)
                assert (ended.code, ended.reason) == (1002, "no session that polls has this sid")
            await bob.said("den", "heard on the stream")
            await raw.until(b"heard on the stream")
        assert await bob.sees_departed("raw") == "closed"


@engine_io
async def test_who_does_not_complete_the_move_goes_on_polling(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    write = webtransport.spoken(transport).write
    cases = {
        "nothing in time": b"",
        "another packet": write(b"2"),
        "nothing after the probe": write(b"2probe"),
        "another packet after the probe": write(b"2probe") + write(b"2"),
    }
    async with served(transport, request_timeout_s=3) as s, _polling(s) as (posts, moving):
        await posts.enter()
        for what, data in cases.items():
            with subtests.test(what):
                async with webtransport.opened(s) as raw:
                    raw.send(write(moving) + data)
                    ended = await raw.ended()
                    assert isinstance(ended, Close)
                    assert (ended.code, ended.reason) == (1002, "the upgrade was not completed")
                assert await posts.send('427["say",{"room":"den","text":"hello"}]')
                assert await posts.until("437[") is not None


@engine_io
async def test_a_websocket_is_refused_where_only_polling_is_offered(transport: Transport) -> None:
    async with served(transport) as s, aiohttp_server.session(s.options().tls) as http:
        url = f"{s.server.address.url}/socket.io/?EIO=4&transport=websocket"
        with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
            await http.ws_connect(url)
        await s.holds(0)


@engine_io
async def test_a_command_with_an_attachment_is_answered(transport: Transport) -> None:
    write = webtransport.spoken(transport).write
    async with served(transport) as s, webtransport.opened(s) as raw:
        await raw.join()
        raw.send(write(b'451-7["say",{"room":"den","text":{"_placeholder":true,"num":0}}]'))
        raw.send(b"\x83abc")
        await raw.until(b'"bad_command"')


async def test_streams_that_nobody_asked_for_are_refused_and_bounded(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        bob = await _bob(s)
        for kind, is_unidirectional in (("bidirectional", False), ("unidirectional", True)):
            with subtests.test(kind):
                async with webtransport.opened(s) as raw:
                    await raw.join()
                    for _ in range(MOST_REFUSED):
                        stream = raw.link.http.create_webtransport_stream(
                            raw.session.id, is_unidirectional
                        )
                        raw.link.quic.send_stream_data(stream, b"x" * 100)
                        raw.link.transmit()
                    ended = await raw.ended()
                    assert isinstance(ended, Close)
                    assert ended.code == 1002
                assert await bob.sees_departed("raw") == "closed"
        await bob.said("den", "still here")


async def test_datagrams_are_dropped(transport: Transport) -> None:
    async with served(transport) as s:
        bob = await _bob(s)
        async with webtransport.opened(s) as raw:
            for _ in range(100):
                raw.link.http.send_datagram(raw.session.id, b"x" * 500)
            await raw.join()
            await bob.has(1)
        assert await bob.sees_departed("raw") == "closed"


async def test_a_client_that_gives_no_credit_is_a_slow_consumer(transport: Transport) -> None:
    async with served(transport, limits=LIMITS) as s:
        bob = await _bob(s)
        async with webtransport.opened(s, reads=False) as raw:
            await raw.join()
            await bob.has(1)
            await say_until_departed(bob, "raw")
            assert bob.departed("raw") == "slow_consumer"
            # The close has a stream of its own, so it passes the data that waits.
            assert await raw.ended() == Close(1008, "slow_consumer")
        await s.holds(1)
        await bob.said("den", "still here")


async def test_what_is_no_session_of_this_server_is_refused(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        async with webtransport.opened(s) as raw:
            path = raw.link.path
            for what, status, asked in (
                ("a second session", 429, raw.status(path)),
                ("another path", 404, raw.status("/elsewhere")),
                ("no WebTransport", 404, raw.status(path, method="GET", protocol="")),
            ):
                with subtests.test(what):
                    assert await asked == status
        for what, status, headers in (
            ("a foreign page", 403, {"Origin": "https://evil.example"}),
            ("a foreign host", 421, {":authority": "evil.example"}),
            ("two hosts", 400, {"host": "localhost"}),
        ):
            with subtests.test(what), pytest.raises(ConnectionRefusedError, match=str(status)):
                await s.connect(headers=headers)
        own = f"https://{s.server.address.host}:{s.server.address.port}"
        await (await s.connect(headers={"Origin": own})).joined("den", "page")
