"""A page as a member of the room: its own server, and access by its origin."""

from __future__ import annotations

import aiohttp
import pytest

from lab.claims._support.page import page_partner, page_server
from lab.claims._support.ping_pong import ping_pongs
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import node_unavailable
from tests.interop.conftest import needs

TRANSPORTS: dict[str, tuple[str, ...]] = {
    "websocket": (),
    "socketio": ("polling", "websocket"),
    "socketio-polling": ("polling",),
}


async def test_the_page_gets_all_its_files() -> None:
    needs(node_unavailable())
    async with page_server() as origin, aiohttp.ClientSession() as http:
        for path, begin in {
            "": "<!doctype html>",
            "partner.mjs": "// The partner of a ping-pong",
            "socket.io.min.js": "/*!",
        }.items():
            async with http.get(f"{origin}/{path}") as response:
                assert response.status == 200, path
                assert (await response.text()).startswith(begin)


async def test_a_page_plays_natively_and_on_socket_io() -> None:
    needs(node_unavailable())
    needs(chromium_unavailable())
    async with chromium() as browser, page_server() as origin:
        played = await ping_pongs(
            TRANSPORTS,
            lambda name: page_partner(browser, origin, TRANSPORTS[name]),
            ["--origin", origin],
        )
    assert played.keys() == TRANSPORTS.keys()
    assert all(one.complete for one in played.values())


async def test_a_page_with_a_foreign_origin_is_refused() -> None:
    needs(node_unavailable())
    needs(chromium_unavailable())
    async with chromium() as browser, page_server() as origin:
        with pytest.raises(Exception, match="no WebSocket to"):
            await ping_pongs(["websocket"], lambda _: page_partner(browser, origin))
