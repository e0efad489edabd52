"""What aiohttp's server answers to a text frame without a mask."""

from __future__ import annotations

from aiohttp import web

from docs.upstream.asking import HOST, OPENING, PATIENCE_S, request
from docs.upstream.telling import tell
from lab.handshakes.link import dial

UNMASKED = b"\x81\x02hi"


async def observe() -> str:
    """The first frame that comes back, in hexadecimal."""
    app = web.Application()
    app.router.add_get("/socket.io/", _echo)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        async with dial(HOST, runner.addresses[0][1]) as line:
            line.send(request("", headers=OPENING))
            await line.response(PATIENCE_S)
            line.send(UNMASKED)
            await line.until(lambda: len(line.unread) >= 4, PATIENCE_S)
            return line.unread[:4].hex(" ")
    finally:
        await runner.cleanup()


async def _echo(asked: web.Request) -> web.WebSocketResponse:
    line = web.WebSocketResponse()
    await line.prepare(asked)
    async for message in line:
        await line.send_str(message.data)
    return line


if __name__ == "__main__":
    tell(__file__, observe)
