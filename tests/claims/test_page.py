"""A page as a member of the room: served apart from the chat, and let in by its origin."""

from __future__ import annotations

import aiohttp
import pytest

from lab.claims.page import page_partner, page_server
from lab.claims.volley import volleys
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import node_unavailable
from tests.interop.conftest import needs

WIRES: dict[str, tuple[str, ...]] = {
    "websocket": (),
    "socketio": ("polling", "websocket"),
    "socketio-polling": ("polling",),
}


async def test_the_page_has_all_that_it_asks_for() -> None:
    needs(node_unavailable())
    async with page_server() as origin, aiohttp.ClientSession() as http:
        for path, begin in {
            "": "<!doctype html>",
            "partner.mjs": "// The partner of a volley",
            "socket.io.min.js": "/*!",
        }.items():
            async with http.get(f"{origin}/{path}") as response:
                assert response.status == 200, path
                assert (await response.text()).startswith(begin)


async def test_a_page_plays_natively_and_on_socket_io() -> None:
    needs(node_unavailable())
    needs(chromium_unavailable())
    async with chromium() as browser, page_server() as origin:
        played = await volleys(
            WIRES, lambda name: page_partner(browser, origin, WIRES[name]), ["--origin", origin]
        )
    assert played.keys() == WIRES.keys()
    assert all(one.complete for one in played.values())


async def test_a_page_whose_origin_is_not_allowed_is_not_let_in() -> None:
    needs(node_unavailable())
    needs(chromium_unavailable())
    async with chromium() as browser, page_server() as origin:
        with pytest.raises(Exception, match="no WebSocket to"):
            await volleys(["websocket"], lambda _: page_partner(browser, origin))
