"""Sending in the chat: what is pasted does not wait, and a server that died is started again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from lab.interop.node import node_unavailable
from tests.interop.conftest import needs
from tests.page.browser.conftest import Visit
from tests.page.web import Served, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASTE_AND_ENTER = """async (texts) => {
  const field = document.querySelector(".composer textarea");
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  for (const text of texts) {
    set.call(field, text);
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await Promise.resolve();
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    await Promise.resolve();
  }
}"""


async def test_what_is_pasted_and_sent_does_not_wait_behind_typing(
    served: Served, visit: Visit
) -> None:
    ada = await visit()
    await ada.enter("ada", "socketio-polling", "pasted")
    await ada.tab.evaluate(PASTE_AND_ENTER, ["one", "two"])
    await ada.delivered()
    assert await ada.texts() == ["one", "two"]
    assert "page" in await ada.tab.locator(".said .state").last.inner_text()
    spent = served.line("socketio-polling")._inspector._ledger.account().spent
    assert (spent["message"].count, spent["typing"].count) == (2, 0)


def node_servers() -> list[int]:
    """Programs of Node's servers that this process has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"main.mjs" in command:
            found.append(int(entry.name))
    return found


async def test_a_node_server_that_died_is_started_again(served: Served, visit: Visit) -> None:
    needs(node_unavailable())
    needs(None if Path("/proc").is_dir() else "needs /proc")
    ada = await visit(breaks=True)
    await ada.tab.locator(".picker details summary").click()
    await ada.enter("ada", "node-websocket", "in Node")
    await ada.say("before")
    await ada.delivered()
    (server,) = node_servers()
    line = served.line("node-websocket")
    os.kill(server, signal.SIGKILL)

    async def begun_anew() -> bool:
        return served.line("node-websocket") is not line

    await until(begun_anew)
    await ada.stands()
    await ada.say("after")
    await ada.tab.locator(".said .text", has_text="after").wait_for()
    await ada.delivered()
