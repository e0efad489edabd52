"""Which of the server's own handlers a client can run by an event of their name."""

from __future__ import annotations

from typing import Any

from docs.upstream.asking import enter, post, python_socketio
from docs.upstream.telling import tell


async def observe() -> list[str]:
    """The handlers that ran although nobody connected or left."""
    ran: list[str] = []
    async with python_socketio(async_handlers=False) as (server, port):
        sid = await enter(port)

        def connected(_sid: str, environ: dict[str, Any], *_: object) -> None:
            ran.append(f"connect, with REMOTE_ADDR {environ['REMOTE_ADDR']}")

        def disconnected(_sid: str, reason: str) -> None:
            ran.append(f"disconnect, for the reason {reason}")

        server.on("connect", connected)
        server.on("disconnect", disconnected)
        await post(port, sid, '42["connect",{"REMOTE_ADDR":"forged"}]')
        await post(port, sid, '42["disconnect","forged"]')
        server.handlers["/"].clear()  # the end of this experiment is no event of it
    return ran


if __name__ == "__main__":
    tell(__file__, observe)
