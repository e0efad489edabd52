"""npm's client in Chromium, as it is installed, moves from polling to the lab's WebTransport."""

from __future__ import annotations

import asyncio

import pytest

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.claims._support.page import page_server
from lab.contract import Capability, ServeOptions
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import PACKAGES
from lab.interop.pages import BUNDLE
from lab.service import ChatService
from tests.interop.conftest import needs
from tests.page.web import PATIENCE_S, TRUST
from transports import registry

WANTED = {Capability.WEBTRANSPORT, Capability.ENGINE_IO}
SERVED = [name for name in registry.available() if registry.load(name).capabilities >= WANTED]
TALK = """async ([url, hash]) => {
  const value = Uint8Array.from(atob(hash), letter => letter.charCodeAt(0));
  const webtransport = { serverCertificateHashes: [{ algorithm: "sha-256", value }] };
  const socket = io(url, { transportOptions: { webtransport }, reconnection: false });
  const engine = socket.io.engine;
  const began = engine.transport.name;
  const moved = new Promise((resolve, reject) => {
    engine.once("upgrade", transport => resolve(transport.name));
    engine.once("upgradeError", reject);
    socket.once("connect_error", reject);
  });
  const joined = await socket.emitWithAck("join", { room: "den", name: "ada" });
  const on = await moved;
  const heard = new Promise(resolve => socket.once("message", resolve));
  const said = await socket.emitWithAck("say", { room: "den", text: "é".repeat(200) });
  const { text } = await heard;
  const closed = new Promise(resolve => engine.once("close", resolve));
  socket.disconnect();
  await closed;
  return { began, on, joined: joined.type, said: said.type, length: text.length };
}"""


@pytest.mark.parametrize("name", SERVED)
async def test_the_default_client_moves_from_polling_to_webtransport(name: str) -> None:
    needs(chromium_unavailable())
    needs(None if BUNDLE.is_file() else f"needs socket.io-client: npm ci --prefix {PACKAGES}")
    from lab.tls.authority import certificate_hash, certified, key_pin

    chat = ChatService(Rooms(Limits()))
    with certified() as made:
        certificate = made.server.certificate
        async with (
            page_server() as origin,
            chromium(f"{TRUST}={key_pin(certificate)}") as browser,
            registry.load(name).serve(
                chat, ServeOptions(tls=made.server, origins=(origin,))
            ) as server,
            asyncio.timeout(PATIENCE_S),
        ):
            tab = await browser.new_page()
            await tab.goto(origin)
            found = await tab.evaluate(TALK, [server.address.url, certificate_hash(certificate)])
            assert found == {
                "began": "polling",
                "on": "webtransport",
                "joined": "joined",
                "said": "said",
                "length": 200,
            }
