"""The fallbacks' server, asked by requests that no client of ours would send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Heartbeat, ServeOptions, Settings
from lab.service import ChatService
from tests.conformance.guest import eventually, in_time
from tests.transports.fallbacks import POLLING, STREAMING, WIRES
from transports import _fallback_packets as packets
from transports._fallback import Fallback
from transports._fallback_packets import Packet

LONG = Heartbeat(interval_s=3600, timeout_s=3600)
LIMITS = Limits(text_bytes=1024, frame_bytes=8 * 1024)
UNKNOWN = "7:::1+0"


class Caller:
    """Somebody with an HTTP client and a session."""

    def __init__(self, wire: Fallback, http: aiohttp.ClientSession, url: str) -> None:
        self.wire = wire
        self.http = http
        self.root = f"{url}/socket.io/1/"
        self.url = ""

    async def handshake(self) -> list[str]:
        """What the handshake was answered with, in its four parts."""
        async with self.http.get(self.root, params=self.wire.handshake_query) as response:
            assert response.status == 200
            body = await response.read()
        found = self.wire.decode_handshake(body).decode().split(":")
        self.url = f"{self.root}{self.wire.name}/{found[0]}"
        return found

    async def poll(self) -> list[Packet]:
        """What one poll brings."""
        wire = POLLING[self.wire.name]
        async with self.http.get(self.url, params=wire.query) as response:
            assert response.status == 200
            return packets.parse(wire.decode(await response.read()))

    async def post(self, payload: str) -> tuple[int, str]:
        """Status and body of the answer to a payload."""
        body = self.wire.encode_up(payload.encode())
        async with self.http.post(self.url, data=body) as response:
            return response.status, await response.text()


@asynccontextmanager
async def serving(
    name: str, heartbeat: Heartbeat = LONG, settings: Settings = "equal", **options: Any
) -> AsyncIterator[tuple[Any, Caller]]:
    """A running server of this wire, and somebody to call it."""
    wire, chat = WIRES[name], ChatService(Rooms(LIMITS))
    given = ServeOptions(heartbeat=heartbeat, settings=settings, **options)
    timeout = aiohttp.ClientTimeout(total=30)
    async with wire.serve(chat, given) as server, aiohttp.ClientSession(timeout=timeout) as http:
        yield server, Caller(wire, http, server.address.url)


def join(name: str = "ann") -> str:
    return f'4:::{{"type":"join","id":1,"room":"den","name":"{name}"}}'


@pytest.mark.parametrize("name", WIRES)
async def test_a_handshake_names_the_session_its_timeouts_and_the_transport(name: str) -> None:
    async with serving(name, Heartbeat(25, 20)) as (server, caller):
        sid, *told = await caller.handshake()
        assert told == ["45", "45", name]
        assert len(sid) == 20
        assert (await caller.handshake())[0] != sid
        assert server.sessions() == 2
    async with serving(name, settings="stock") as (_, caller):
        assert (await caller.handshake())[1:] == ["60", "60", name]


@pytest.mark.parametrize("name", POLLING)
async def test_a_poll_brings_what_there_is_and_waits_where_there_is_nothing(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        assert await caller.poll() == [Packet("1", "")]
        polling = asyncio.ensure_future(caller.poll())
        assert await caller.post(join()) == (200, "1")
        (joined,) = await in_time(polling)
        assert json.loads(joined.data)["type"] == "joined"


@pytest.mark.parametrize("name", POLLING)
async def test_a_poll_that_brings_nothing_ends_with_a_noop(name: str) -> None:
    async with serving(name, Heartbeat(interval_s=0.05, timeout_s=3600)) as (_, caller):
        await caller.handshake()
        await caller.poll()
        assert await in_time(caller.poll()) == [Packet("8", "")]


@pytest.mark.parametrize("name", POLLING)
async def test_packets_of_one_payload_are_carried_out_in_order(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        await caller.poll()
        says = [f'4:::{{"type":"say","id":{n},"room":"den","text":"👋{n}"}}' for n in (2, 3)]
        sent = packets.payload(tuple(each.encode() for each in (join(), *says))).decode()
        assert await caller.post(sent) == (200, "1")
        kinds = [json.loads(packet.data)["type"] for packet in await caller.poll()]
        assert kinds == ["joined", "said", "message", "said", "message"]


@pytest.mark.parametrize("name", STREAMING)
async def test_a_stream_is_asked_for_a_sign_of_life_and_stays_while_it_gives_one(name: str) -> None:
    wire = STREAMING[name]
    async with serving(name, Heartbeat(interval_s=0.05, timeout_s=3600)) as (server, caller):
        await caller.handshake()
        async with caller.http.get(caller.url) as response:
            assert response.headers["Content-Type"] == wire.content_type
            for _ in range(3):
                await _until(response, packets.HEARTBEAT)
                assert await caller.post("2::") == (200, "1")
            assert server.sessions() == 1
            # A goodbye ends the response in order.
            assert await caller.post("0::") == (200, "1")
            rest = await in_time(response.read())
            assert packets.DISCONNECT in rest
        await eventually(lambda: server.sessions() == 0, "the session was over")


@pytest.mark.parametrize("name", POLLING)
async def test_a_poll_that_comes_after_a_goodbye_brings_it(name: str) -> None:
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
async def test_a_stream_that_is_asked_for_after_a_goodbye_is_none(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        assert await caller.post("0::") == (200, "1")
        assert await _status(caller) == 404


@pytest.mark.parametrize("name", WIRES)
async def test_an_unknown_session_is_told_to_shake_hands(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        caller.url = caller.url[:-1] + "x"
        assert await caller.post("2::") == (404, UNKNOWN)
        async with caller.http.get(caller.url, params=caller.wire.query) as response:
            assert (response.status, await response.text()) == (404, UNKNOWN)


@pytest.mark.parametrize("name", WIRES)
async def test_a_session_is_reached_by_its_own_transport_only(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        for other in {*WIRES, "websocket", "flashsocket"} - {name}:
            async with caller.http.get(caller.url.replace(f"/{name}/", f"/{other}/")) as response:
                assert response.status == 404
        assert server.sessions() == 1


@pytest.mark.parametrize("name", WIRES)
async def test_a_head_takes_nothing(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        for url in (caller.url, caller.root):
            async with caller.http.head(url, params=caller.wire.query) as response:
                assert response.status == 405
        assert server.sessions() == 1


@pytest.mark.parametrize("name", POLLING)
async def test_two_polls_at_a_time_end_the_session(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        await caller.poll()
        # Whichever comes first is parked, and gets the goodbye that the other one causes.
        answers = await in_time(asyncio.gather(_status(caller), _status(caller)))
        assert sorted(answers) == [200, 400]
        await eventually(lambda: server.sessions() == 0, "the session was over")


@pytest.mark.parametrize("index", ["", "alert(1)", "0];alert(1)//", "1e3"])
async def test_an_index_that_is_no_number_takes_nothing(index: str) -> None:
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
async def test_other_messages_than_json_are_refused(name: str) -> None:
    async with serving(name) as (_, caller):
        await caller.handshake()
        await caller.poll()
        for packet in ("3:::hello", '5:::{"name":"say","args":[]}', "4:::", "4:::[", "4:::1"):
            assert await caller.post(packet) == (200, "1")
            (refused,) = await caller.poll()
            assert json.loads(refused.data)["code"] == "bad_command"


@pytest.mark.parametrize("name", POLLING)
async def test_packets_that_say_nothing_have_no_answer(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        await caller.poll()
        for packet in ("1::/chat", "2::", "8::", "7:::"):
            assert await caller.post(packet) == (200, "1")
        assert await caller.post(join()) == (200, "1")
        assert len(await caller.poll()) == 1
        assert server.sessions() == 1


@pytest.mark.parametrize("name", WIRES)
async def test_what_breaks_the_protocol_ends_the_session(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        status, said = await caller.post("garbage")
        assert status == 400
        assert "type:id:endpoint" in said
        await eventually(lambda: server.sessions() == 0, "the session was over")
        assert await caller.post("2::") == (404, UNKNOWN)


@pytest.mark.parametrize("name", WIRES)
async def test_a_payload_is_bounded_and_not_what_escapes_make_of_it(name: str) -> None:
    async with serving(name) as (server, caller):
        await caller.handshake()
        fits = "4:::" + "<" * (LIMITS.frame_bytes - 5)
        assert await caller.post(fits) == (200, "1")
        status, _ = await caller.post("4:::" + "x" * LIMITS.frame_bytes)
        assert status == 413
        await eventually(lambda: server.sessions() == 0, "the session was over")


@pytest.mark.parametrize("name", WIRES)
async def test_a_page_of_an_admitted_origin_may_read_the_answers(name: str) -> None:
    origin = "https://a.example"
    async with serving(name, origins=(origin,)) as (_, caller):
        await caller.handshake()
        body, headers = caller.wire.encode_up(b"2::"), {"Origin": origin}
        async with caller.http.post(caller.url, data=body, headers=headers) as response:
            assert response.headers["Access-Control-Allow-Origin"] == origin
            assert response.headers["Access-Control-Allow-Credentials"] == "true"
        async with caller.http.post(caller.url, data=body) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
        headers = {"Origin": "https://b.example"}
        async with caller.http.post(caller.url, data=body, headers=headers) as response:
            assert response.status == 403


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.parametrize("kin", ["cross-site", "same-site"])
async def test_a_page_of_another_origin_gets_nothing_even_if_it_does_not_say_so(
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
            told = {**foreign, "Referer": referer}
            async with caller.http.get(caller.root, headers=told) as response:
                assert response.status == 403
        for own in ({"Origin": "https://chat.example"}, {"Referer": "https://chat.example/room"}):
            async with caller.http.get(caller.root, headers={**foreign, **own}) as response:
                assert response.status == 200


@pytest.mark.parametrize("name", WIRES)
async def test_who_is_no_other_page_need_not_say_what_it_is(name: str) -> None:
    async with serving(name, origins=("https://chat.example",)) as (_, caller):
        for kin in ("same-origin", "none"):
            async with caller.http.get(caller.root, headers={"Sec-Fetch-Site": kin}) as response:
                assert response.status == 200


async def test_a_frame_is_told_things_for_an_admitted_page_only() -> None:
    page = "http://127.0.0.1:8000"
    async with serving("htmlfile", origins=(page,)) as (_, caller):
        await caller.handshake()
        for foreign in ("https://evil.example", f"{page}.evil.example", "null", "*", ""):
            async with caller.http.get(caller.url, params={"page": foreign}) as response:
                assert response.status == 403
        async with caller.http.get(caller.url, params={"page": page}) as response:
            assert response.status == 200
            begins = await in_time(response.content.readuntil(b"</script>"))
            assert b'parent.postMessage(msg, "http://127.0.0.1:8000");' in begins
            await _until(response, b"1::")


@pytest.mark.parametrize("name", WIRES)
async def test_a_page_may_read_why_it_was_refused(name: str) -> None:
    page = {"Origin": "https://chat.example"}
    async with serving(name, origins=(page["Origin"],)) as (_, caller):
        await caller.handshake()
        malformed = caller.wire.encode_up(b"nonsense")
        too_large = b"x" * (LIMITS.frame_bytes * caller.wire.growth + 1)
        for body, status in ((malformed, 400), (malformed, 404)):
            async with caller.http.post(caller.url, data=body, headers=page) as response:
                assert response.status == status
                assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]
        await caller.handshake()
        async with caller.http.post(caller.url, data=too_large, headers=page) as response:
            assert response.status == 413
            assert response.headers["Access-Control-Allow-Origin"] == page["Origin"]


@pytest.mark.parametrize("name", WIRES)
def test_the_settings_differ_as_socketio_did(name: str) -> None:
    answered = "by the server" if name in STREAMING else "by the end of the poll"
    beat = 25 if name in STREAMING else 20
    assert WIRES[name].knobs("equal")["heartbeat"] == f"25 s + 20 s, {answered}"
    assert WIRES[name].knobs("stock")["heartbeat"] == f"{beat} s + 60 s, {answered}"


async def _until(response: aiohttp.ClientResponse, packet: bytes) -> None:
    """Read on until this packet has come."""
    found = b""
    while packet not in found:
        data = await in_time(response.content.readany())
        assert data, found
        found += data


async def _status(caller: Caller) -> int:
    async with caller.http.get(caller.url, params=caller.wire.query) as response:
        return response.status
