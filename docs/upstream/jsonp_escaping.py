"""What a text becomes on its way through a JSONP poll (`?j=0`), judged by a JavaScript engine."""

from __future__ import annotations

import asyncio
import subprocess

import msgspec

from docs.upstream.asking import ask, enter, python_socketio, session
from docs.upstream.telling import tell
from transports._node_versions import program

TEXTS = {
    "plain": "hello",
    "quotes": 'she said "hi"',
    "newline": "two\nlines",
    "backslash": "C:\\new",
    "code": '"+(ran=1));//',
}
SCRIPT = """
const { runInNewContext } = require("node:vm");
const [body, sent] = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const page = { got: undefined, ran: undefined };
page.___eio = [(payload) => { page.got = payload; }];
let told;
try {
  runInNewContext(body, page);
  told = page.ran ? "the text ran as code" : "";
  told ||= JSON.parse(page.got.slice(2))[1] === sent ? "arrives" : "arrives changed";
} catch (error) {
  told = `${error.name}${page.got === undefined ? "" : " in the packet"}`;
}
process.stdout.write(told);
"""


async def observe() -> dict[str, str]:
    """What becomes of each text."""
    found = {}
    async with python_socketio() as (server, port):
        sid = await enter(port)
        for name, text in TEXTS.items():
            await server.emit("said", text)
            answer = await ask(port, f"{session(sid)}&j=0")
            found[name] = await asyncio.to_thread(_run, answer.body, text)
    return found


def _run(body: str, sent: str) -> str:
    """Run a response as a page would, and compare what it hands on with what was sent."""
    told = subprocess.run(
        [program(), "-e", SCRIPT],
        input=msgspec.json.encode((body, sent)),
        capture_output=True,
        check=True,
    )
    return told.stdout.decode()


if __name__ == "__main__":
    tell(__file__, observe)
