"""The fallbacks' server gets requests that the lab's own clients would not send."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Heartbeat, ServeOptions, Settings
from lab.service import ChatService
from tests.conformance.client import eventually, in_time
from tests.transports.fallbacks import POLLING, STREAMING, TRANSPORTS, read
from transports._fallback import packets
from transports._fallback.packets import Packet
from transports._fallback.transport import Fallback

LONG = Heartbeat(interval_s=3600, timeout_s=3600)
LIMITS = Limits(text_bytes=1024, frame_bytes=8 * 1024)
UNKNOWN = "7:::1+0"


class Caller:
    """A client that uses one session over plain HTTP requests."""

    def __init__(self, transport: Fallback, http: aiohttp.ClientSession, url: str) -> None:
        self.transport = transport
        self.http = http
        self.root = f"{url}/socket.io/1/"
        self.url = ""

    async def handshake(self) -> list[str]:
        """The four parts of the answer to a handshake."""
        async with self.http.get(self.root, params=self.transport.handshake_query) as response:
            assert response.status == 200
            body = await response.read()
        found = self.transport.decode_handshake(body).decode().split(":")
        self.url = f"{self.root}{self.transport.name}/{found[0]}"
        return found

    async def poll(self) -> list[Packet]:
        """The packets in the answer to one poll."""
        transport = POLLING[self.transport.name]
        async with self.http.get(self.url, params=transport.query) as response:
            assert response.status == 200
            return packets.parse(transport.decode(await response.read()))

    async def post(self, payload: str) -> tuple[int, str]:
        """Status and body of the answer to a payload."""
        body = self.transport.encode_up(payload.encode())
        async with self.http.post(self.url, data=body) as response:
            return response.status, await response.text()


@asynccontextmanager
async def serving(
    name: str, heartbeat: Heartbeat = LONG, settings: Settings = "equal", **options: Any
) -> AsyncIterator[tuple[Any, Caller]]:
    """A running server of this transport, and a client of it."""
    transport, chat = TRANSPORTS[name], ChatService(Rooms(LIMITS))
    given = ServeOptions(heartbeat=heartbeat, settings=settings, **options)
    timeout = aiohttp.ClientTimeout(total=30)
    async with (
        transport.serve(chat, given) as server,
        aiohttp.ClientSession(timeout=timeout) as http,
    ):
        yield server, Caller(transport, http, server.address.url)


def join(name: str = "ann") -> str:
    return f'4:::{{"type":"join","id":1,"room":"den","name":"{name}"}}'


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_handshake_names_the_session_its_timeouts_and_the_transport(name: str) -> None:
    async with serving(name, Heartbeat(25, 20)) as (server, caller):
        sid, *rest = await caller.handshake()
        assert rest == ["45", "45", name]
        assert len(sid) == 20
        assert (await caller.handshake())[0] != sid
        assert server.sessions() == 2
    async with serving(name, settings="stock") as (_, caller):
        assert (await caller.handshake())[1:] == ["60", "60", name]


@pytest.mark.parametrize("name", POLLING)
async def test_a_poll_gets_the_waiting_packets_or_waits_for_one(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        assert await caller.poll() == [Packet("1", "")]
        polling = asyncio.ensure_future(caller.poll())
        assert await caller.post(join()) == (200, "1")
        (joined,) = await in_time(polling)
        assert json.loads(joined.data)["type"] == "joined"


@pytest.mark.parametrize("name", POLLING)
async def test_a_poll_without_packets_ends_with_a_noop(name: str) -> None:
    async with serving(name, Heartbeat(interval_s=0.05, timeout_s=3600)) as (_, caller):
        await caller.handshake()
        await caller.poll()
        assert await in_time(caller.poll()) == [Packet("8", "")]


@pytest.mark.parametrize("name", POLLING)
async def test_commands_of_one_payload_run_in_order(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        await caller.poll()
        says = [f'4:::{{"type":"say","id":{n},"room":"den","text":"👋{n}"}}' for n in (2, 3)]
        sent = packets.payload(tuple(each.encode() for each in (join(), *says))).decode()
        assert await caller.post(sent) == (200, "1")
        kinds = [json.loads(packet.data)["type"] for packet in await caller.poll()]
        assert kinds == ["joined", "said", "message", "said", "message"]


@pytest.mark.parametrize("name", STREAMING)
async def test_a_stream_gets_heartbeats_and_stays_while_the_client_answers(name: str) -> None:
    transport = STREAMING[name]
    async with serving(name, Heartbeat(interval_s=0.05, timeout_s=3600)) as (server, caller):
        await caller.handshake()
        async with caller.http.get(caller.url) as response:
            assert response.headers["Content-Type"] == transport.content_type
            for _ in range(3):
                await _until(response, transport.encode((packets.HEARTBEAT,), {}))
                assert await caller.post("2::") == (200, "1")
            assert server.sessions() == 1
            # A close packet ends the response in order.
            assert await caller.post("0::") == (200, "1")
            rest = await in_time(response.read())
            assert read(transport, rest, [])[-1].kind == "0"
        await eventually(lambda: server.sessions() == 0, "the session was over")


@pytest.mark.parametrize("name", POLLING)
async def test_a_poll_after_the_close_gets_the_close_packet(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        await caller.poll()
        assert await caller.post("0::") == (200, "1")
        foreign = {"Origin": "https://evil.example"}
        async with caller.http.get(caller.url, headers=foreign) as response:
            assert response.status == 403
        assert await caller.poll() == [Packet("0", "")]
        assert server.sessions() == 0
        assert await _status(caller) == 404
        assert await caller.post("2::") == (404, UNKNOWN)


@pytest.mark.parametrize("name", STREAMING)
async def test_a_stream_after_the_close_is_not_found(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        assert await caller.post("0::") == (200, "1")
        assert await _status(caller) == 404


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_an_unknown_session_gets_the_advice_to_reconnect(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        caller.url = caller.url[:-1] + "x"
        assert await caller.post("2::") == (404, UNKNOWN)
        async with caller.http.get(caller.url, params=caller.transport.query) as response:
            assert (response.status, await response.text()) == (404, UNKNOWN)


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_session_is_reached_by_its_own_transport_only(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        for other in {*TRANSPORTS, "websocket", "flashsocket"} - {name}:
            async with caller.http.get(caller.url.replace(f"/{name}/", f"/{other}/")) as response:
                assert response.status == 404
        assert server.sessions() == 1


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_head_request_is_refused(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        for url in (caller.url, caller.root):
            async with caller.http.head(url, params=caller.transport.query) as response:
                assert response.status == 405
        assert server.sessions() == 1


@pytest.mark.parametrize("name", POLLING)
async def test_two_polls_at_the_same_time_end_the_session(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        await caller.poll()
        # The first poll waits, and gets the close packet that the second one causes.
        answers = await in_time(asyncio.gather(_status(caller), _status(caller)))
        assert sorted(answers) == [200, 400]
        await eventually(lambda: server.sessions() == 0, "the session was over")


@pytest.mark.parametrize("index", ["alert(1)", "0];alert(1)//", "1e3"])
async def test_an_index_that_is_no_number_is_refused(index: str) -> None:
    async with serving("jsonp-polling") as (server, caller):
        await caller.handshake()
        for url, query in ((caller.url, {"i": index}), (caller.root, {"jsonp": index})):
            async with caller.http.get(url, params=query) as response:
                assert response.status == 400
                assert "alert" not in await response.text()
        assert server.sessions() == 1
        assert await caller.poll() == [Packet("1", "")]
        assert await caller.post("0::") == (200, "1")
        async with caller.http.get(caller.url, params={"i": index}) as response:
            assert response.status == 400


@pytest.mark.parametrize("name", POLLING)
async def test_messages_other_than_json_are_refused(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        await caller.poll()
        for packet in ("3:::hello", '5:::{"name":"say","args":[]}', "4:::", "4:::[", "4:::1"):
            assert await caller.post(packet) == (200, "1")
            (refused,) = await caller.poll()
            assert json.loads(refused.data)["code"] == "bad_command"


@pytest.mark.parametrize("name", POLLING)
async def test_packets_without_a_command_get_no_answer(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        await caller.poll()
        for packet in ("1::/chat", "2::", "8::", "7:::"):
            assert await caller.post(packet) == (200, "1")
        assert await caller.post(join()) == (200, "1")
        assert len(await caller.poll()) == 1
        assert server.sessions() == 1


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_malformed_payload_ends_the_session(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        status, said = await caller.post("garbage")
        assert status == 400
        assert re.search("must be .*type", said)
        await eventually(lambda: server.sessions() == 0, "the session was over")
        assert await caller.post("2::") == (404, UNKNOWN)


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_the_limit_counts_the_payload_without_escapes(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        fits = "4:::" + "<" * (LIMITS.frame_bytes - 5)
        assert await caller.post(fits) == (200, "1")
        status, _ = await caller.post("4:::" + "x" * LIMITS.frame_bytes)
        assert status == 413
        await eventually(lambda: server.sessions() == 0, "the session was over")


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_page_of_an_admitted_origin_may_read_the_answers(name: str) -> None:
    origin = "https://a.example"
    async with serving(name, origins=(origin,)) as (_, caller):
        await caller.handshake()
        body, headers = caller.transport.encode_up(b"2::"), {"Origin": origin}
        async with caller.http.post(caller.url, data=body, headers=headers) as response:
            assert response.headers["Access-Control-Allow-Origin"] == origin
            assert response.headers["Access-Control-Allow-Credentials"] == "true"
        async with caller.http.post(caller.url, data=body) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
        headers = {"Origin": "https://b.example"}
        async with caller.http.post(caller.url, data=body, headers=headers) as response:
            assert response.status == 403


@pytest.mark.parametrize("name", TRANSPORTS)
@pytest.mark.parametrize("kin", ["cross-site", "same-site"])
async def test_a_page_of_another_origin_is_refused_without_an_origin_header(
    name: str, kin: str
) -> None:
    foreign = {"Sec-Fetch-Site": kin}
    async with serving(name, origins=("https://chat.example",)) as (server, caller):
        async with caller.http.get(caller.root, headers=foreign) as response:
            assert response.status == 403
        assert server.sessions() == 0
        await caller.handshake()
        async with caller.http.get(caller.url, headers=foreign) as response:
            assert response.status == 403
        for referer in ("https://evil.example/", "https://chat.example.evil.example/", "", "//["):
            headers = {**foreign, "Referer": referer}
            async with caller.http.get(caller.root, headers=headers) as response:
                assert response.status == 403
        for own in ({"Origin": "https://chat.example"}, {"Referer": "https://chat.example/room"}):
            async with caller.http.get(caller.root, headers={**foreign, **own}) as response:
                assert response.status == 200


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_requests_of_the_same_origin_need_no_origin_header(name: str) -> None:
    async with serving(name, origins=("https://chat.example",)) as (_, caller):
        for kin in ("same-origin", "none"):
            async with caller.http.get(caller.root, headers={"Sec-Fetch-Site": kin}) as response:
                assert response.status == 200


async def test_a_frame_gets_events_for_an_admitted_page_only() -> None:
    page = "http://127.0.0.1:8000"
    async with serving("htmlfile", origins=(page,)) as (_, caller):
        await caller.handshake()
        for foreign in ("https://evil.example", f"{page}.evil.example", "null", "*"):
            async with caller.http.get(caller.url, params={"page": foreign}) as response:
                assert response.status == 403
        async with caller.http.get(caller.url, params={"page": page}) as response:
            assert response.status == 200
            begins = await in_time(response.content.readuntil(b"</script>"))
            assert b'parent.postMessage(msg, "http://127.0.0.1:8000");' in begins
            await _until(response, b"1::")


@pytest.mark.parametrize("name", TRANSPORTS)
async def test_a_page_may_read_why_it_was_refused(name: str) -> None:
    page = {"Origin": "https://chat.example"}
    async with serving(name, origins=(page["Origin"],)) as (_, caller):
        await caller.handshake()
        malformed = caller.transport.encode_up(b"nonsense")
        too_large = b"x" * (LIMITS.frame_bytes * caller.transport.growth + 1)
        for body, status in ((malformed, 400), (malformed, 404)):
            async with caller.http.post(caller.url, data=body, headers=page) as response:
                assert response.status == status
                assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]
        await caller.handshake()
        async with caller.http.post(caller.url, data=too_large, headers=page) as response:
            assert response.status == 413
            assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]


@pytest.mark.parametrize("name", TRANSPORTS)
def test_the_settings_differ_as_socketio_did(name: str) -> None:
    answered = "by the server" if name in STREAMING else "by the end of the poll"
    beat = 25 if name in STREAMING else 20
    assert TRANSPORTS[name].effective_settings("equal")["heartbeat"] == f"25 s + 20 s, {answered}"
    assert (
        TRANSPORTS[name].effective_settings("stock")["heartbeat"] == f"{beat} s + 60 s, {answered}"
    )


async def _until(response: aiohttp.ClientResponse, packet: bytes) -> None:
    """Read until this packet has arrived."""
    found = b""
    while packet not in found:
        data = await in_time(response.content.readany())
        assert data, found
        found += data


async def _status(caller: Caller) -> int:
    async with caller.http.get(caller.url, params=caller.transport.query) as response:
        return response.status
