"""Engine.IO by hand: what no client of its own would do, and what a browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import h11
import pytest

from lab.contract import Heartbeat, ServeOptions, Settings
from lab.service import ChatService
from tests.conformance import raw
from tests.conformance.guest import Insider, eventually, in_time
from tests.conformance.raw import TEXT, Line, frame
from tests.conformance.stage import nothing_uncaught
from transports import registry
from transports._tuned_socketio import Server, TunedSocketio

NONE: Mapping[str, str] = {}
BEATING = Heartbeat(interval_s=0.2, timeout_s=10)


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """One HTTP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._http = h11.Connection(h11.CLIENT)

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] = NONE,
        *,
        twice: bool = False,
    ) -> None:
        """Send a request; `twice`: in one go with another of the same."""
        pairs = [("Host", "localhost"), *headers.items()]
        if body:
            pairs.append(("Content-Length", str(len(body))))
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        request = h11.Request(method=method, target=target, headers=pairs)
        parts = [request, *([h11.Data(body)] if body else []), h11.EndOfMessage()]
        data = b"".join(self._http.send(part) or b"" for part in parts)
        self.writer.write(data * (2 if twice else 1))

    def expect_another(self) -> None:
        """Await the response to a request that has been sent already."""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        self._http.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        self._http.send(h11.EndOfMessage())

    async def answer(self) -> Answer:
        """Await the response."""
        head, body = None, b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await in_time(self._reader.read(65536)))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            else:
                assert isinstance(event, h11.EndOfMessage), event
                assert head is not None
                headers = {name.decode().lower(): value.decode() for name, value in head.headers}
                return Answer(head.status_code, headers, body)

    async def ask(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] = NONE
    ) -> Answer:
        """Send a request and await its response."""
        self.send(method, target, body, headers)
        return await self.answer()

    async def ended(self) -> None:
        """Wait until the server hangs up."""
        assert await in_time(self._reader.read(1)) == b""


class Hall:
    """A running server of the default wire, which has all there is."""

    def __init__(self, server: Server, chat: ChatService) -> None:
        self.server = server
        self.chat = chat

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[Caller]:
        """A new connection."""
        address = self.server.address
        reader, writer = await asyncio.open_connection(address.host, address.port)
        try:
            yield Caller(reader, writer)
        finally:
            writer.transport.abort()

    async def session(self, caller: Caller) -> str:
        """Open a session that has entered the namespace; returns its requests' target."""
        opened = await caller.ask("GET", "/socket.io/?EIO=4&transport=polling")
        target = f"/socket.io/?EIO=4&transport=polling&sid={sid_in(opened.body)}"
        assert (await caller.ask("POST", target, b"40")).body == b"OK"
        assert (await caller.ask("GET", target)).body.startswith(b'40{"sid":"')
        return target

    @asynccontextmanager
    async def upgrading(self, target: str) -> AsyncIterator[Line]:
        """A WebSocket that is about to carry a session."""
        address = self.server.address
        url = f"ws://{address.host}:{address.port}{target.replace('polling', 'websocket')}"
        async with raw.upgraded(url) as line:
            yield line

    async def holds(self, count: int) -> None:
        """Wait until there are so many sessions."""
        await eventually(lambda: self.server.sessions() == count, f"{count} sessions were held")


@asynccontextmanager
async def hall(
    *, settings: Settings = "equal", heartbeat: Heartbeat | None = None
) -> AsyncIterator[Hall]:
    wire = registry.load("socketio-tuned")
    assert isinstance(wire, TunedSocketio)
    chat = ChatService()
    options = ServeOptions(settings=settings, heartbeat=heartbeat or Heartbeat())
    with nothing_uncaught():
        async with wire.serve(chat, options) as server:
            yield Hall(server, chat)


def sid_in(body: bytes) -> str:
    """The session that a first response opens."""
    sid: str = json.loads(body[1:])["sid"]
    return sid


def texts(body: bytes) -> list[str]:
    """The texts of the messages in a payload."""
    packets = body.decode().split("\x1e")
    return [p.split('"text":"')[1].split('"')[0] for p in packets if p.startswith('42["message"')]


JOIN = b'421["join",{"room":"den","name":"ann"}]'


async def test_requests_that_come_at_once_are_answered_one_after_the_other() -> None:
    async with hall() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        one.send("GET", target, twice=True)
        for number in (b"1", b"2"):
            assert (await other.ask("POST", target, b'42%b["rooms",{}]' % number)).status == 200
            assert (await one.answer()).body.startswith(b"43" + number)
            if number == b"1":
                one.expect_another()


async def test_a_body_in_pieces_is_taken_when_it_is_whole() -> None:
    async with hall() as h, h.caller() as one:
        target = await h.session(one)
        body = b'421["rooms",{}]'
        head = f"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        async with h.caller() as slow:
            for at in range(len(head + body)):
                slow.writer.write((head + body)[at : at + 1])
                await slow.writer.drain()
            assert (await one.ask("GET", target)).body.startswith(b"431")


async def test_a_second_poll_beside_one_that_waits_ends_the_session() -> None:
    async with hall() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        one.send("GET", target)
        await other.ask("POST", target, b"3")  # by now the poll has come in
        assert (await other.ask("GET", target)).status == 400
        assert (await one.answer()).body == b"1"
        await h.holds(0)


async def test_a_connection_that_is_to_be_closed_is() -> None:
    async with hall() as h, h.caller() as one, h.caller() as old:
        last = await one.ask("GET", "/socket.io/?EIO=4", headers={"Connection": "close"})
        assert last.status == 200
        await one.ended()
        old.writer.write(b"GET /socket.io/?EIO=4 HTTP/1.0\r\n\r\n")
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
    async with hall() as h, h.caller() as one:
        may = await one.ask("OPTIONS", "/socket.io/", headers=asked)
        assert may.status == 200
        assert may.headers["access-control-allow-headers"] == "content-type"
        assert "POST" in may.headers["access-control-allow-methods"]
        read = await one.ask("GET", "/socket.io/?EIO=4", headers={"Origin": origin})
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
        ("PUT", "/socket.io/?EIO=4&transport=polling", 405),
    ],
)
async def test_what_means_nothing_is_refused(method: str, target: str, status: int) -> None:
    async with hall() as h, h.caller() as one:
        assert (await one.ask(method, target)).status == status
        await one.ended()
        assert h.server.sessions() == 0


async def test_an_upgrade_takes_along_what_was_waiting_and_ends_the_polling() -> None:
    async with hall() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        await one.ask("POST", target, JOIN)
        one.send("GET", target)
        assert b"joined" in (await one.answer()).body
        one.send("GET", target)
        insider = Insider(h.chat, "den", "insider")
        assert b"arrived" in (await one.answer()).body
        one.send("GET", target)
        async with h.upgrading(target) as line:
            line.send(frame(TEXT, b"2probe"))
            said = line.texts()
            assert await in_time(anext(said)) == "3probe"
            assert (await one.answer()).body == b"6"
            insider.say("meanwhile")
            assert (await one.ask("GET", target)).body == b"6"
            line.send(frame(TEXT, b"5"))
            assert '"meanwhile"' in await in_time(anext(said))
            insider.say("after")
            assert '"after"' in await in_time(anext(said))
            assert (await one.ask("GET", target)).status == 400
            assert (await other.ask("POST", target, b"3")).status == 400
            await h.holds(1)
        await h.holds(0)


async def test_an_upgrade_that_is_given_up_leaves_the_polling_as_it_was() -> None:
    async with hall() as h, h.caller() as one, h.caller() as other:
        target = await h.session(one)
        await one.ask("POST", target, JOIN)
        await one.ask("GET", target)
        insider = Insider(h.chat, "den", "insider")
        async with h.upgrading(target) as line:
            line.send(frame(TEXT, b"2probe"))
            await in_time(anext(line.texts()))
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


async def test_under_stock_a_response_has_no_more_packets_than_its_reader_takes() -> None:
    async with hall(settings="stock") as h, h.caller() as one:
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


async def test_a_session_that_enters_nowhere_is_given_up_though_it_answers() -> None:
    async with hall(heartbeat=BEATING) as h, h.caller() as one, h.caller() as other:
        opened = await one.ask("GET", "/socket.io/?EIO=4")
        target = f"/socket.io/?EIO=4&sid={sid_in(opened.body)}"
        pings = 0
        while (body := (await one.ask("GET", target)).body) == b"2":
            pings += 1
            await other.ask("POST", target, b"3")
        assert (body, pings) == (b"1", 2)
        await h.holds(0)


async def test_a_connection_that_asks_for_nothing_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transports._tuned_wheel.OPENING_S", 0.1)
    async with hall(heartbeat=BEATING) as h, h.caller() as silent, h.caller() as slow:
        slow.writer.write(b"GET / HTT")
        await silent.ended()
        await slow.ended()


async def test_a_connection_is_kept_while_it_is_used_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transports._tuned_wheel.OPENING_S", 1)
    monkeypatch.setattr("transports._tuned_wheel.IDLE_S", 1)
    async with hall(heartbeat=Heartbeat(2, 20)) as h, h.caller() as one:
        target = await h.session(one)
        assert (await one.ask("GET", target)).body == b"2"  # longer than it may be idle
        async with h.caller() as other:
            assert (await other.ask("POST", target, b"3")).status == 200
            await other.ended()
        await one.ended()
        await h.holds(1)
