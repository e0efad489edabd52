"""The claim `no-library`: WebSocket is a standard that is simply there, with nothing to install."""

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

from lab.claims.claim import Claim, Finding, Verdict, needs
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import PACKAGES, node_unavailable, run_node
from lab.measure.server import ServerProcess

PATIENCE_S = 30.0
SCRIPT = Path(__file__).parent / "js" / "no_library.mjs"
CLIENT = PACKAGES / "node_modules" / "socket.io-client"
BUNDLES = ("socket.io.min.js", "socket.io.esm.min.js")
"""What a page includes: as a script, or as a module."""

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
"""Run in a page: asks the room which rooms there are, by what the browser has and nothing else."""


class Bundle(msgspec.Struct, frozen=True):
    """What a browser downloads of a library, in bytes: as it is, and as servers compress it."""

    name: str
    raw: int
    gzip: int
    brotli: int


class Installed(msgspec.Struct, frozen=True):
    """Who has WebSocket with nothing installed. `*_server`: modules that can serve it."""

    browser_client: bool
    node_client: bool
    node_server: tuple[str, ...]
    python: tuple[str, ...]

    @property
    def have(self) -> tuple[bool, ...]:
        """Whether there is one: for a page, a client in Node, a server in Node, and Python."""
        return (self.browser_client, self.node_client, bool(self.node_server), bool(self.python))


def judge(found: Installed) -> Verdict:
    """Nothing has to be installed by anybody, by some, or by all."""
    if all(found.have):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(found.have) else Verdict.DOES_NOT_HOLD


def weigh(path: Path) -> Bundle:
    """A file's bytes, and those of it at gzip's and Brotli's best."""
    data = path.read_bytes()
    packed = (len(gzip.compress(data, 9, mtime=0)), len(brotli.compress(data, quality=11)))
    return Bundle(path.name, len(data), *packed)


def python_modules() -> tuple[str, ...]:
    """Modules of Python's standard library that speak WebSocket, by their names."""
    return tuple(sorted(name for name in sys.stdlib_module_names if "websocket" in name.lower()))


async def browser_client() -> bool:
    """Whether a page without any script can ask a room over WebSocket.

    The page is what the room's own server answers to an ordinary GET, so that its Origin is right.
    """
    with ServerProcess("websocket") as server:
        async with chromium() as browser, asyncio.timeout(PATIENCE_S):
            page = await browser.new_page()
            await page.goto(server.url.replace("ws:", "http:"))
            answer: dict[str, Any] = await page.evaluate(ASK, server.url)
    return answer == {"type": "listing", "scripts": 0}


async def test() -> Finding:
    """Look at what is there: in a page, in Node, in Python; and weigh Socket.IO's client."""
    needs(node_unavailable(), chromium_unavailable())
    bundles = [weigh(CLIENT / "dist" / name) for name in BUNDLES]
    node = (await run_node(SCRIPT, timeout_s=PATIENCE_S)).lines[0]
    found = Installed(
        await browser_client(), bool(node["client"]), tuple(node["server"]), python_modules()
    )
    version = json.loads((CLIENT / "package.json").read_text("utf-8"))["version"]
    evidence = (
        f"In Chromium, a page without a script {'did' if found.browser_client else 'did not'} "
        "ask the room over native WebSocket: 0 B to download.",
        *(_told(bundle, version) for bundle in bundles),
        f"Node {node['version']}: {_has(found.node_client)} client of its own, "
        f"{_has(bool(found.node_server))} server.",
        f"Python {platform.python_version()}: {_has(bool(found.python))} module for WebSocket in "
        f"its standard library of {len(sys.stdlib_module_names)}.",
    )
    return Finding(judge(found), evidence)


def _told(bundle: Bundle, version: str) -> str:
    return (
        f"socket.io-client {version}, {bundle.name}: {bundle.raw:,} B, "
        f"{bundle.gzip:,} B by gzip, {bundle.brotli:,} B by Brotli."
    )


def _has(thing: bool) -> str:
    return "a" if thing else "no"


CLAIM = Claim(
    name="no-library",
    english=(
        "WebSocket is a standard for talking in both directions that came with HTML5. "
        "There is nothing to install."
    ),
    korean="WebSocket은 HTML5와 함께 나온 양방향 통신 표준이라서, 따로 설치할 것이 없다.",
    asked=(
        "A page without any script asks the room over WebSocket, Node and Python are searched for "
        "a client and a server of their own, and Socket.IO's client is weighed."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "It holds in a browser, which has had RFC 6455 built in for years, while each page has to "
        "download Socket.IO's client. It does not hold for a server: neither Node nor Python's "
        "standard library can serve WebSocket, so one installs `ws` or `websockets` there. "
        "Node has had a client of its own since version 22, Python has none."
    ),
    test=test,
)
