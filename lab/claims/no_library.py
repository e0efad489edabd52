"""The claim `no-library`: WebSocket is a standard, so there is nothing to install."""

from __future__ import annotations

import asyncio
import gzip
import json
import platform
import sys
from pathlib import Path
from typing import Any

import brotli
import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import PACKAGES, node_unavailable, run_node
from lab.measure.server import ServerProcess

PATIENCE_S = 30.0
SCRIPT = Path(__file__).parent / "js" / "no_library.mjs"
CLIENT = PACKAGES / "node_modules" / "socket.io-client"
BUNDLES = ("socket.io.min.js", "socket.io.esm.min.js")
"""The files that a page includes: as a script, or as a module."""

ASK = """async (url) => {
  const ws = new WebSocket(url);
  const answer = new Promise((resolve, reject) => {
    ws.onopen = () => ws.send(JSON.stringify({ type: "rooms", id: 1 }));
    ws.onmessage = (event) => resolve(JSON.parse(event.data).type);
    ws.onerror = () => reject(new Error("no connection"));
  });
  const type = await answer;
  ws.close();
  return { type, scripts: document.scripts.length };
}"""
"""Runs in a page: requests the list of rooms with nothing but the browser's own WebSocket."""


class Bundle(msgspec.Struct, frozen=True):
    """The size of a library for the browser, in bytes: plain and compressed."""

    name: str
    raw: int
    gzip: int
    brotli: int


class Installed(msgspec.Struct, frozen=True):
    """Which environments have WebSocket built in; `node_server`, `python`: names of modules."""

    browser_client: bool
    node_client: bool
    node_server: tuple[str, ...]
    python: tuple[str, ...]

    @property
    def have(self) -> tuple[bool, ...]:
        """Whether a page, a Node client, a Node server and Python each have WebSocket built in."""
        return (self.browser_client, self.node_client, bool(self.node_server), bool(self.python))


def judge(found: Installed) -> Verdict:
    """Judge whether no environment has to install something, some, or all."""
    if all(found.have):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(found.have) else Verdict.DOES_NOT_HOLD


def weigh(path: Path) -> Bundle:
    """Return the size of a file, plain and with the best compression of gzip and Brotli."""
    data = path.read_bytes()
    packed = (len(gzip.compress(data, 9, mtime=0)), len(brotli.compress(data, quality=11)))
    return Bundle(path.name, len(data), *packed)


def python_modules() -> tuple[str, ...]:
    """The modules of Python's standard library that speak WebSocket."""
    return tuple(sorted(name for name in sys.stdlib_module_names if "websocket" in name.lower()))


async def browser_client() -> bool:
    """Return whether a page without any script can use the room over WebSocket.

    The room's own server delivers the page in answer to a GET, so that its Origin is right.
    """
    with ServerProcess("websocket") as server:
        async with chromium() as browser, asyncio.timeout(PATIENCE_S):
            page = await browser.new_page()
            await page.goto(server.url.replace("ws:", "http:"))
            answer: dict[str, Any] = await page.evaluate(ASK, server.url)
    return answer == {"type": "listing", "scripts": 0}


async def test() -> Finding:
    """Look for WebSocket in a page, in Node and in Python, and measure Socket.IO's client."""
    needs(node_unavailable(), chromium_unavailable())
    bundles = [weigh(CLIENT / "dist" / name) for name in BUNDLES]
    node = (await run_node(SCRIPT, timeout_s=PATIENCE_S)).lines[0]
    found = Installed(
        await browser_client(), bool(node["client"]), tuple(node["server"]), python_modules()
    )
    version = json.loads((CLIENT / "package.json").read_text("utf-8"))["version"]
    evidence = (
        IN_PAGE.fill(used=USED if found.browser_client else NOT_USED),
        *(_describe(bundle, version) for bundle in bundles),
        IN_NODE.fill(
            version=node["version"],
            client=_has(found.node_client),
            server=_has(bool(found.node_server)),
        ),
        IN_PYTHON.fill(
            version=platform.python_version(),
            module=_has(bool(found.python)),
            modules=len(sys.stdlib_module_names),
        ),
    )
    have = [name for name, it in zip(PLACES, found.have, strict=True) if it]
    in_short = IN_SHORT.fill(have=len(have), of=len(PLACES), size=bundles[0].gzip)
    return Finding(judge(found), in_short, evidence)


PLACES = ("page", "Node client", "Node server", "Python")
IN_SHORT = Bilingual(
    "{have} of {of} places have WebSocket built in (page, Node client, Node server, Python); "
    "Socket.IO's client is {size:,} B by gzip.",
    "페이지, Node 클라이언트, Node 서버, Python의 {of}곳 중 {have}곳에 WebSocket이 내장되어 "
    "있습니다. Socket.IO 클라이언트는 gzip으로 {size:,} B입니다.",
)
IN_PAGE = Bilingual(
    "In Chromium, a page without a script {used} the room over native WebSocket: 0 B to download.",
    "Chromium에서 스크립트가 없는 페이지가 내장 WebSocket으로 방을 {used}: 내려받은 것은 0 "
    "B입니다.",
)
USED, NOT_USED = Bilingual("used", "사용했습니다"), Bilingual("did not use", "사용하지 못했습니다")
IN_NODE = Bilingual(
    "Node {version}: {client} built-in client, {server} built-in server.",
    "Node {version}: 내장 클라이언트 {client}, 내장 서버 {server}.",
)
IN_PYTHON = Bilingual(
    "Python {version}: {module} module for WebSocket among the {modules} of the standard library.",
    "Python {version}: 표준 라이브러리의 모듈 {modules}개 중 WebSocket 모듈 {module}.",
)
SIZES = Bilingual(
    "socket.io-client {version}, {name}: {raw:,} B, {gzip:,} B by gzip, {brotli:,} B by Brotli.",
    "socket.io-client {version}, {name}: {raw:,} B, gzip으로 {gzip:,} B, Brotli로 {brotli:,} B.",
)


def _describe(bundle: Bundle, version: str) -> Bilingual:
    return SIZES.fill(version=version, **msgspec.structs.asdict(bundle))


def _has(thing: bool) -> Bilingual:
    return Bilingual("a", "있음") if thing else Bilingual("no", "없음")


CLAIM = Claim(
    name="no-library",
    said=Bilingual(
        "WebSocket is a standard for communication in both directions that came with HTML5. There "
        "is nothing to install.",
        "WebSocket은 HTML5와 함께 나온 양방향 통신 표준이라서, 따로 설치할 것이 없습니다.",
    ),
    experiment=Bilingual(
        "A page without any script uses the room over WebSocket. The lab looks for a built-in "
        "client and server in Node and in Python, and measures the size of Socket.IO's client.",
        "스크립트가 하나도 없는 페이지가 WebSocket으로 방을 사용합니다. Node와 Python에 내장된 "
        "클라이언트와 서버가 있는지 찾아보고, Socket.IO 클라이언트의 크기를 잽니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "The claim holds in a browser: RFC 6455 has been built in for years, while each page has "
        "to download Socket.IO's client. It does not hold for a server: neither Node nor Python's "
        "standard library can serve WebSocket, so you install `ws` or `websockets` there. Node "
        "has a built-in client since version 22; Python has none.",
        "브라우저에서는 맞습니다. RFC 6455는 오래전부터 브라우저에 내장되어 있고, Socket.IO를 "
        "쓰는 페이지는 클라이언트를 내려받아야 합니다. 서버에서는 틀립니다. Node에도 Python 표준 "
        "라이브러리에도 WebSocket 서버가 없어서 `ws`나 `websockets`를 설치합니다. Node에는 22부터 "
        "내장 클라이언트가 있고, Python에는 없습니다.",
    ),
    test=test,
)
