"""The page's own server: its files and no others, its control connection for its own pages only."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from lab.page import Page
from lab.page.files import HOW_TO_BUILD
from tests.page.visitor import PATIENCE_S, served, visiting

OTHER_SITES = ("https://evil.example", "http://127.0.0.1:1", "http://127.0.0.1", "null", "")


async def answered(url: str, **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(URL(url, encoded=True), headers=headers) as r,
    ):
        return r.status, await r.text()


async def answered_by_hand(page: Page, target: str, *hosts: str, **headers: str) -> bytes:
    """The whole response; a client would tidy up such a target, or such a Host."""
    lines = [*(f"Host: {host}" for host in hosts), *(f"{k}: {v}" for k, v in headers.items())]
    reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
    head = "\r\n".join([f"GET {target} HTTP/1.1", "Connection: close", *lines, "", ""])
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_the_page_is_served_and_bounded_in_what_it_may_do(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as page,
        aiohttp.ClientSession() as http,
        http.get(page.url) as response,
    ):
        assert await response.text() == "<!doctype html>the page"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert (
            "connect-src 'self' http://127.0.0.1:* https://127.0.0.1:* ws://127.0.0.1:* wss://"
            in policy
        )
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-cache"


async def test_what_is_built_is_served_for_ever(tmp_path: Path) -> None:
    async with served(tmp_path) as page, aiohttp.ClientSession() as http:
        assets = tmp_path / "static" / "assets"
        assets.mkdir()
        (assets / "index-1a2b.js").write_text("export {}")
        async with http.get(f"{page.url}assets/index-1a2b.js") as response:
            assert await response.text() == "export {}"
            assert "javascript" in response.content_type
            assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "assets/../../secret",
        "%2e%2e%2fsecret",
        "..%5csecret",
        "/etc/passwd",
        "%2fetc/passwd",
        "link",
        "assets",
        ".",
        "nothing.js",
        "%00",
        "a" * 256,
        "a" * 5000,
        "assets/" + "a" * 256,
        "a/" * 2500,
        "control/" + "a" * 256,
        "%F0%9F%98%80" * 100,
        "loop/file",
    ],
)
async def test_no_other_file_is_served(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as page:
        (tmp_path / "static" / "link").symlink_to(tmp_path / "secret")
        (tmp_path / "static" / "loop").symlink_to(tmp_path / "static" / "loop")
        (tmp_path / "static" / "assets").mkdir()
        answer = await answered_by_hand(page, f"/{path}", "127.0.0.1")
        assert answer.split()[1] in (b"404", b"400")
        assert b"nobody" not in answer
        assert b"root:" not in answer


async def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        (tmp_path / "static" / "index.html").unlink()
        status, text = await answered(page.url)
        assert status == 503
        assert text.strip() == HOW_TO_BUILD
        assert "make page" in text
        assert "Node" in text
        async with visiting(page) as visitor:
            await visitor.link("websocket")


@pytest.mark.parametrize("origin", OTHER_SITES)
async def test_a_page_of_another_origin_gets_no_control(tmp_path: Path, origin: str) -> None:
    async with served(tmp_path) as page:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with visiting(page, headers={"Origin": origin}):
                pass
        assert caught.value.status == 403


async def test_the_page_itself_gets_it_by_each_of_its_names(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        for name in ("127.0.0.1", "localhost", "[::1]"):
            at = f"{name}:{page.port}"
            headers = {"Origin": f"http://{at}", "Host": at}
            async with visiting(page, headers=headers) as visitor:
                _, url = await visitor.link("sse")
                # The same host in its URL: what is of another site is not answered.
                assert url.startswith(f"http://{name}:")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.2", "["])
async def test_it_answers_to_no_other_name(tmp_path: Path, host: str) -> None:
    async with served(tmp_path) as page:
        status, text = await answered(page.url, Host=host)
        assert status == 421
        assert "the page" not in text


@pytest.mark.parametrize(
    ("target", "hosts", "status"),
    [
        ("http://evil.example/", ["127.0.0.1"], b"421"),
        ("http://evil.example/index.html", ["127.0.0.1"], b"421"),
        ("http://127.0.0.1.evil.example/control", ["127.0.0.1"], b"421"),
        ("http://127.0.0.1/", ["evil.example"], b"200"),
        ("http://[::1]:1/", ["evil.example"], b"200"),
        ("HTTP://LocalHost/", ["evil.example"], b"200"),
        ("/", ["LOCALHOST"], b"200"),
        ("/", ["[::1]:8000"], b"200"),
        ("//evil.example/", ["127.0.0.1"], b"404"),
        ("/", ["127.0.0.1:port"], b"421"),
        ("/", ["["], b"421"),
        ("/", [], b"400"),
        ("/", ["127.0.0.1", "evil.example"], b"400"),
        ("/", ["evil.example", "127.0.0.1"], b"400"),
    ],
)
async def test_the_host_is_the_targets_before_it_is_the_headers(
    tmp_path: Path, target: str, hosts: list[str], status: bytes
) -> None:
    async with served(tmp_path) as page:
        answer = await answered_by_hand(page, target, *hosts)
        assert answer.split()[1] == status
        assert (b"the page" in answer) == (status == b"200")


@pytest.mark.parametrize("size_bytes", [9 << 10, 60 << 10])
async def test_cookies_of_other_programs_of_this_machine_are_no_obstacle(
    tmp_path: Path, size_bytes: int
) -> None:
    cookies = "; ".join(f"of-program-{n}={'x' * 1000}" for n in range(size_bytes // 1024))
    async with served(tmp_path) as page:
        answer = await answered_by_hand(page, "/", "127.0.0.1", Cookie=cookies)
        assert answer.split()[1] == b"200"
        async with visiting(page, headers={"Cookie": cookies}) as visitor:
            assert visitor.hello["transports"]


@pytest.mark.parametrize(
    "path", ["index.html", "./index.html", "assets/../index.html", "%69ndex.html", "link"]
)
async def test_the_page_by_another_path_needs_the_token_too(tmp_path: Path, path: str) -> None:
    async with served(tmp_path, token="s3cret") as page:
        (tmp_path / "static" / "assets").mkdir()
        (tmp_path / "static" / "link").symlink_to(tmp_path / "static" / "index.html")
        for query, status in (("", b"403"), ("?token=wrong", b"403"), ("?token=s3cret", b"200")):
            answer = await answered_by_hand(page, f"/{path}{query}", "127.0.0.1")
            assert answer.split()[1] == status
            assert (b"the page" in answer) == (status == b"200")


async def test_a_shared_page_needs_its_token(tmp_path: Path) -> None:
    async with served(tmp_path, token="s3cret/+") as page:
        assert page.url.endswith("/?token=s3cret%2F%2B")
        bare = page.url.partition("?")[0]
        assert (await answered(page.url))[0] == 200
        for query in ("", "?token=", "?token=wrong", "?token=s3cret", "?token=%ff"):
            status, text = await answered(bare + query)
            assert status == 403
            assert "token" in text
            async with aiohttp.ClientSession() as http:
                with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                    await http.ws_connect(URL(f"{bare}control{query}", encoded=True))
                assert caught.value.status == 403
        async with visiting(page) as visitor:
            assert visitor.hello["share"] is True
            await visitor.link("websocket")


async def test_a_shared_page_is_reached_by_the_machines_addresses(tmp_path: Path) -> None:
    shared = {"host": "0.0.0.0", "addresses": ("127.0.0.9",), "token": "s3cret"}
    async with served(tmp_path, **shared) as page:
        at = f"127.0.0.9:{page.port}"
        url = f"http://{at}/control?token=s3cret"
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, headers={"Origin": f"http://{at}"}) as socket,
        ):
            await socket.send_json({"type": "open", "id": 1, "transport": "websocket"})
            while (answer := await socket.receive_json())["type"] != "done":
                pass
            assert answer["url"].startswith("ws://127.0.0.9:")


async def test_a_port_that_is_taken_is_no_page(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        async with served(tmp_path, port=taken.getsockname()[1]):
            pass


async def test_it_ends_though_pages_are_open_and_their_links_slow(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with served(tmp_path) as page:
            sockets = [await http.ws_connect(f"{page.url}control") for _ in range(3)]
            async with visiting(page) as visitor:
                line, url = await visitor.link("sse")
                ann, _ = await visitor.connect("sse", url)
                await ann.join("lobby", "ann")
                await visitor.request("emulate", line=line, network={"delay_ms": 5000})
                visitor.forget()
                leaving = asyncio.ensure_future(page_ended(visitor.socket))
                await asyncio.sleep(0)
        ended = await asyncio.wait_for(leaving, PATIENCE_S)
        assert ended is not None
        for each in sockets:
            while (message := await each.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.data == aiohttp.WSCloseCode.GOING_AWAY
            assert message.extra == "the lab is closing"
            await each.close()


async def page_ended(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    while not socket.closed:
        await asyncio.sleep(0.01)
    return socket.close_code
