"""Send Engine.IO requests that the lab's own clients don't send, and those of a browser."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Heartbeat, ServeOptions, Settings
from lab.service import ChatService
from tests.conformance import raw
from tests.conformance.caller import Caller, dialled
from tests.conformance.client import Insider, eventually, in_time
from tests.conformance.raw import TEXT, RawConnection, frame
from tests.conformance.served import nothing_uncaught
from transports import registry
from transports._tuned.engineio.transport import TunedSocketio, TunedSocketioServer

OPEN = "/socket.io/?EIO=4&transport=polling"
BEATING = Heartbeat(interval_s=0.2, timeout_s=10)


class ServedRoom:
    """A running server of the default transport, which has all features."""

    def __init__(self, server: TunedSocketioServer, chat: ChatService) -> None:
        self.server = server
        self.chat = chat

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[Caller]:
        """A new connection."""
        async with dialled(self.server.address.host, self.server.address.port) as caller:
            yield caller

    async def session(self, caller: Caller) -> str:
        """Open a session that has entered the namespace; returns its requests' target."""
        opened = await caller.ask("GET", OPEN)
        target = f"/socket.io/?EIO=4&transport=polling&sid={sid_in(opened.body)}"
        assert (await caller.ask("POST", target, b"40")).body == b"ok"
        assert (await caller.ask("GET", target)).body.startswith(b'40{"sid":"')
        return target

    @asynccontextmanager
    async def upgrading(self, target: str) -> AsyncIterator[RawConnection]:
        """A WebSocket for the upgrade of a session."""
        address = self.server.address
        url = f"ws://{address.host}:{address.port}{target.replace('polling', 'websocket')}"
        async with raw.upgraded(url) as connection:
            yield connection

    def upgrades(self) -> int:
        """The number of sessions in an upgrade."""
        return sum(s.upgrading is not None for s in self.server.engine.sessions.values())

    async def holds(self, count: int) -> None:
        """Wait until the server has this many sessions."""
        await eventually(lambda: self.server.sessions() == count, f"{count} sessions were held")


@asynccontextmanager
async def served_room(
    *,
    settings: Settings = "equal",
    heartbeat: Heartbeat | None = None,
    limits: Limits | None = None,
    request_timeout_s: float = 10,
) -> AsyncIterator[ServedRoom]:
    transport = registry.load("socketio-tuned")
    assert isinstance(transport, TunedSocketio)
    chat = ChatService(Rooms(limits))
    options = ServeOptions(
        settings=settings,
        heartbeat=heartbeat or Heartbeat(),
        request_timeout_s=request_timeout_s,
    )
    with nothing_uncaught():
        async with transport.serve(chat, options) as server:
            yield ServedRoom(server, chat)


def sid_in(body: bytes) -> str:
    """The session that a first response opens."""
    sid: str = json.loads(body[1:])["sid"]
    return sid


def texts(body: bytes) -> list[str]:
    """The texts of the messages in a payload."""
    packets = body.decode().split("\x1e")
    return [p.split('"text":"')[1].split('"')[0] for p in packets if p.startswith('42["message"')]


JOIN = b'421["join",{"room":"den","name":"ann"}]'


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with served_room() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        one.send("GET", target, twice=True)
        for number in (b"1", b"2"):
            assert (await other.ask("POST", target, b'42%b["rooms",{}]' % number)).status == 200
            assert (await one.answer()).body.startswith(b"43" + number)
            if number == b"1":
                one.expect_another()


async def test_a_body_in_pieces_is_handled_when_it_is_complete() -> None:
    async with served_room() as h, h.caller() as one:
        target = await h.session(one)
        body = b'421["rooms",{}]'
        first = f"POST {target} HTTP/1.1\r\nHost: localhost\r\n"
        head = f"{first}Content-Length: {len(body)}\r\n\r\n".encode()
        async with h.caller() as slow:
            for at in range(len(head + body)):
                slow.writer.write((head + body)[at : at + 1])
                await slow.writer.drain()
            assert (await one.ask("GET", target)).body.startswith(b"431")


async def test_a_second_poll_beside_a_waiting_poll_ends_the_session() -> None:
    async with served_room() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        one.send("GET", target)
        await other.ask("POST", target, b"3")  # by now the poll has come in
        assert (await other.ask("GET", target)).status == 400
        assert (await one.answer()).body == b"1"
        await h.holds(0)


async def test_a_connection_with_a_close_header_is_closed() -> None:
    async with served_room() as h, h.caller() as one, h.caller() as old:
        last = await one.ask("GET", OPEN, headers={"Connection": "close"})
        assert last.status == 200
        await one.ended()
        old.writer.write(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.0\r\n\r\n")
        old.expect_another()
        assert (await old.answer()).status == 200
        await old.ended()


async def test_a_page_of_an_allowed_origin_may_send_and_read() -> None:
    origin = "http://localhost"
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    async with served_room() as h, h.caller() as one:
        may = await one.ask("OPTIONS", "/socket.io/", headers=asked)
        assert may.status == 200
        assert may.headers["access-control-allow-headers"] == "content-type"
        assert "POST" in may.headers["access-control-allow-methods"]
        read = await one.ask("GET", OPEN, headers={"Origin": origin})
        for answer in (may, read):
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    "method, target, status",
    [
        ("GET", "/socket.io", 404),
        ("GET", "/socket.io/?EIO=3&transport=polling", 400),
        ("GET", "/socket.io/?transport=polling", 400),
        ("GET", "/socket.io/?EIO=4&transport=flashsocket", 400),
        ("GET", "/socket.io/?EIO=4&transport=websocket", 400),
        ("GET", "/socket.io/?EIO=4&transport=polling&j=0", 400),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", 400),
        ("POST", "/socket.io/?EIO=4&transport=polling", 400),
        ("PUT", "/socket.io/?EIO=4&transport=polling", 400),
        ("GET", "/socket.io/?EIO=4", 400),
    ],
)
async def test_meaningless_requests_are_refused(method: str, target: str, status: int) -> None:
    async with served_room() as h, h.caller() as one:
        assert (await one.ask(method, target)).status == status
        await one.ended()
        assert h.server.sessions() == 0


async def test_an_upgrade_takes_waiting_packets_and_ends_the_polling() -> None:
    async with served_room() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        await one.ask("POST", target, JOIN)
        one.send("GET", target)
        assert b"joined" in (await one.answer()).body
        one.send("GET", target)
        insider = Insider(h.chat, "den", "insider")
        assert b"arrived" in (await one.answer()).body
        one.send("GET", target)
        async with h.upgrading(target) as connection:
            connection.send(frame(TEXT, b"2probe"))
            said = connection.texts()
            assert await in_time(anext(said)) == "3probe"
            assert (await one.answer()).body == b"6"
            insider.say("meanwhile")
            assert (await one.ask("GET", target)).body == b"6"
            connection.send(frame(TEXT, b"5"))
            assert '"meanwhile"' in await in_time(anext(said))
            insider.say("after")
            assert '"after"' in await in_time(anext(said))
            assert (await one.ask("GET", target)).status == 400
            assert (await other.ask("POST", target, b"3")).status == 400
            await h.holds(1)
        await h.holds(0)


async def test_an_abandoned_upgrade_does_not_change_the_polling() -> None:
    async with served_room() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        await one.ask("POST", target, JOIN)
        await one.ask("GET", target)
        insider = Insider(h.chat, "den", "insider")
        async with h.upgrading(target) as connection:
            connection.send(frame(TEXT, b"2probe"))
            await in_time(anext(connection.texts()))
            with pytest.raises(AssertionError, match="400 == 101"):
                async with h.upgrading(target):
                    pass
        insider.say("still here")

        async def heard() -> list[str]:
            return texts((await one.ask("GET", target)).body)

        while "still here" not in (said := await in_time(heard())):
            assert said == []
        assert (await other.ask("POST", target, b"3")).status == 200
        await h.holds(1)


FLOODS = {
    "upgrades": b"5",
    "no operations": b"6",
    "answers to no ping": b"3",
    "foreign namespaces": b"40/a",
    "acknowledgements": b"430[]",
    "unknown commands": b'421["shout",{}]',
}


@pytest.mark.parametrize("packet", FLOODS.values(), ids=list(FLOODS))
async def test_the_packets_for_the_next_poll_are_bounded_by_their_memory(
    packet: bytes,
) -> None:
    limits = Limits(queue_bytes=256 * 1024, frame_bytes=128 * 1024)
    rounds = 8  # or fewer, where the session ends as a slow consumer
    body = b"\x1e".join([packet] * (limits.frame_bytes // (len(packet) + 1)))
    async with served_room(limits=limits) as h, h.caller() as one:
        target = await h.session(one)
        most_bytes = 0
        tracemalloc.start()
        try:
            while (await one.ask("POST", target, body)).status == 200 and rounds:
                most_bytes = max(most_bytes, tracemalloc.get_traced_memory()[0])
                rounds -= 1
        finally:
            tracemalloc.stop()
        assert most_bytes < 2 * limits.queue_bytes


async def test_a_packet_that_waits_for_an_attachment_costs_its_bytes() -> None:
    nested = b"[" + b"[]," * 100_000 + b"[]]"
    async with served_room() as h, h.caller() as one:
        target = await h.session(one)
        tracemalloc.start()
        try:
            assert (await one.ask("POST", target, b'451-7["say",' + nested + b"]")).status == 200
            held_bytes, _peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert held_bytes < 2 * len(nested)
        await one.ask("POST", target, b"bAQID")
        assert b'437[{"type":"refused","code":"bad_command"' in (await one.ask("GET", target)).body


async def test_abandoned_upgrades_leave_nothing_for_the_next_poll() -> None:
    async with served_room() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        for _ in range(3):
            async with h.upgrading(target) as connection:
                connection.send(frame(TEXT, b"2probe"))
                assert await in_time(anext(connection.texts())) == "3probe"
            await eventually(lambda: not h.upgrades(), "the upgrade was given up")
        assert (await other.ask("POST", target, b'428["rooms",{}]')).status == 200
        assert (await one.ask("GET", target)).body.startswith(b"438")


async def test_under_stock_a_response_has_no_more_packets_than_its_client_takes() -> None:
    async with served_room(settings="stock") as h, h.caller() as one:
        target = await h.session(one)
        await one.ask("POST", target, JOIN)
        await one.ask("GET", target)
        insider = Insider(h.chat, "den", "insider")
        for number in range(40):
            insider.say(str(number))
        heard: list[str] = []
        while len(heard) < 40:
            body = (await one.ask("GET", target)).body
            assert len(body.split(b"\x1e")) <= 16
            heard += texts(body)
        assert heard == [str(number) for number in range(40)]


async def test_a_session_without_a_namespace_ends_even_if_it_answers_pings() -> None:
    async with served_room(heartbeat=BEATING) as h, h.caller() as one, h.caller() as other:
        opened = await one.ask("GET", OPEN)
        target = f"/socket.io/?EIO=4&transport=polling&sid={sid_in(opened.body)}"
        pings = 0
        while (body := (await one.ask("GET", target)).body) == b"2":
            pings += 1
            await other.ask("POST", target, b"3")
        assert (body, pings) == (b"1", 3)
        await h.holds(0)


async def test_a_connection_without_requests_is_closed() -> None:
    async with served_room(heartbeat=BEATING, request_timeout_s=0.1) as h, h.caller() as silent:
        await silent.ended()


async def test_a_connection_is_kept_while_it_is_used_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transports._tuned.timer_wheel.IDLE_S", 1)
    async with served_room(heartbeat=Heartbeat(2, 20), request_timeout_s=1) as h, h.caller() as one:
        target = await h.session(one)
        assert (await one.ask("GET", target)).body == b"2"  # longer than it may be idle
        async with h.caller() as other:
            assert (await other.ask("POST", target, b"3")).status == 200
            await other.ended()
        await one.ended()
        await h.holds(1)


UNREADABLE = {
    "text": r'["say",{"room":"den","text":"hi \ud83d"}]',
    "key": r'["say",{"room":"den","text":"hi","key":"\ud83d"}]',
    "room": r'["join",{"room":"\ud83d","name":"ann"}]',
    "name": r'["join",{"room":"den","name":"\udc00\ud83d"}]',
    "a field beside": r'["say",{"room":"den","text":"hi","mood":"\ud83d"}]',
    "a field in a field beside": r'["say",{"room":"den","text":"hi","mood":[{"is":"\ud83d"}]}]',
    "a field's name": r'["say",{"room":"den","text":"hi","\ud83d":1}]',
    "a number too large": '["history",{"room":"den","limit":1e999}]',
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=list(UNREADABLE))
async def test_an_invalid_json_command_is_refused_with_its_id(data: str) -> None:
    async with served_room() as h, h.caller() as one:
        target = await h.session(one)
        assert (
            await one.ask("POST", target, f'427{data}\x1e428["rooms",{{}}]'.encode())
        ).status == 200
        refused, listing = (await one.ask("GET", target)).body.split(b"\x1e")
        assert refused.startswith(b'437[{"type":"refused","code":"bad_command"')
        assert listing.startswith(b'438[{"type":"listing"')


ANSWERED = {
    "a name that is a list": [b"427[[]]"],
    "a placeholder of no attachment": [
        b'451-7["say",{"room":"den","text":{"_placeholder":true,"num":1}}]',
        b"bAQID",
    ],
    "a field beside that is a large number": [b'427["shout",{"x":1e999}]'],
}


@pytest.mark.parametrize("sent", ANSWERED.values(), ids=list(ANSWERED))
async def test_an_invalid_command_gets_one_reply(sent: list[bytes]) -> None:
    async with served_room() as h, h.caller() as one:
        target = await h.session(one)
        payload = b"\x1e".join([*sent, b'428["rooms",{}]'])
        assert (await one.ask("POST", target, payload)).status == 200
        refused, listing = (await one.ask("GET", target)).body.split(b"\x1e")
        assert refused.startswith(b'437[{"type":"refused"')
        assert listing.startswith(b'438[{"type":"listing"')


BROKEN = {
    "an event without a name": [b"427[]"],
    "an event that is an object": [b"427{}"],
    "an event that is nothing": [b"427"],
    "half a JSON": [b'427["rooms",{'],
    "no JSON": [b'427["rooms",NaN]'],
    "deep nesting": [b"427" + b"[" * 20_000],
    "an event of another namespace": [b'42/admin,7["rooms",{}]'],
    "a text where an attachment is due": [b'451-7["say",{}]', b'428["rooms",{}]'],
    "an attachment of nothing": [b"bAQID"],
    "attachments of an event that has none": [b'421-7["say",{}]'],
    "attachments of nothing": [b'450-7["say",{}]'],
    "an acknowledgement that is an object": [b"437{}"],
    "a server's packet": [b'44{"message":"no"}'],
    "a ping": [b"2"],
}


@pytest.mark.parametrize("sent", BROKEN.values(), ids=list(BROKEN))
async def test_an_invalid_packet_ends_the_session(sent: list[bytes]) -> None:
    async with served_room() as h, h.caller() as one:
        target = await h.session(one)
        assert (await one.ask("POST", target, b"\x1e".join(sent))).status == 400
        assert h.server.sessions() == 0


async def test_an_event_without_a_namespace_ends_the_session() -> None:
    async with served_room() as h, h.caller() as one:
        opened = await one.ask("GET", OPEN)
        target = f"{OPEN}&sid={sid_in(opened.body)}"
        assert (await one.ask("POST", target, b'427["rooms",{}]')).status == 400
        assert h.server.sessions() == 0
