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
const told = JSON.parse(require("node:fs").readFileSync(0, "utf8")).map(([body, sent]) => {
  const page = { got: undefined, ran: undefined };
  page.___eio = [(payload) => { page.got = payload; }];
  try {
    runInNewContext(body, page);
    if (page.ran) return "the text ran as code";
    return JSON.parse(page.got.slice(2))[1] === sent ? "arrives" : "arrives changed";
  } catch (error) {
    return `${error.name}${page.got === undefined ? "" : " in the packet"}`;
  }
});
process.stdout.write(JSON.stringify(told));
"""


async def observe() -> dict[str, str]:
    """What becomes of each text."""
    answered = []
    async with python_socketio() as (server, port):
        sid = await enter(port)
        for text in TEXTS.values():
            await server.emit("said", text)
            answer = await ask(port, f"{session(sid)}&j=0")
            answered.append((answer.body, text))
    return dict(zip(TEXTS, await asyncio.to_thread(_run, answered), strict=True))


def _run(answered: list[tuple[str, str]]) -> list[str]:
    """Run each response as a page would, and compare what it hands on with what was sent."""
    told = subprocess.run(
        [program(), "-e", SCRIPT],
        input=msgspec.json.encode(answered),
        capture_output=True,
        check=True,
    )
    return msgspec.json.decode(told.stdout, type=list[str])


if __name__ == "__main__":
    tell(__file__, observe)
