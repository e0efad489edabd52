"""Probes of real servers: the registry's, and others'."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import socketio
import uvicorn
from aiohttp import web

from lab.contract import Capability, ServeOptions
from lab.probe.findings import Findings, Namespace
from lab.service import ChatService
from tests.probe.conftest import answering, probed
from tests.target.conftest import serving
from transports import registry

SPEAKING = [
    name
    for name in registry.available()
    if Capability.HTTP_1 in registry.load(name).capabilities and registry.load(name).unsafe is None
]


def cost_of(found: Findings, name: str) -> Any:
    return next(cost for cost in found.transports if cost.name == name)


@pytest.mark.parametrize("name", SPEAKING)
async def test_each_transport_is_found_out_without_its_name(name: str) -> None:
    transport = registry.load(name)
    able = transport.capabilities
    async with transport.serve(ChatService(), ServeOptions()) as server:
        address = server.address
        url = address.websocket_url if Capability.NATIVE_FRAMES in able else None
        found = await probed(url or f"http://{address.host}:{address.port}/")
    engine_io = found.socket_io is not None and found.socket_io.versions == (4,)
    assert engine_io == (Capability.ENGINE_IO in able)
    native = found.native is not None and found.native.opened
    assert native == (Capability.NATIVE_FRAMES in able)
    early = Capability.HTTP_SESSION in able and Capability.ENGINE_IO not in able
    assert (found.early is not None) == early
    if engine_io:
        assert found.socket_io is not None
        admitted = (Namespace("/", True),) if Capability.DEFAULT_PARSER in able else ()
        assert found.socket_io.namespaces == admitted
        assert found.socket_io.ping_interval_ms == 25_000
    for cost in found.transports:
        assert (
            cost.round_trips
            == {
                "WebSocket": 2,
                "Socket.IO websocket": 3,
                "Socket.IO polling": 4,
                "Socket.IO upgraded": 5,
                "Engine.IO websocket": None,
            }[cost.name]
        ), cost
        assert cost.down.undecodable == cost.up.undecodable == 0
        assert cost.up.http > 0
    if Capability.ORIGIN in able:
        assert "101" not in (found.browser.websocket, found.browser.host)
        assert found.browser.allow_origin is None


async def test_servers_of_node(node_ports: dict[str, int], subtests: pytest.Subtests) -> None:
    with subtests.test("Socket.IO's get-started chat"):
        found = await probed(f"http://localhost:{node_ports['getStarted']}")
        assert found.page == "200"
        assert found.native is not None
        assert not found.native.opened
        assert found.socket_io is not None
        assert found.socket_io.versions == (4,)
        assert found.socket_io.transports == ("polling", "websocket")
        assert found.socket_io.upgrades == ("websocket",)
        assert found.socket_io.max_payload == 1_000_000
        assert found.socket_io.sticky == "any"
        assert found.browser.websocket == "101"
        assert [cost.round_trips for cost in found.transports] == [4, 3, 5]
        assert cost_of(found, "Socket.IO upgraded").purposes[1:4] == ("open", "101", "probe")
    with subtests.test("with an installation's options"):
        url = f"http://localhost:{node_ports['furnished']}"
        found = await probed(url, path="/live/", namespaces=("/", "/admin", "/none"))
        assert found.socket_io is not None
        assert found.socket_io.versions == (3, 4)
        assert found.socket_io.ping_timeout_ms == 5_000
        assert found.socket_io.max_payload == 500_000
        assert found.socket_io.cookies == ("AWSALB (AWS)",)
        assert found.socket_io.unasked == ("welcome",)
        assert "permessage-deflate" in found.socket_io.extensions[0]
        assert [each.admitted for each in found.socket_io.namespaces] == [True, False, False]
        assert found.socket_io.namespaces[2].reason == "Invalid namespace"
        refused = "what is behind /none, which refuses this client (--auth, --header)"
        assert refused in found.unknown
        assert found.browser.allow_origin == "https://probe.example"
        assert found.browser.allow_credentials
        assert ("via", "1.1 proxy") in found.headers
    with subtests.test("a namespace that wants a token"):
        found = await probed(
            url, path="/live/", namespaces=("/", "/admin"), auth={"token": "hunter22"}
        )
        assert found.socket_io is not None
        assert found.socket_io.namespaces[1] == Namespace("/admin", True)
    with subtests.test("WebSocket alone"):
        found = await probed(f"http://localhost:{node_ports['onlyWebSocket']}")
        assert found.socket_io is not None
        assert found.socket_io.transports == ("websocket",)
        assert found.browser.polling is None
        assert [cost.name for cost in found.transports] == ["Socket.IO websocket"]
    with subtests.test("Socket.IO, and no answer to other requests"):
        found = await probed(f"http://localhost:{node_ports['deafToOthers']}")
        assert found.page == "no answer"
        assert found.socket_io is not None
        assert found.socket_io.transports == ("polling", "websocket")
    with subtests.test("Engine.IO without Socket.IO"):
        found = await probed(f"http://localhost:{node_ports['engineAlone']}")
        assert found.socket_io is not None
        assert found.socket_io.namespaces == ()
        assert {cost.round_trips for cost in found.transports} == {None}
        assert found.transports[0].name == "Engine.IO polling"
    with subtests.test("ws"):
        found = await probed(f"ws://localhost:{node_ports['echo']}/echo", listen_s=0.2)
        assert found.socket_io is None
        native = found.native
        assert native is not None
        assert native.accept_valid
        assert native.subprotocol == "mqtt"
        assert "permessage-deflate" in native.extensions[0]
        assert native.unasked == ("welcome", "3 bytes")
        assert native.pings == 1
        assert native.pong_ns
        assert cost_of(found, "WebSocket").purposes == ("TCP", "101")


@asynccontextmanager
async def uvicorn_serves(app: Any) -> AsyncIterator[int]:
    """An ASGI application under uvicorn, in this process."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with closing(listener):
        serving = asyncio.create_task(server.serve([listener]))
        yield listener.getsockname()[1]
        server.should_exit = True
        await serving


async def test_python_socketio_under_an_asgi_server() -> None:
    server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")

    async def connect(sid: str, environ: Any, auth: Any) -> None:
        await server.emit("hello", {"a": 1}, to=sid)

    server.on("connect", connect)
    async with uvicorn_serves(socketio.ASGIApp(server)) as port:
        found = await probed(f"http://127.0.0.1:{port}")
        await server.shutdown()
    assert found.socket_io is not None
    assert found.socket_io.versions == (4,)
    assert found.socket_io.unasked == ("hello",)
    assert found.headers == (("server", "uvicorn"),)
    # The event comes before the packet that connects, and is not what the client waited for.
    assert cost_of(found, "Socket.IO polling").purposes == ("TCP", "open", "POST", "40")


# --- servers of a few lines, for what no library here does ---


def balanced(needs_cookie: bool) -> Any:
    """Engine.IO by polling on two servers behind a load balancer that knows its cookie, or not."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query.get("transport") != "polling":
            return web.Response(status=400)
        if "sid" not in request.query:
            text = '0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
            response = web.Response(text=text)
            response.set_cookie("SERVERID", "node-1")
            return response
        if needs_cookie and request.cookies.get("SERVERID") == "node-1":
            turns.clear()
        turns.append(1)
        if not len(turns) % 2:  # every other request goes to the other server
            return web.Response(status=400, text='{"code":1,"message":"Session ID unknown"}')
        return web.Response(text="40" if request.method == "GET" else "ok")

    turns: list[int] = []
    return handle


@pytest.mark.parametrize(("needs_cookie", "sticky"), [(True, "cookie"), (False, "connection")])
async def test_sessions_that_stick(needs_cookie: bool, sticky: str) -> None:
    async with answering(balanced(needs_cookie)) as port:
        found = await probed(f"http://127.0.0.1:{port}")
    assert found.socket_io is not None
    assert found.socket_io.sticky == sticky
    assert found.socket_io.cookies == ("SERVERID (HAProxy)",)
    assert found.socket_io.max_payload is None
    if needs_cookie:
        assert found.failed == ()
    else:
        ((name, reason),) = found.failed
        assert name == "Socket.IO polling"
        assert reason.endswith("is answered with 400")


async def test_engine_io_3_alone() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text='85:0{"sid":"abc","upgrades":[],"pingInterval":25000}2:40')

    async with answering(handle) as port:
        found = await probed(f"http://127.0.0.1:{port}")
    assert found.socket_io is not None
    assert found.socket_io.versions == (3,)
    assert found.socket_io.transports == ()
    assert "what Engine.IO 3 sends after its first packet" in found.unknown


async def test_a_web_server_without_any_of_it(subtests: pytest.Subtests) -> None:
    async def missing(_: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    async def always(_: web.Request) -> web.StreamResponse:
        return web.Response(text='0{"not":"a session"}')

    for handler, status in ((missing, "404"), (always, "200")):
        with subtests.test(status):
            async with answering(handler) as port:
                found = await probed(f"http://127.0.0.1:{port}/page")
            assert found.page == status
            assert found.native is not None
            assert found.native.answer == status
            assert found.socket_io is None
            assert found.early is None
            assert found.transports == ()


async def test_a_websocket_that_breaks_its_rfc() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Upgrade" not in head:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x83\x00")
        await reader.read()

    async with serving(serve) as port:
        found = await probed(f"ws://127.0.0.1:{port}/", listen_s=0.1)
    assert found.native is not None
    assert not found.native.accept_valid
    assert found.native.closed is not None
    assert found.native.closed[0] == 1002
    assert found.native.pong_ns is None


async def test_findings_are_json(node_ports: dict[str, int]) -> None:
    found = await probed(f"ws://localhost:{node_ports['echo']}/echo")
    import msgspec

    assert msgspec.json.decode(msgspec.json.encode(found), type=Findings) == found
    assert json.loads(msgspec.json.encode(found))["native"]["resource"] == "/echo"
