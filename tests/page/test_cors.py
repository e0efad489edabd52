"""Every transport with HTTP requests lets the page read the answers, errors too."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from lab.contract import Capability
from tests.page.test_control import TRANSPORTS
from tests.page.visitor import served, visiting
from transports import registry

ASKED = [name for name in TRANSPORTS if Capability.HTTP_SESSION in registry.load(name).capabilities]
FOREIGN = "https://evil.example"


def paths(name: str) -> tuple[str, str]:
    """Where a session is asked for, and where one is that there is not."""
    if Capability.ENGINE_IO in registry.load(name).capabilities:
        root = "/socket.io/?EIO=4&transport=polling"
        return root, f"{root}&sid=nobody"
    return "/socket.io/1/", f"/socket.io/1/{name}/nobody"


@pytest.mark.parametrize("name", ASKED)
async def test_the_page_may_read_and_no_other(tmp_path: Path, name: str) -> None:
    async with (
        served(tmp_path, offered=(name,)) as page,
        visiting(page) as visitor,
        aiohttp.ClientSession() as http,
    ):
        _, url = await visitor.link(name)
        handshake, nobody = paths(name)
        own = page.url.rstrip("/")
        for method, path, least in (
            ("GET", handshake, 200),
            ("GET", nobody, 400),
            ("POST", nobody, 400),
        ):
            body = "x" if method == "POST" else None
            for origin in (own, FOREIGN):
                async with http.request(
                    method, url + path, data=body, headers={"Origin": origin}
                ) as response:
                    readable = response.headers.get("Access-Control-Allow-Origin")
                    if origin == own:
                        assert least <= response.status < least + 99
                        assert readable == own
                    else:
                        assert 400 <= response.status < 500
                        assert readable != origin
                        assert readable != "*"
